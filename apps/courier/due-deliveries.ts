import type { Instant } from '#domain/kernel/instant'
import type { ViewReader } from '#infra/views/port'

export interface AwayDomains {
  readonly away: readonly string[]
  readonly probe: readonly string[]
}

/**
 * Mails with a delivery to try now, from the delivery-queue view: those whose time has come, oldest first; those that wait for their host,
 * unless it is known to be away; one for each host that may be back.
 */
export const dueDeliveries = (
  views: Pick<ViewReader, 'select'>,
  now: Instant,
  limit: number,
  { away, probe }: AwayDomains,
): string[] => {
  const select = (sql: string, parameters: Record<string, string | number>): string[] =>
    views.select<{ mail: string }>('delivery-queue', sql, parameters).map(({ mail }) => mail)
  // A first attempt is the reaction group's; here is what a due time waits for.
  const due = select(
    `SELECT DISTINCT mail FROM {entries} WHERE held = 0 AND state = 'deferred' AND dueAt <= :now ORDER BY dueAt LIMIT :limit`,
    { now, limit },
  )
  const waiting = views
    .select<{ domain: string }>('delivery-queue', DOMAINS_WAITING, {})
    .map(({ domain }) => domain)
    .filter((domain) => !away.includes(domain))
  const returned = waiting.flatMap((domain) => select(WAITING, { domain, limit: probe.includes(domain) ? 1 : limit }))
  return [...new Set([...due, ...returned])]
}

/** From one domain to the next by the index: what it costs goes by the number of domains, not by how many mails wait. */
const DOMAINS_WAITING = `WITH RECURSIVE waiting(domain) AS (
    SELECT min(domain) FROM {entries} WHERE cause = 'host-away'
    UNION ALL
    SELECT (SELECT min(domain) FROM {entries} WHERE cause = 'host-away' AND domain > waiting.domain) FROM waiting WHERE domain IS NOT NULL
  )
  SELECT domain FROM waiting WHERE domain IS NOT NULL`

const WAITING = `SELECT DISTINCT mail FROM {entries}
  WHERE cause = 'host-away' AND domain = :domain AND held = 0 AND +state = 'deferred' LIMIT :limit`
