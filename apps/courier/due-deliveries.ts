import type { Instant } from '#domain/kernel/instant'
import type { Claimant } from '#infra/event-log/lease'
import type { ViewReader } from '#infra/views/port'
import { DOMAINS_WAITING } from '#projections/delivery-queue/waiting-for-hosts'

export interface AwayDomains {
  readonly away: readonly string[]
  readonly probe: readonly string[]
}

/**
 * Mails with a delivery to try now, from the delivery-queue view: those whose time has come, oldest first; those that wait for their host,
 * unless it is known to be away; one for each host that may be back; and what a node had claimed that died.
 */
export const dueDeliveries = (
  views: Pick<ViewReader, 'select'>,
  now: Instant,
  limit: number,
  { away, probe }: AwayDomains,
  { node, since }: Claimant,
): string[] => {
  const select = (sql: string, parameters: Record<string, string | number>): string[] =>
    views.select<{ mail: string }>('delivery-queue', sql, parameters).map(({ mail }) => mail)
  // A first attempt is the reaction group's; here is what a due time waits for.
  const due = select(
    `SELECT DISTINCT mail FROM {entries} e WHERE route = 'mailbox' AND held = 0 AND state = 'deferred' AND dueAt <= :now AND ${UNCLAIMED} ORDER BY dueAt LIMIT :limit`,
    { now, limit, node },
  )
  const left = select(LEFT, { now, limit, node, since })
  const waiting = views
    .select<{ domain: string }>('delivery-queue', DOMAINS_WAITING, {})
    .map(({ domain }) => domain)
    .filter((domain) => !away.includes(domain))
  const returned = waiting.flatMap((domain) =>
    select(WAITING, { domain, now, node, limit: probe.includes(domain) ? 1 : limit }),
  )
  return [...new Set([...due, ...left, ...returned])]
}

const UNCLAIMED = `NOT EXISTS (
    SELECT 1 FROM {claims} c WHERE c.mail = e.mail AND c.recipient = e.recipient AND c.node <> :node AND c.until > :now
  )`

const WAITING = `SELECT DISTINCT mail FROM {entries} e
  WHERE cause = 'host-away' AND domain = :domain AND held = 0 AND +state = 'deferred' AND ${UNCLAIMED} LIMIT :limit`

/** Claimed at the first attempt, which the reaction group has its answer for. */
const LEFT = `SELECT DISTINCT e.mail FROM {claims} c JOIN {entries} e ON e.mail = c.mail AND e.recipient = c.recipient
  WHERE (c.until <= :now OR (c.node = :node AND c.at < :since)) AND e.route = 'mailbox' AND e.state = 'pending' AND e.held = 0 LIMIT :limit`
