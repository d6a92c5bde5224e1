import { z } from 'zod'
import { eventType, unchanged, type EventOf } from '../kernel/event-type.ts'
import { instant } from '../kernel/instant.ts'
import { sealed } from '../kernel/sealed.ts'
import { sendingQuota } from '../account/sending-quota.ts'
import { address } from '../message/mailbox.ts'
import { origin, recipientSource } from './recipient-source.ts'

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
  /** Who says which addresses exist beside those in its address book. */
  recipientSource,
  /** What its users may send in a day where their account says nothing; null: the policy's. */
  sendingQuota: sendingQuota.nullable(),
  /** What is done with a submission whose header From is not its submitter's: refused, its From rewritten, or only recorded. */
  spoofing: z.enum(['reject', 'rewrite', 'record']),
  /** Our own addresses from which its mail is relayed, in turn; none: the machine chooses. */
  sendingAddresses: z.array(z.union([z.ipv4(), z.ipv6()])).max(32),
})
export type DomainSettings = z.output<typeof domainSettings>

/** An upcast that fills in what an earlier version did not say. */
const filled = (added: object) => (data: unknown) => ({ ...(data as object), ...added })

/** `name`: lower-case A-labels. */
export const DomainAdded = eventType('DomainAdded', domainSettings.extend({ name: z.string() }), {
  version: 3,
  upcasts: {
    1: filled({ recipientSource: 'own' }),
    2: filled({ sendingQuota: null, spoofing: 'reject', sendingAddresses: [] }),
  },
})
export const DomainChanged = eventType('DomainChanged', domainSettings.partial(), {
  version: 3,
  upcasts: { 1: unchanged, 2: unchanged },
})
export const DomainRemoved = eventType('DomainRemoved', z.object({}))

/** Said to the mailbox hosts whose route names a user, sealed for `mailbox-host:<domain>`; null: there is none any more. */
export const MailboxHostPasswordSet = eventType('MailboxHostPasswordSet', z.object({ password: sealed.nullable() }))

/** Whether its accounts are subscribed to the archive where they don't say themselves. */
export const ArchiveDefaultSet = eventType('ArchiveDefaultSet', z.object({ subscribed: z.boolean() }))

/** `address` is an account of its own. Claimed before the account's first event, so that two can't be made. */
export const AddressClaimed = eventType('AddressClaimed', z.object({ address, source: origin }), {
  version: 2,
  upcasts: { 1: filled({ source: 'own' }) },
})
export const AddressReleased = eventType('AddressReleased', z.object({ address }))

/** `account` may be in another hosted domain. */
export const AliasAdded = eventType('AliasAdded', z.object({ address, account: address, source: origin }), {
  version: 2,
  upcasts: { 1: filled({ source: 'own' }) },
})
export const AliasRemoved = eventType('AliasRemoved', z.object({ address }))

/** Members are addresses of hosted domains (accounts, aliases, groups) and, where policy lets them, outside ones. */
export const GroupDefined = eventType(
  'GroupDefined',
  z.object({ address, displayName: z.string().max(200), members: z.array(address).max(5_000), source: origin }),
  { version: 2, upcasts: { 1: filled({ source: 'own' }) } },
)
export const GroupRemoved = eventType('GroupRemoved', z.object({ address }))

/** Somebody asks for a full sync now. `acceptRemovals`: also when more accounts vanish than policy lets vanish unasked. */
export const DirectorySyncRequested = eventType('DirectorySyncRequested', z.object({ acceptRemovals: z.boolean() }))
/** One node works on it until `leaseUntil`; after that another may. */
export const DirectorySyncStarted = eventType('DirectorySyncStarted', z.object({ leaseUntil: instant }))
const directoryCounts = z.object({ accounts: z.number(), aliases: z.number(), groups: z.number() })
/** `found`: what the directory has of this domain; the other counts: what was done. `left`: addresses that belong to something made here. */
const directorySynced = z.object({
  found: directoryCounts,
  created: directoryCounts,
  removed: directoryCounts,
  changed: z.number(),
  left: z.number(),
})
export type DirectorySyncedCounts = z.output<typeof directorySynced>
export const DirectorySynced = eventType('DirectorySynced', directorySynced.extend({ nextAt: instant }))
/** `reason`: a sentence. Nothing, or not everything, was done. */
export const DirectorySyncFailed = eventType(
  'DirectorySyncFailed',
  z.object({ reason: z.string().max(1_000), nextAt: instant }),
)

export const dkimAlgorithm = z.enum(['rsa-sha256', 'ed25519-sha256'])
export type DkimAlgorithm = z.output<typeof dkimAlgorithm>

const SELECTOR = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/
/** One label in lower case: what RFC 6376 3.1 lets be more is never made here. */
export const isSelector = (text: string): boolean => SELECTOR.test(text)
const selector = z.string().regex(SELECTOR)

/** A key pair for signing the domain's mail. `publicKey`: base64 as in `p=`. `privateKey`: PKCS #8 in PEM, sealed for `dkim-key:<domain>:<selector>`. */
export const DkimKeyAdded = eventType(
  'DkimKeyAdded',
  z.object({ selector, algorithm: dkimAlgorithm, publicKey: z.base64().max(2_000), privateKey: sealed, at: instant }),
)
/** From now on these sign, each instead of the one that signed with its algorithm. `published`: their records were seen in the DNS. */
export const DkimSigningStarted = eventType(
  'DkimSigningStarted',
  z.object({
    selectors: z.array(selector).min(1).max(16),
    because: z.enum(['published', 'administrator', 'demo']),
    at: instant,
  }),
)
/** It never signs again; its record may go. */
export const DkimKeyRetired = eventType('DkimKeyRetired', z.object({ selector, at: instant }))

/** A key that return addresses of forwarded mail are signed with from now on (see srs-keys.ts), sealed for `srs-key:<domain>:<id>`. */
export const SrsKeyAdded = eventType('SrsKeyAdded', z.object({ id: z.string().max(64), key: sealed, at: instant }))

export const hostedDomainEventTypes = [
  DomainAdded,
  DomainChanged,
  DomainRemoved,
  MailboxHostPasswordSet,
  ArchiveDefaultSet,
  AddressClaimed,
  AddressReleased,
  AliasAdded,
  AliasRemoved,
  GroupDefined,
  GroupRemoved,
  DirectorySyncRequested,
  DirectorySyncStarted,
  DirectorySynced,
  DirectorySyncFailed,
  DkimKeyAdded,
  DkimSigningStarted,
  DkimKeyRetired,
  SrsKeyAdded,
] as const
export type HostedDomainEvent = EventOf<typeof hostedDomainEventTypes>

export const domainStream = (name: string): `domain-${string}` => `domain-${name.toLowerCase()}`
