import { DAY, type Instant } from '../kernel/instant.ts'
import { domainOf, localPartOf, type Address } from './mailbox.ts'
import { parseAddress } from './parse-address.ts'

/*
 * The Sender Rewriting Scheme (S. Hansen, M. Wong: "SRS: The Sender Rewriting Scheme"; forms as libsrs2 writes them): what is forwarded goes out from
 * an address of ours that its bounces come back to, and that says whose they are.
 *
 *   SRS0=HHHH=TT=host=local@ours     local@host sent it
 *   SRS0=HHHH=TT==mail-id@ours       where that would be no address, or one of more than 64 octets before the @: who sent that mail
 *   SRS1=HHHH=host=...@ours          it came from SRS0...@host, another forwarder: its bounces go straight there
 */

/** How long a return address holds. */
const VALID_DAYS = 21
/** Clocks differ. */
const AHEAD_DAYS = 1

/** Makes the keyed hash of a text, in lower case. */
export type Sign = (text: string) => string
/** Whether a hash, whatever its case, is one of that text. */
export type Check = (text: string, hash: string) => boolean

export interface Rewritten {
  /** Not of a domain of ours. */
  readonly reversePath: Address
  readonly domain: string
  readonly mail: string
  readonly now: Instant
}

/** The reverse-path of a mail that somebody of `domain` forwards. */
export const rewrite = ({ reversePath, domain, mail, now }: Rewritten, sign: Sign): Address => {
  const day = stamp(now)
  const own = `${inSrs1(reversePath, sign) ?? inSrs0(reversePath, day, sign)}@${domain}`
  return parseAddress(own) === own ? own : `SRS0=${sign(referring(day, mail))}=${day}==${mail}@${domain}`
}

const inSrs0 = (sender: Address, day: string, sign: Sign): string => {
  const [host, local] = [domainOf(sender), localPartOf(sender)]
  return `SRS0=${sign(saying(day, host, local))}=${day}=${host}=${local}`
}

/** null: it comes from no forwarder. */
const inSrs1 = (sender: Address, sign: Sign): string | null => {
  const first = /^SRS0([=+-].+)$/is.exec(localPartOf(sender))
  const further = /^SRS1[=+-][^=]+=([^=]+)=([=+-].+)$/is.exec(localPartOf(sender))
  const [host, rest] = first === null ? [further?.[1], further?.[2]] : [domainOf(sender), first[1]]
  return host === undefined || rest === undefined ? null : `SRS1=${sign(passing(host, rest))}=${host}=${rest}`
}

export type Returned =
  | { readonly is: 'address'; readonly address: Address }
  /** Of the mail with this id, as it was accepted. */
  | { readonly is: 'sender-of'; readonly mail: string }
  | { readonly is: 'forged' }
  | { readonly is: 'expired' }

/** Whose bounces come to an address of ours; null: it is no return address. `check` is of the keys that hold. */
export const whoseReturn = (address: Address, now: Instant, check: Check): Returned | null => {
  const local = localPartOf(address)
  const further = /^SRS1[=+-]([^=]+)=([^=]+)=([=+-].+)$/is.exec(local)
  if (further !== null) {
    const [, hash = '', host = '', rest = ''] = further
    return check(passing(host, rest), hash) ? returnTo(`SRS0${rest}@${host}`) : { is: 'forged' }
  }
  const first = /^SRS0[=+-]([^=]+)=([a-z2-7]{2})=([^=]*)=(.+)$/is.exec(local)
  if (first === null) return /^SRS[01][=+-]/i.test(local) ? { is: 'forged' } : null
  const [, hash = '', given = '', host = '', who = ''] = first
  const day = given.toUpperCase()
  if (!check(host === '' ? referring(day, who) : saying(day, host, who), hash)) return { is: 'forged' }
  if (!isValid(day, now)) return { is: 'expired' }
  return host === '' ? { is: 'sender-of', mail: who.toUpperCase() } : returnTo(`${who}@${host}`)
}

const returnTo = (address: Address): Returned => ({ is: 'address', address })

/** What is signed: one text for one address, whatever case it comes back in. */
const saying = (day: string, host: string, local: string): string => text('srs0', day, host, local)
const referring = (day: string, mail: string): string => text('srs0', day, '', mail)
const passing = (host: string, rest: string): string => text('srs1', host, rest)
const text = (...parts: readonly string[]): string => parts.join('\n').toLowerCase()

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
const ROUND = 32 * 32

/** The day, in two digits: round once in 1,024 days, when no key is left from then. */
const stamp = (now: Instant): string => {
  const day = Math.floor(now / DAY) % ROUND
  return `${DIGITS[Math.floor(day / 32)]}${DIGITS[day % 32]}`
}

const isValid = (given: string, now: Instant): boolean => {
  const day = DIGITS.indexOf(given[0] ?? '') * 32 + DIGITS.indexOf(given[1] ?? '')
  const age = (Math.floor(now / DAY) - day + ROUND) % ROUND
  return age <= VALID_DAYS || age >= ROUND - AHEAD_DAYS
}
