import type { Forwarding } from '#domain/account/forwarding'
import type { SendingQuota } from '#domain/account/sending-quota'
import type { Origin } from '#domain/hosted-domain/recipient-source'
import type { Instant } from '#domain/kernel/instant'
import type { Table } from '#domain/kernel/projection'

export type DomainRow = {
  readonly name: string
  readonly mailboxHost: string
  /** null: the policy's. */
  readonly threshold: number | null
  readonly allowListGuard: 0 | 1
  readonly subAddressDelimiter: string
  readonly postmaster: string | null
  readonly addedAt: Instant
  readonly recipientSource: 'own' | 'rcpt' | 'ldap'
  /** When the copy of its LDAP directory is to be made again; null: there is none. */
  readonly syncDueAt: Instant | null
  /** A node is at it until then. */
  readonly syncLeaseUntil: Instant | null
  readonly syncedAt: Instant | null
  /** JSON: what the last copy found and did. */
  readonly syncResult: string | null
  /** Why the last one could not be made. */
  readonly syncProblem: string | null
}

/** Every address of a hosted domain, in lower case, and whose it is. */
export type AddressRow = {
  readonly address: string
  /** As it was claimed. */
  readonly given: string
  readonly domain: string
  readonly kind: 'account' | 'alias' | 'group'
  /** The account (lower case); a group's own address. */
  readonly target: string
  readonly source: Origin
}

export type GroupRow = {
  readonly address: string
  readonly domain: string
  readonly displayName: string
  /** JSON: addresses in lower case. */
  readonly members: string
}

export type AccountRow = {
  readonly address: string
  readonly domain: string
  readonly displayName: string
  readonly timeZone: string
  readonly language: string
  /** null: the policy's. */
  readonly mailsPerDay: number | null
  readonly recipientsPerDay: number | null
  /** JSON: [role]. */
  readonly roles: string
  readonly createdAt: Instant
  readonly passwordSetAt: Instant | null
  readonly source: Origin
  readonly suspended: 0 | 1
  /** JSON: addresses beside its own that it may send as, sorted. */
  readonly sendAs: string
  /** JSON: {to, keepCopy}; null: its mail stays in its mailbox. */
  readonly forwarding: string | null
}

/** Who has a role (`user` is not kept: everyone has it). `members` is JSON: account addresses, sorted. */
export type RoleRow = { readonly role: string; readonly members: string }

/** What an account may send in a day by itself; null: its domain's, else the policy's. */
export const quotaOfRow = ({
  mailsPerDay,
  recipientsPerDay,
}: Pick<AccountRow, 'mailsPerDay' | 'recipientsPerDay'>): SendingQuota | null =>
  mailsPerDay === null || recipientsPerDay === null ? null : { mailsPerDay, recipientsPerDay }

/** Where its mail goes on to; null: nowhere. */
export const forwardingOfRow = ({ forwarding }: Pick<AccountRow, 'forwarding'>): Forwarding | null =>
  forwarding === null ? null : (JSON.parse(forwarding) as Forwarding)

export const directoryTables: readonly Table[] = [
  {
    name: 'domains',
    key: ['name'],
    columns: {
      name: 'text',
      mailboxHost: 'text',
      threshold: 'real',
      allowListGuard: 'integer',
      subAddressDelimiter: 'text',
      postmaster: 'text',
      addedAt: 'integer',
      recipientSource: 'text',
      syncDueAt: 'integer',
      syncLeaseUntil: 'integer',
      syncedAt: 'integer',
      syncResult: 'text',
      syncProblem: 'text',
    },
  },
  {
    name: 'addresses',
    key: ['address'],
    columns: { address: 'text', given: 'text', domain: 'text', kind: 'text', target: 'text', source: 'text' },
    indexes: [
      ['domain', 'address'],
      ['target', 'address'],
    ],
  },
  {
    name: 'groups',
    key: ['address'],
    columns: { address: 'text', domain: 'text', displayName: 'text', members: 'text' },
    indexes: [['domain', 'address']],
  },
  {
    name: 'accounts',
    key: ['address'],
    columns: {
      address: 'text',
      domain: 'text',
      displayName: 'text',
      timeZone: 'text',
      language: 'text',
      mailsPerDay: 'integer',
      recipientsPerDay: 'integer',
      roles: 'text',
      createdAt: 'integer',
      passwordSetAt: 'integer',
      source: 'text',
      suspended: 'integer',
      sendAs: 'text',
      forwarding: 'text',
    },
    indexes: [
      ['domain', 'address'],
      ['suspended', 'address'],
    ],
  },
  { name: 'roles', key: ['role'], columns: { role: 'text', members: 'text' } },
]
