import type { DnsOutcome } from './port.ts'

/** Longest and shortest stay of an answer in a cache, ms. */
const STAY = { longest: 300_000, shortest: 1_000, negative: 60_000, temporary: 5_000 }

/** How long an answer is kept, ms. `ttlSeconds` null: the answer didn't say. */
export const stayOf = (outcome: DnsOutcome, ttlSeconds: number | null): number => {
  if (outcome === 'nxdomain' || outcome === 'nodata' || outcome === 'error') return STAY.negative
  if (outcome !== 'ok') return STAY.temporary
  return ttlSeconds === null ? STAY.longest : Math.min(STAY.longest, Math.max(STAY.shortest, ttlSeconds * 1_000))
}
