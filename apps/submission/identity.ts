import { maySendAs, type AddressLookup } from '#domain/account/identities'
import type { Account } from '#domain/account/state'
import { mailboxKey, type Address } from '#domain/message/mailbox'

/** Who sends, and as whom they may. */
export interface Identity {
  readonly address: Address
  readonly account: Account
  owns(address: Address): boolean
}

export const identityOf = (account: Account, lookup: AddressLookup): Identity => ({
  address: mailboxKey(account.address),
  account,
  owns: (address) => maySendAs(account, address, lookup),
})
