import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { mailboxKey, type Address } from '#domain/message/mailbox'

/*
 * Tokens that programs and browsers send: `mk1.<account, base64url>.<256 random bits, base64url>`. The account is in it so that the account's
 * own stream can be asked: a session just opened works at once, one just closed never again, whatever any view has read. Only the
 * SHA-256 of the whole is ever stored.
 */
const PATTERN = /^mk1\.([A-Za-z0-9_-]{4,430})\.([A-Za-z0-9_-]{43})$/

export const newBearer = (address: Address): string =>
  `mk1.${Buffer.from(mailboxKey(address)).toString('base64url')}.${randomBytes(32).toString('base64url')}`

export const bearerHash = (bearer: string): string => createHash('sha256').update(bearer).digest('hex')

/** Whose it claims to be; null when it has not the form. */
export const claimedAccount = (bearer: string): Address | null => {
  const encoded = PATTERN.exec(bearer)?.[1]
  return encoded === undefined ? null : mailboxKey(Buffer.from(encoded, 'base64url').toString('utf8'))
}

export const sameHash = (one: string, other: string): boolean =>
  one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other))
