import { DAY, type Instant } from '../kernel/instant.ts'
import { Declined } from '../kernel/decider.ts'
import type { Sealed } from '../kernel/sealed.ts'
import { isSelector, type DkimAlgorithm, type HostedDomainEvent } from './events.ts'

/**
 * A key of a domain's mail. `waiting`: made, its record may not be in the DNS yet; `signing`: with it mail is signed; `replaced`: another
 * signs, its record has to stay for what is under way; `retired`: its record may go, the private key is forgotten.
 */
export interface DkimKey {
  readonly selector: string
  readonly algorithm: DkimAlgorithm
  /** As in `p=` of its record: base64. */
  readonly publicKey: string
  /** Sealed for `dkimKeyOf(domain, selector)`; null once it is retired. */
  readonly privateKey: Sealed | null
  readonly state: 'waiting' | 'signing' | 'replaced' | 'retired'
  readonly addedAt: Instant
  /** When it got into the state it is in. */
  readonly since: Instant
  /** Why it began to sign. */
  readonly because: 'published' | 'administrator' | 'demo' | null
}

/** How long the record of a replaced key has to stay: mail signed with it may wait in queues for days, and is verified at its end. */
export const DKIM_OVERLAP = 7 * DAY

/** The purpose a private key is sealed for. */
export const dkimKeyOf = (domain: string, selector: string): string => `dkim-key:${domain}:${selector}`

/** Keys that are not retired: two algorithms, of each one that signs, one that waits and a few that were replaced. */
const MOST_KEYS = 16
/** Retired ones that are remembered, so that no selector is used twice. */
const MOST_RETIRED = 100

export type NewDkimKey = Pick<DkimKey, 'selector' | 'algorithm' | 'publicKey'> & { readonly privateKey: Sealed }

export type DkimCommand =
  /** `ifNone`: only where the domain has no key at all (its first ones). `signing`: they sign at once, published or not. */
  | {
      readonly kind: 'add-dkim-keys'
      readonly keys: readonly NewDkimKey[]
      readonly ifNone: boolean
      readonly signing: 'administrator' | 'demo' | null
      readonly now: Instant
    }
  /** From now on these sign, each instead of the one that signed with its algorithm. `published`: seen in the DNS; then only keys that wait. */
  | {
      readonly kind: 'start-dkim-signing'
      readonly selectors: readonly string[]
      readonly because: 'published' | 'administrator' | 'demo'
      readonly now: Instant
    }
  /** `force`: also the one that signs; then nothing is signed with its algorithm any more. */
  | {
      readonly kind: 'retire-dkim-key'
      readonly selector: string
      readonly force: boolean
      readonly now: Instant
    }

type Command<Kind extends DkimCommand['kind']> = Extract<DkimCommand, { kind: Kind }>
type Answer = readonly HostedDomainEvent[] | Declined

export const decideDkim = (command: DkimCommand, keys: readonly DkimKey[]): Answer => {
  switch (command.kind) {
    case 'add-dkim-keys':
      return add(keys, command)
    case 'start-dkim-signing':
      return start(keys, command)
    case 'retire-dkim-key':
      return retire(keys, command)
  }
}

const add = (keys: readonly DkimKey[], { keys: added, ifNone, signing, now }: Command<'add-dkim-keys'>): Answer => {
  if (ifNone && keys.length > 0) return []
  const waiting = keys.filter(({ state }) => state === 'waiting')
  if (waiting.length > 0)
    return new Declined(
      'conflict',
      `${waiting.map(({ selector }) => selector).join(' and ')} wait to be published: start or retire them before new keys are made`,
    )
  if (keys.filter(({ state }) => state !== 'retired').length + added.length > MOST_KEYS)
    return new Declined('over-limit', `a domain has at most ${MOST_KEYS} DKIM keys at a time: retire old ones first`)
  for (const { selector } of added) {
    if (!isSelector(selector)) return new Declined('invalid', `"${selector.slice(0, 100)}" is no selector`)
    if (keys.some((key) => key.selector === selector))
      return new Declined('conflict', `there was a key ${selector} before: a selector is never used twice`)
  }
  const events = added.map((key): HostedDomainEvent => ({
    type: 'DkimKeyAdded',
    data: {
      selector: key.selector,
      algorithm: key.algorithm,
      publicKey: key.publicKey,
      privateKey: key.privateKey,
      at: now,
    },
  }))
  if (signing === null || added.length === 0) return events
  const selectors = added.map(({ selector }) => selector)
  return [...events, { type: 'DkimSigningStarted', data: { selectors, because: signing, at: now } }]
}

