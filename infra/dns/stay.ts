import { isTemporary, type DnsOutcome } from './port.ts'

/** Longest stay of an answer in a cache, ms: a day; of none being there three hours (RFC 2308 5); of a failure that may pass. */
const STAY = { longest: 86_400_000, negative: 10_800_000, temporary: 5_000 }

/** How long an answer may be kept, ms. `ttlSeconds` 0: for who asks now, and no longer (RFC 1035 3.2.1). */
export const stayOf = (outcome: DnsOutcome, ttlSeconds: number): number => {
  if (isTemporary(outcome)) return STAY.temporary
  return Math.min(outcome === 'ok' ? STAY.longest : STAY.negative, ttlSeconds * 1_000)
}
