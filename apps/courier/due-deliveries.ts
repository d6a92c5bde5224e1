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
  const returned = select(
    `SELECT DISTINCT mail FROM {entries}
      WHERE cause = 'host-away' AND held = 0 AND state = 'deferred' AND domain NOT IN (SELECT value FROM json_each(:closed))
      ORDER BY mail LIMIT :limit`,
    { closed: JSON.stringify([...away, ...probe]), limit },
  )
  const probes = probe.flatMap((domain) =>
    select(
      `SELECT mail FROM {entries} WHERE cause = 'host-away' AND held = 0 AND state = 'deferred' AND domain = :domain LIMIT 1`,
      { domain },
    ),
  )
  return [...new Set([...probes, ...due, ...returned])]
}
