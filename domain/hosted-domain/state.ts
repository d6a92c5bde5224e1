import type { AddressBook } from './address-book.ts'
import type { DomainSettings } from './events.ts'

export interface HostedDomain {
  readonly name: string
  readonly settings: DomainSettings
  readonly addresses: AddressBook
}

/** null: not hosted, or no longer. */
export type HostedDomainState = HostedDomain | null

export const defaultDomainSettings: DomainSettings = {
  mailboxHost: 'maildir',
  threshold: null,
  allowListGuard: true,
  subAddressDelimiter: '+',
  postmaster: null,
}

export const MAXIMUM_ADDRESSES = 200_000
export const MAXIMUM_MEMBERS = 5_000
/** One event must stay far below the log's 1 MiB. */
export const MAXIMUM_MEMBERS_LENGTH = 250_000
