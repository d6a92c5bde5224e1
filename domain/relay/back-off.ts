import { MINUTE, SECOND, type Instant } from '../kernel/instant.ts'

/** How a destination (or one of its hosts) fares: failures in a row, and until when it is left alone. */
export interface BackOff {
  readonly failures: number
  readonly until: Instant
}

export const faresWell: BackOff = { failures: 0, until: 0 }

const PAUSES = [5 * SECOND, 15 * SECOND, 30 * SECOND, MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE]
const LONGEST = PAUSES.at(-1) ?? 0
/** After so many failures in a row it counts as away, and mail does not wait for it at the head of the queue any more. */
const AWAY_AFTER = 3

/** One more failure; several at the same time (connections that end together) are one. */
export const failedAt = (before: BackOff, now: Instant): BackOff =>
  stillRests(before, now)
    ? before
    : {
        failures: before.failures + 1,
        until: now + (PAUSES[Math.min(before.failures, PAUSES.length - 1)] ?? LONGEST),
      }

/**
 * `open`: as it pleases. `probe`: one may look whether it is back. `rests`: it will be looked at in a moment, mail waits for it.
 * `away`: mail for it is deferred unseen.
 */
export const stateOf = (backOff: BackOff, now: Instant): 'open' | 'probe' | 'rests' | 'away' => {
  if (backOff.failures === 0) return 'open'
  if (!stillRests(backOff, now)) return 'probe'
  return backOff.failures >= AWAY_AFTER ? 'away' : 'rests'
}

/** A clock that was put back must not make it rest for ever. */
const stillRests = ({ failures, until }: BackOff, now: Instant): boolean =>
  failures > 0 && now < until && until - now <= LONGEST
