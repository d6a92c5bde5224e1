import type { Sealed } from '../kernel/sealed.ts'
import type { DkimCommand } from './dkim.ts'
import type { Address } from '../message/mailbox.ts'
import type { Instant } from '../kernel/instant.ts'
import type { DomainSettings, DirectorySyncedCounts } from './events.ts'
import type { AddSrsKey } from './srs-keys.ts'
import type { Origin } from './recipient-source.ts'

/** Commands of a hosted domain and its address book. Who may is the route's: an administrator, for addresses and groups also its own. */
export type HostedDomainCommand =
  /** Settings not given get their defaults. */
  | { readonly kind: 'add-domain'; readonly name: string; readonly settings: Partial<DomainSettings> }
  | { readonly kind: 'change-domain'; readonly changes: Partial<DomainSettings> }
  | { readonly kind: 'set-mailbox-host-password'; readonly password: Sealed | null }
  | { readonly kind: 'set-archive-default'; readonly subscribed: boolean }
  /** Only when it has no address. */
  | { readonly kind: 'remove-domain' }
  /** Before the account's first event. */
  | { readonly kind: 'claim-address'; readonly address: Address; readonly source?: Origin }
  /** After the account's last event; its aliases in this domain go with it. */
  | { readonly kind: 'release-address'; readonly address: Address }
  | { readonly kind: 'add-alias'; readonly address: Address; readonly account: Address }
  | { readonly kind: 'remove-alias'; readonly address: Address }
  /** Makes it or changes it. Who joins exists in a hosted domain: here it is decided for this domain, for others who asks has looked. */
  | {
      readonly kind: 'define-group'
      readonly address: Address
      readonly displayName: string
      readonly members: readonly Address[]
      /** `ldap`: who is in it is the directory's word alone. */
      readonly source?: Origin
    }
  | { readonly kind: 'remove-group'; readonly address: Address }
  /** Addresses that the LDAP directory has, at most `MOST_ADOPTED`: those that are free, or copied from there before. The others stay whose they are. */
  | {
      readonly kind: 'adopt-addresses'
      readonly accounts: readonly Address[]
      readonly aliases: readonly { readonly address: Address; readonly account: Address }[]
    }
  /** Addresses that it has no longer: only what was copied from there goes. */
  | { readonly kind: 'withdraw-addresses'; readonly addresses: readonly Address[] }
  | { readonly kind: 'request-sync'; readonly acceptRemovals: boolean }
  /** Only one node works on it at a time. */
  | { readonly kind: 'start-sync'; readonly now: Instant; readonly leaseUntil: Instant }
  | { readonly kind: 'finish-sync'; readonly done: DirectorySyncedCounts; readonly nextAt: Instant }
  | { readonly kind: 'fail-sync'; readonly reason: string; readonly nextAt: Instant }
  | DkimCommand
  | AddSrsKey
