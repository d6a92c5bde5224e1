import { createHmac, randomInt, timingSafeEqual } from 'node:crypto'
import type { AppPassword } from '#domain/account/state'
import { mailboxKey, type Address } from '#domain/message/mailbox'
import type { SecretKey } from '#infra/config/secret-key'

/** No letter that is taken for a digit: what is read from a screen is typed into a phone. */
const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567'
const LENGTH = 24
const GROUP = 4

/** 120 random bits as `abcd-efgh-ijkl-mnop-qrst-uvwx`. */
export const newAppPassword = (): string =>
  Array.from({ length: LENGTH }, (_, at) => `${at > 0 && at % GROUP === 0 ? '-' : ''}${ALPHABET[randomInt(32)]}`).join(
    '',
  )

/** Without what people put between the groups, in lower case; null: it can't be an app password. */
export const typedAppPassword = (typed: string): string | null => {
  if (typed.length > 2 * LENGTH) return null
  const plain = typed.replaceAll(/[\s-]/g, '').toLowerCase()
  return /^[a-z2-7]{24}$/.test(plain) ? plain : null
}

/**
 * Hashes of app passwords. They are random and long, so that nothing slow is needed; the key makes them of no use to who only has the log, and
 * the account in them keeps one from holding for another.
 */
export class AppPasswords {
  readonly #key: Buffer

  constructor(secrets: Pick<SecretKey, 'derive'>) {
    this.#key = secrets.derive('app-passwords:1')
  }

  hash(address: Address, password: string): string {
    const plain = typedAppPassword(password)
    if (plain === null) throw new RangeError('this is not in the form of an app password')
    return createHmac('sha256', this.#key)
      .update(`${mailboxKey(address)}\n${plain}`)
      .digest('hex')
  }

  /** The one that was typed. One HMAC however many there are; all of them are compared. */
  find(address: Address, password: string, issued: readonly AppPassword[]): AppPassword | null {
    if (typedAppPassword(password) === null) return null
    const given = Buffer.from(this.hash(address, password), 'hex')
    return issued.filter(({ hash }) => timingSafeEqual(Buffer.from(hash, 'hex'), given))[0] ?? null
  }
}
