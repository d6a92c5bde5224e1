/**
 * Domains whose mail waits for their mailbox host, as SQL over the view: from one to the next by the index, so that what it costs goes by the number of
 * domains, not by how many mails wait.
 */
export const DOMAINS_WAITING = `WITH RECURSIVE waiting(domain) AS (
    SELECT min(domain) FROM {entries} WHERE cause = 'host-away'
    UNION ALL
    SELECT (SELECT min(domain) FROM {entries} WHERE cause = 'host-away' AND domain > waiting.domain) FROM waiting WHERE domain IS NOT NULL
  )
  SELECT domain FROM waiting WHERE domain IS NOT NULL`
