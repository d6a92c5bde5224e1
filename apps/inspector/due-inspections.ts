import type { Instant } from '#domain/kernel/instant'
import type { Claimant } from '#infra/event-log/lease'
import type { ViewReader } from '#infra/views/port'

/** Mails whose inspection is due, from the inspection-queue view: those that wait for their scanner, oldest first, and those of a node that died. */
export const dueInspections = (
  views: Pick<ViewReader, 'select'>,
  now: Instant,
  limit: number,
  { node, since }: Claimant,
): string[] => {
  const select = (sql: string, parameters: Record<string, string | number>): string[] =>
    views.select<{ mail: string }>('inspection-queue', sql, parameters).map(({ mail }) => mail)
  return [...new Set([...select(WAITING, { now, node, limit }), ...select(LEFT, { now, node, since, limit })])]
}

/** What was never tried is the reaction group's; here is what a due time waits for. */
const WAITING = `SELECT mail FROM {mails} m WHERE attempt > 0 AND dueAt <= :now
  AND NOT EXISTS (SELECT 1 FROM {claims} c WHERE c.mail = m.mail AND c.node <> :node AND c.until > :now)
  ORDER BY dueAt, mail LIMIT :limit`

/** The reaction group has its answer for them. */
const LEFT = `SELECT mail FROM {claims} WHERE until <= :now OR (node = :node AND at < :since) LIMIT :limit`
