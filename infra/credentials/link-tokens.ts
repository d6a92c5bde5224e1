import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import { instant, type Instant } from '#domain/kernel/instant'
import type { SecretKey } from '#infra/config/secret-key'

/** What a link in a mail lets whoever has it do: one act, about one mail of one recipient, until it expires. */
export const linkActs = ['release', 'trust', 'block', 'spam', 'sign-in', 'unsubscribe'] as const
export type LinkAct = (typeof linkActs)[number]

export interface Link {
  readonly act: LinkAct
  /** The held mail; of the last two acts the digest's own id. */
  readonly mail: string
  /** The mailbox. */
  readonly recipient: string
  readonly expiresAt: Instant
}

/** Which keys hold: new links are made with `key`, those of any from `oldestKey` on are read. */
export interface LinkKeys {
  readonly key: number
  readonly oldestKey: number
}

export type ReadLink =
  | { readonly kind: 'link'; readonly link: Link }
  /** `link`: what it once let do. */
  | { readonly kind: 'expired'; readonly link: Link }
  /** Not ours, altered, or of a key that no longer holds. */
  | { readonly kind: 'broken' }

const content = z.tuple([z.number().int(), z.enum(linkActs), z.string().max(64), z.string().max(320), instant])
const MAC_BYTES = 32
const LONGEST = 1_000

/** Signed links (HMAC-SHA-256): `<content>.<mac>`, both base64url. Nothing has to be remembered to read one. */
export class LinkTokens {
  readonly #secrets: Pick<SecretKey, 'derive'>

  constructor(secrets: Pick<SecretKey, 'derive'>) {
    this.#secrets = secrets
  }

  sign({ act, mail, recipient, expiresAt }: Link, { key }: LinkKeys): string {
    const body = Buffer.from(JSON.stringify([key, act, mail, recipient, expiresAt])).toString('base64url')
    return `${body}.${this.#mac(key, 'link', body).toString('base64url')}`
  }

  read(token: string, { key, oldestKey }: LinkKeys, now: Instant): ReadLink {
    const [body, mac, ...rest] = token.length > LONGEST ? [] : token.split('.')
    if (body === undefined || mac === undefined || rest.length > 0) return { kind: 'broken' }
    const signed = contentOf(body)
    if (signed === null) return { kind: 'broken' }
    const [used, act, mail, recipient, expiresAt] = signed
    if (used > key || used < oldestKey || !same(this.#mac(used, 'link', body), mac)) return { kind: 'broken' }
    return { kind: now < expiresAt ? 'link' : 'expired', link: { act, mail, recipient, expiresAt } }
  }

  /** What the page behind a link carries, and a mere POST to its address does not. */
  press(token: string): string {
    return this.#mac(0, 'press', token).toString('base64url')
  }

  isPressed(token: string, given: unknown): boolean {
    return typeof given === 'string' && same(this.#mac(0, 'press', token), given)
  }

  #mac(key: number, use: string, text: string): Buffer {
    return createHmac('sha256', this.#secrets.derive(`digest-links:${use}:${key}`))
      .update(text)
      .digest()
  }
}

/** By which a link is remembered, SHA-256 in hex: what lies in the log opens nothing. */
export const linkHash = (token: string): string => createHash('sha256').update(token).digest('hex')

const same = (expected: Buffer, given: string): boolean => {
  const bytes = Buffer.from(given, 'base64url')
  // Base64url has several spellings of the same bytes: only ours is taken.
  return bytes.length === MAC_BYTES && timingSafeEqual(expected, bytes) && bytes.toString('base64url') === given
}

const contentOf = (body: string): z.output<typeof content> | null => {
  try {
    const parsed = content.safeParse(JSON.parse(Buffer.from(body, 'base64url').toString('utf8')))
    return parsed.success ? parsed.data : null
  } catch {
    return null
  }
}
