import { DAY, type Instant } from '../kernel/instant.ts'
import type { Sealed } from '../kernel/sealed.ts'
import type { HostedDomainEvent } from './events.ts'

/** A key that return addresses of a domain (message/srs.ts) are signed with. */
export interface SrsKey {
  readonly id: string
  /** 32 bytes in base64, sealed for `srsKeyOf(domain, id)`. */
  readonly key: Sealed
  readonly addedAt: Instant
}

/** So long the newest one signs. */
const SRS_ROTATION = 30 * DAY
/** So long what was signed with it holds after that: a return address lives for three weeks, a mail may wait in queues before it is made. */
const SRS_OVERLAP = 30 * DAY
/** Beyond these none holds any more. */
const REMEMBERED = 3

/** The purpose a key is sealed for. */
export const srsKeyOf = (domain: string, id: string): string => `srs-key:${domain}:${id}`

/** Taken only when it is time for a new one: of several that nodes make at once the first is. */
export interface AddSrsKey {
  readonly kind: 'add-srs-key'
  readonly id: string
  readonly key: Sealed
  readonly now: Instant
}

export const addSrsKey = (keys: readonly SrsKey[], { id, key, now }: AddSrsKey): readonly HostedDomainEvent[] =>
  signingKey(keys, now) === null ? [{ type: 'SrsKeyAdded', data: { id, key, at: now } }] : []

export const evolveSrsKeys = (
  keys: readonly SrsKey[],
  { data: { id, key, at } }: Extract<HostedDomainEvent, { type: 'SrsKeyAdded' }>,
): readonly SrsKey[] => [...keys, { id, key, addedAt: at }].slice(-REMEMBERED)

/** null: it is time for a new one. */
export const signingKey = (keys: readonly SrsKey[], now: Instant): SrsKey | null => {
  const newest = keys.at(-1)
  return newest === undefined || newest.addedAt + SRS_ROTATION <= now ? null : newest
}

/** Those that return addresses are checked with, newest first. */
export const holdingKeys = (keys: readonly SrsKey[], now: Instant): readonly SrsKey[] =>
  keys.filter((_, place) => now < (keys[place + 1]?.addedAt ?? now) + SRS_OVERLAP).toReversed()