const start = (keys: readonly DkimKey[], { selectors, because, now }: Command<'start-dkim-signing'>): Answer => {
  const started: DkimKey[] = []
  for (const selector of new Set(selectors)) {
    const key = keys.find((one) => one.selector === selector)
    if (key === undefined) return unknown(selector)
    if (key.state === 'signing') continue
    if (key.privateKey === null) return new Declined('conflict', `the key ${selector} is retired`)
    // What was replaced on purpose doesn't come back because its record is still there.
    if (because === 'published' && key.state !== 'waiting') continue
    if (started.some(({ algorithm }) => algorithm === key.algorithm))
      return new Declined('invalid', `one key signs with ${key.algorithm}, not two`)
    started.push(key)
  }
  return started.length === 0
    ? []
    : [{ type: 'DkimSigningStarted', data: { selectors: started.map(({ selector }) => selector), because, at: now } }]
}

const retire = (keys: readonly DkimKey[], { selector, force, now }: Command<'retire-dkim-key'>): Answer => {
  const key = keys.find((one) => one.selector === selector)
  if (key === undefined) return unknown(selector)
  if (key.state === 'retired') return []
  if (key.state === 'signing' && !force)
    return new Declined('conflict', `mail is signed with ${selector}: let another key sign first`)
  return [{ type: 'DkimKeyRetired', data: { selector, at: now } }]
}

const unknown = (selector: string): Declined =>
  new Declined('not-found', `the domain has no DKIM key ${selector.slice(0, 100)}`)

export type DkimEvent = Extract<HostedDomainEvent, { type: 'DkimKeyAdded' | 'DkimSigningStarted' | 'DkimKeyRetired' }>

export const evolveDkim = (keys: readonly DkimKey[], event: DkimEvent): readonly DkimKey[] => {
  switch (event.type) {
    case 'DkimKeyAdded': {
      const { at, ...key } = event.data
      return [...keys, { ...key, state: 'waiting', addedAt: at, since: at, because: null }]
    }
    case 'DkimSigningStarted': {
      const { selectors, because, at } = event.data
      const algorithms = new Set(keys.flatMap((key) => (selectors.includes(key.selector) ? [key.algorithm] : [])))
      return keys.map((key): DkimKey => {
        if (selectors.includes(key.selector)) return { ...key, state: 'signing', since: at, because }
        const gives = key.state === 'signing' && algorithms.has(key.algorithm)
        return gives ? { ...key, state: 'replaced', since: at } : key
      })
    }
    case 'DkimKeyRetired': {
      const { selector, at } = event.data
      const retired = keys.map((key): DkimKey =>
        key.selector === selector ? { ...key, state: 'retired', since: at, privateKey: null } : key,
      )
      const tooMany = retired.filter(({ state }) => state === 'retired').length - MOST_RETIRED
      let gone = 0
      return retired.filter(({ state }) => state !== 'retired' || ++gone > tooMany)
    }
  }
}

/** Replaced so long ago that its record is needed no more. */
export const isOverlapOver = ({ state, since }: Pick<DkimKey, 'state' | 'since'>, now: Instant): boolean =>
  state === 'replaced' && since + DKIM_OVERLAP <= now

/** The name of its record, and what is in it (RFC 6376 3.6.1, RFC 8463 3). */
export const dkimRecord = (
  domain: string,
  { selector, algorithm, publicKey }: Pick<DkimKey, 'selector' | 'algorithm' | 'publicKey'>,
): { readonly name: string; readonly text: string } => ({
  name: `${selector}._domainkey.${domain}`,
  text: `v=DKIM1; k=${algorithm === 'rsa-sha256' ? 'rsa' : 'ed25519'}; p=${publicKey}`,
})

const LONGEST_STRING = 255

/** A TXT record's text as a zone file has it: strings of at most 255 characters in quotes (RFC 1035 3.3.14). */
export const zoneText = (text: string): string =>
  (text.match(new RegExp(`.{1,${LONGEST_STRING}}`, 'g')) ?? [''])
    .map((part) => `"${part.replaceAll(/["\\]/g, '\\$&')}"`)
    .join(' ')

/** `mk-2026-11-rsa`; when that was used before, `mk-2026-11-2-rsa`. `month`: `2026-11`. */
export const nextSelectors = (
  keys: readonly Pick<DkimKey, 'selector'>[],
  month: string,
): Readonly<Record<DkimAlgorithm, string>> => {
  const taken = new Set(keys.map(({ selector }) => selector))
  for (let count = 1; ; count++) {
    const stem = count === 1 ? `mk-${month}` : `mk-${month}-${count}`
    const names = { 'rsa-sha256': `${stem}-rsa`, 'ed25519-sha256': `${stem}-ed` }
    if (!Object.values(names).some((name) => taken.has(name))) return names
  }
}
