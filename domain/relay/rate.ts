import { MINUTE, SECOND, type Instant } from '../kernel/instant.ts'

/** Starts within the last minute, counted by the second: bounded whatever the rate. */
export interface Rate {
  /** Oldest first; each is a second and how many began in it. */
  readonly seconds: readonly (readonly [second: number, count: number])[]
}

export const noneYet: Rate = { seconds: [] }

const current = ({ seconds }: Rate, now: Instant): Rate['seconds'] => {
  const second = Math.floor(now / SECOND)
  // A second counts until the whole of it is over a minute ago; one that lies ahead of a clock that was put back is forgotten.
  const from = seconds.findIndex(([at]) => at > second - MINUTE / SECOND - 1)
  return from === -1 ? [] : seconds.slice(from).filter(([at]) => at <= second)
}

/** Whether one more keeps to `perMinute` (null: any number does). */
export const mayBegin = (rate: Rate, perMinute: number | null, now: Instant): boolean =>
  perMinute === null || current(rate, now).reduce((sum, [, count]) => sum + count, 0) < perMinute

export const begunAt = (rate: Rate, now: Instant): Rate => {
  const second = Math.floor(now / SECOND)
  const seconds = current(rate, now)
  const last = seconds.at(-1)
  return {
    seconds:
      last?.[0] === second ? [...seconds.slice(0, -1), [second, last[1] + 1]] : [...seconds, [second, 1] as const],
  }
}
