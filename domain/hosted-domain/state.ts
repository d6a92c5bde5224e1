import type { Sealed } from '../kernel/sealed.ts'
import type { AddressBook } from './address-book.ts'
import type { Instant } from '../kernel/instant.ts'
import type { DkimKey } from './dkim.ts'
import type { DomainSettings } from './events.ts'
import type { SrsKey } from './srs-keys.ts'

export interface HostedDomain {
  readonly name: string
  readonly settings: DomainSettings
  readonly mailboxHostPassword: Sealed | null
  /** Its accounts are subscribed to the archive where they don't say themselves. */
  readonly archives: boolean
  readonly addresses: AddressBook
  readonly sync: DirectorySync
  /** In the order they were made. */
  readonly dkim: readonly DkimKey[]
  /** Oldest first. */
  readonly srsKeys: readonly SrsKey[]
}

/** Where the copy of the domain's LDAP directory stands. */
export interface DirectorySync {
  /** Somebody waits for one. */
  readonly requested: { readonly acceptRemovals: boolean } | null
  /** A node is at it, unless that has passed. */
  readonly leaseUntil: Instant | null
  readonly nextAt: Instant | null
}

export const noSync: DirectorySync = { requested: null, leaseUntil: null, nextAt: null }

/** null: not hosted, or no longer. */
export type HostedDomainState = HostedDomain | null

export const defaultDomainSettings: DomainSettings = {
  mailboxHost: 'maildir',
  threshold: null,
  allowListGuard: true,
  subAddressDelimiter: '+',
  postmaster: null,
  recipientSource: 'own',
  sendingQuota: null,
  spoofing: 'reject',
  sendingAddresses: [],
}

export const MAXIMUM_ADDRESSES = 200_000
export const MAXIMUM_MEMBERS = 5_000
/** One event must stay far below the log's 1 MiB. */
export const MAXIMUM_MEMBERS_LENGTH = 250_000
