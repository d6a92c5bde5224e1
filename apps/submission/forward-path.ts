import { domainOf, type Address } from '#domain/message/mailbox'
import { parseAddress } from '#domain/message/parse-address'

export type ForwardPath =
  | { readonly kind: 'address'; readonly address: Address }
  /** Nobody is sent mail by the address of a machine. */
  | { readonly kind: 'literal' }
  | { readonly kind: 'malformed' }

/** A path as the queue keeps it: the local part as given, the domain in lower-case A-labels. `postmaster` alone is ours (RFC 5321 4.5.1). */
export const forwardPath = (given: string): ForwardPath => {
  if (given.toLowerCase() === 'postmaster') return { kind: 'address', address: 'postmaster' }
  if (domainOf(given).startsWith('[')) return { kind: 'literal' }
  const address = parseAddress(given)
  return address === null ? { kind: 'malformed' } : { kind: 'address', address }
}
