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
  for (const days of [...ownSince(dueAt, own, policy), ...policySince(dueAt, own, policy)]) {
    if (until === null) return null
    const stamp = stampOf(dueAt, days)
    until = stamp === null ? null : Math.max(until, stamp)
  }
  return until
}

/** What came into force with each change of the account's own. */
const ownSince = (from: Instant, own: readonly OwnRetention[], policy: readonly PolicyRetention[]): Retention[] =>
  own
    .filter(({ since }) => since >= from)
    .map(({ since, days }) =>
      days === 'policy' ? (policy.findLast((change) => change.since <= since)?.days ?? null) : days,
    )

/** What came into force with each change of policy, where the account had nothing of its own. Of changes in one millisecond all count. */
const policySince = (from: Instant, own: readonly OwnRetention[], policy: readonly PolicyRetention[]): Retention[] =>
  policy
    .filter(({ since }) => since >= from)
    .filter(
      ({ since }) =>
        saysNothing(own.findLast((change) => change.since < since)) ||
        own.some((change) => change.since === since && change.days === 'policy'),
    )
    .map(({ days }) => days)

const saysNothing = (change: OwnRetention | undefined): boolean => change === undefined || change.days === 'policy'
