import type { Address } from '../message/mailbox.ts'
import type { DomainSettings } from './events.ts'

/** Commands of a hosted domain and its address book. Who may is the route's: an administrator, for addresses and groups also its own. */
export type HostedDomainCommand =
  /** Settings not given get their defaults. */
  | { readonly kind: 'add-domain'; readonly name: string; readonly settings: Partial<DomainSettings> }
  | { readonly kind: 'change-domain'; readonly changes: Partial<DomainSettings> }
  /** Only when it has no address. */
  | { readonly kind: 'remove-domain' }
  /** Before the account's first event. */
  | { readonly kind: 'claim-address'; readonly address: Address }
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
    }
  | { readonly kind: 'remove-group'; readonly address: Address }
