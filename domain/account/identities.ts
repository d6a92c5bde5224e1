import { domainOf, mailboxKey, withoutDetail, type Address } from '../message/mailbox.ts'
import { parseAddress } from '../message/parse-address.ts'
import type { Account } from './state.ts'

/** Under which an account is known: the address in lower case, its domain in A-labels; null for what is no address. */
export const accountKey = (text: string): Address | null => {
  const parsed = parseAddress(text)
  return parsed === null ? null : mailboxKey(parsed)
}

/** What the directory says about addresses; keys are mailbox keys. */
export interface AddressLookup {
  /** Whose this very address is: for an account and its aliases `target` is the account. */
  owner(address: Address): { readonly kind: 'account' | 'alias' | 'group'; readonly target: Address } | null
  /** What divides an address from its detail in this domain, '' for nothing; null: it is not hosted here. */
  delimiter(domain: string): string | null
}

/**
 * Whether an account may send as an address (MAIL FROM, From, Sender): its own one, an alias of it, either of them with a detail (`ann+lists@`),
 * or one that it was granted. An address that belongs to somebody else exactly is theirs, whatever it is without its detail.
 * Local parts compare as mailbox keys, domains as A-labels.
 */
export const maySendAs = (
  account: Pick<Account, 'address' | 'sendAs'>,
  address: string,
  lookup: AddressLookup,
): boolean => {
  const key = accountKey(address)
  if (key === null) return false
  const own = mailboxKey(account.address)
  if (key === own || account.sendAs.includes(key)) return true
  const owner = lookup.owner(key)
  if (owner !== null) return isOwn(owner, own)
  const delimiter = lookup.delimiter(domainOf(key))
  if (delimiter === null || delimiter === '') return false
  const plain = withoutDetail(key, delimiter)
  if (plain === key) return false
  const ownerOfPlain = lookup.owner(plain)
  return plain === own || (ownerOfPlain !== null && isOwn(ownerOfPlain, own))
}

const isOwn = ({ kind, target }: NonNullable<ReturnType<AddressLookup['owner']>>, account: Address): boolean =>
  kind !== 'group' && mailboxKey(target) === account
