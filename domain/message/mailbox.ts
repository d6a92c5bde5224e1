import { z } from 'zod'

/**
 * A mail address `local@domain` as one string: the local part keeps its case (RFC 5321 2.4), the domain is lower-case,
 * internationalised domains are in their A-label form wherever an address is a key.
 */
export const address = z.string().min(3).max(320)
export type Address = z.output<typeof address>

/** The part after the last `@`, or '' where there is none. */
export const domainOf = (a: Address): string => a.slice(a.lastIndexOf('@') + 1)

/** The part before the last `@`. */
export const localPartOf = (a: Address): string => a.slice(0, Math.max(0, a.lastIndexOf('@')))

/** The key under which a hosted mailbox is known: everything in lower case (NFC beyond ASCII). `Ann@Example.ORG` and `ann@example.org` are one mailbox. */
export const mailboxKey = (a: Address): Address => a.toLowerCase().normalize('NFC')

/** Without the sub-address: `ann+lists@example.org` is `ann@example.org`. */
export const withoutDetail = (a: Address, delimiter = '+'): Address => {
  const local = localPartOf(a)
  const at = local.indexOf(delimiter)
  return at > 0 ? `${local.slice(0, at)}@${domainOf(a)}` : a
}
