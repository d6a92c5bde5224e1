import { DAY, type Instant } from '../kernel/instant.ts'
import type { ArchivedCopy } from './copy.ts'

/** In days; null: for ever. */
export type Retention = number | null

/** What policy said from then on. */
export interface PolicyRetention {
  readonly since: Instant
  readonly days: Retention
}

/** What the account said from then on; `policy`: nothing of its own. */
export interface OwnRetention {
  readonly since: Instant
  readonly days: Retention | 'policy'
}

/** The stamp of a copy that became due while this retention was in force. */
export const stampOf = (dueAt: Instant, days: Retention): Instant | null => (days === null ? null : dueAt + days * DAY)

/**
 * Until when a copy is kept: its stamp, or longer where any retention that was in force since it became due says so. Shorter ones say nothing
 * about it. Both lists oldest first. null: for ever.
 */
export const retainedUntil = (
  { dueAt, retainUntil }: Pick<ArchivedCopy, 'dueAt' | 'retainUntil'>,
  own: readonly OwnRetention[],
  policy: readonly PolicyRetention[],
): Instant | null => {
  let until = retainUntil
  const changes = [...own, ...policy].map(({ since }) => since).filter((since) => since >= dueAt)
  for (const at of changes) {
    if (until === null) return null
    const stamp = stampOf(dueAt, inForce(own, policy, at))
    until = stamp === null ? null : Math.max(until, stamp)
  }
  return until
}

const inForce = (own: readonly OwnRetention[], policy: readonly PolicyRetention[], at: Instant): Retention => {
  const mine = own.findLast(({ since }) => since <= at)
  if (mine !== undefined && mine.days !== 'policy') return mine.days
  return policy.findLast(({ since }) => since <= at)?.days ?? null
}
