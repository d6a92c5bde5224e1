import { z } from 'zod'
import { eventType, type EventOf } from '../kernel/event-type.ts'
import { address } from '../message/mailbox.ts'

/*
 * Events of a hosted domain, stream `domain-<name>`: its settings and its address book. Which account, alias or group an address
 * belongs to is decided here and nowhere else: one address, one owner.
 * THESE NAMES AND SHAPES ARE THE STORAGE FORMAT.
 */

export const domainSettings = z.object({
  /** Where its mailboxes are, see mailbox-route.ts. */
  mailboxHost: z.string().max(500),
  /** Score at or over which a mail is quarantined; null: the policy's. */
  threshold: z.number().min(0.1).max(1_000).nullable(),
  /** The guard of allow entries (design.md §1.4). */
  allowListGuard: z.boolean(),
  /** Character that begins a sub-address, '' for none. */
  subAddressDelimiter: z.string().max(1),
  /** The account that gets postmaster@ when no address of that name exists; null: the administrators. */
  postmaster: address.nullable(),
})
export type DomainSettings = z.output<typeof domainSettings>

/** `name`: lower-case A-labels. */
export const DomainAdded = eventType('DomainAdded', domainSettings.extend({ name: z.string() }))
export const DomainChanged = eventType('DomainChanged', domainSettings.partial())
export const DomainRemoved = eventType('DomainRemoved', z.object({}))

/** `address` is an account of its own. Claimed before the account's first event, so that two can't be made. */
export const AddressClaimed = eventType('AddressClaimed', z.object({ address }))
export const AddressReleased = eventType('AddressReleased', z.object({ address }))

/** `account` may be in another hosted domain. */
export const AliasAdded = eventType('AliasAdded', z.object({ address, account: address }))
export const AliasRemoved = eventType('AliasRemoved', z.object({ address }))

/** Members are addresses of hosted domains (accounts, aliases, groups); outside ones once relaying exists. */
export const GroupDefined = eventType(
  'GroupDefined',
  z.object({ address, displayName: z.string().max(200), members: z.array(address).max(5_000) }),
)
export const GroupRemoved = eventType('GroupRemoved', z.object({ address }))

export const hostedDomainEventTypes = [
  DomainAdded,
  DomainChanged,
  DomainRemoved,
  AddressClaimed,
  AddressReleased,
  AliasAdded,
  AliasRemoved,
  GroupDefined,
  GroupRemoved,
] as const
export type HostedDomainEvent = EventOf<typeof hostedDomainEventTypes>

export const domainStream = (name: string): `domain-${string}` => `domain-${name.toLowerCase()}`
