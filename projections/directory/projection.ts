import { idOf, put, remove, set } from '#domain/kernel/projection'
import type { Change, Projected, Projection, RowReader } from '#domain/kernel/projection'
import { domainOf } from '#domain/message/mailbox'
import type { AccountEvent, Role } from '#domain/account/events'
import type { Instant } from '#domain/kernel/instant'
import type { Origin, RecipientSource } from '#domain/hosted-domain/recipient-source'
import type { HostedDomainEvent } from '#domain/hosted-domain/events'
import { directoryTables } from './tables.ts'
import type { AccountRow, AddressRow, DomainRow, GroupRow, RoleRow } from './tables.ts'

type DirectoryEvent =
  | Exclude<
      HostedDomainEvent,
      {
        readonly type:
          | 'MailboxHostPasswordSet'
          | 'ArchiveDefaultSet'
          | 'DkimKeyAdded'
          | 'DkimSigningStarted'
          | 'DkimKeyRetired'
          | 'SrsKeyAdded'
      }
    >
  | Extract<
      AccountEvent,
      {
        readonly type:
          | 'AccountCreated'
          | 'AccountChanged'
          | 'AccountDeleted'
          | 'PasswordSet'
          | 'RolesChanged'
          | 'AccountSuspended'
          | 'AccountReinstated'
          | 'SendAsGranted'
          | 'SendAsRevoked'
          | 'ForwardingSet'
      }
    >

/** Domains, accounts, aliases, groups and roles: who is who, and where an address leads (see resolve.ts). */
export const directory: Projection<DirectoryEvent> = {
  name: 'directory',
  version: 4,
  tables: directoryTables,
  types: [
    'DomainAdded',
    'DomainChanged',
    'DomainRemoved',
    'AddressClaimed',
    'AddressReleased',
    'AliasAdded',
    'AliasRemoved',
    'GroupDefined',
    'GroupRemoved',
    'DirectorySyncRequested',
    'DirectorySyncStarted',
    'DirectorySynced',
    'DirectorySyncFailed',
    'AccountCreated',
    'AccountChanged',
    'AccountDeleted',
    'PasswordSet',
    'RolesChanged',
    'AccountSuspended',
    'AccountReinstated',
    'SendAsGranted',
    'SendAsRevoked',
    'ForwardingSet',
  ],
  project,
}

function project(event: Projected<DirectoryEvent>, rows: RowReader): readonly Change[] {
  const name = idOf(event.stream)
  switch (event.type) {
    case 'DomainAdded': {
      const { mailboxHost, threshold, allowListGuard, subAddressDelimiter, postmaster, recipientSource } = event.data
      return [
        put('domains', {
          name,
          mailboxHost,
          threshold,
          allowListGuard: allowListGuard ? 1 : 0,
          subAddressDelimiter,
          postmaster,
          addedAt: event.occurredAt,
          ...sourceChange(recipientSource, event.occurredAt),
          syncedAt: null,
          syncResult: null,
        } satisfies DomainRow),
      ]
    }
    case 'DomainChanged': {
      const { allowListGuard, mailboxHost, threshold, subAddressDelimiter, postmaster, recipientSource } = event.data
      return [
        set(
          'domains',
          [name],
          given({
            mailboxHost,
            threshold,
            subAddressDelimiter,
            postmaster,
            allowListGuard: allowListGuard === undefined ? undefined : allowListGuard ? 1 : 0,
            ...(recipientSource === undefined ? {} : sourceChange(recipientSource, event.occurredAt)),
          }),
        ),
      ]
    }
    case 'DomainRemoved':
      return [remove('domains', [name])]
    case 'AddressClaimed':
      return [put('addresses', addressRow(event.data, 'account', event.data.address, name))]
    case 'AliasAdded':
      return [put('addresses', addressRow(event.data, 'alias', event.data.account, name))]
    case 'GroupDefined': {
      const group: GroupRow = {
        address: event.data.address.toLowerCase(),
        domain: name,
        displayName: event.data.displayName,
        members: JSON.stringify(event.data.members.map((member) => member.toLowerCase())),
      }
      return [put('addresses', addressRow(event.data, 'group', event.data.address, name)), put('groups', group)]
    }
    case 'AddressReleased':
    case 'AliasRemoved':
      return [remove('addresses', [event.data.address.toLowerCase()])]
    case 'GroupRemoved': {
      const address = event.data.address.toLowerCase()
      return [remove('addresses', [address]), remove('groups', [address])]
    }
    case 'DirectorySyncRequested':
      return [set('domains', [name], { syncDueAt: event.occurredAt })]
    case 'DirectorySyncStarted':
      return [set('domains', [name], { syncLeaseUntil: event.data.leaseUntil })]
    case 'DirectorySynced': {
      const { nextAt, ...result } = event.data
      return [
        set('domains', [name], {
          syncDueAt: nextAt,
          syncLeaseUntil: null,
          syncedAt: event.occurredAt,
          syncResult: JSON.stringify(result),
          syncProblem: null,
        }),
      ]
    }
    case 'DirectorySyncFailed':
      return [
        set('domains', [name], {
          syncDueAt: event.data.nextAt,
          syncLeaseUntil: null,
          syncProblem: event.data.reason,
        }),
      ]
    case 'AccountCreated': {
      const { displayName, timeZone, language, quota, roles, source } = event.data
      const account: AccountRow = {
        address: name,
        domain: domainOf(name),
        displayName,
        timeZone,
        language,
        mailsPerDay: quota?.mailsPerDay ?? null,
        recipientsPerDay: quota?.recipientsPerDay ?? null,
        roles: JSON.stringify(roles),
        createdAt: event.occurredAt,
        passwordSetAt: null,
        source,
        suspended: 0,
        sendAs: '[]',
        forwarding: null,
      }
      return [put('accounts', account), ...roleChanges(name, [], roles, rows)]
    }
    case 'AccountChanged': {
      const { displayName, timeZone, language, quota } = event.data
      return [
        set('accounts', [name], {
          ...given({ displayName, timeZone, language }),
          ...(quota === undefined
            ? {}
            : { mailsPerDay: quota?.mailsPerDay ?? null, recipientsPerDay: quota?.recipientsPerDay ?? null }),
        }),
      ]
    }
    case 'PasswordSet':
      return [set('accounts', [name], { passwordSetAt: event.occurredAt })]
    case 'RolesChanged':
      return [
        set('accounts', [name], { roles: JSON.stringify(event.data.roles) }),
        ...roleChanges(name, rolesOf(name, rows), event.data.roles, rows),
      ]
    case 'AccountSuspended':
      return [set('accounts', [name], { suspended: 1 })]
    case 'AccountReinstated':
      return [set('accounts', [name], { suspended: 0 })]
    case 'SendAsGranted':
      return sendAsChange(name, rows, (granted) => [...granted, event.data.address].toSorted())
    case 'SendAsRevoked':
      return sendAsChange(name, rows, (granted) => granted.filter((address) => address !== event.data.address))
    case 'ForwardingSet': {
      const { forwarding } = event.data
      return [set('accounts', [name], { forwarding: forwarding === null ? null : JSON.stringify(forwarding) })]
    }
    case 'AccountDeleted':
      return [remove('accounts', [name]), ...roleChanges(name, rolesOf(name, rows), [], rows)]
  }
}

/** Without the columns that were not given. */
const given = (values: Readonly<Record<string, string | number | null | undefined>>) =>
  Object.fromEntries(
    Object.entries(values).filter((entry): entry is [string, string | number | null] => entry[1] !== undefined),
  )

const addressRow = (
  { address, source }: { readonly address: string; readonly source: Origin },
  kind: AddressRow['kind'],
  target: string,
  domain: string,
): AddressRow => ({
  address: address.toLowerCase(),
  given: address,
  domain,
  kind,
  target: target.toLowerCase(),
  source,
})

/** A copy of a directory that is new, or another one, is due at once. */
const sourceChange = (source: RecipientSource, at: Instant) =>
  ({
    recipientSource: typeof source === 'string' ? source : source.kind,
    syncDueAt: typeof source === 'string' ? null : at,
    syncLeaseUntil: null,
    syncProblem: null,
  }) as const

function sendAsChange(
  account: string,
  rows: RowReader,
  change: (granted: readonly string[]) => readonly string[],
): readonly Change[] {
  const granted = JSON.parse(String(rows.get('accounts', [account])?.['sendAs'] ?? '[]')) as string[]
  return [set('accounts', [account], { sendAs: JSON.stringify(change(granted)) })]
}

const rolesOf = (account: string, rows: RowReader): readonly Role[] =>
  JSON.parse(String(rows.get('accounts', [account])?.['roles'] ?? '[]')) as Role[]

function roleChanges(account: string, before: readonly Role[], after: readonly Role[], rows: RowReader): Change[] {
  const changed = [...new Set([...before, ...after])].filter((role) => before.includes(role) !== after.includes(role))
  return changed
    .filter((role) => role !== 'user')
    .map((role) => {
      const members = JSON.parse(String(rows.get('roles', [role])?.['members'] ?? '[]')) as string[]
      const without = members.filter((member) => member !== account)
      const now = after.includes(role) ? [...without, account].sort() : without
      return put('roles', { role, members: JSON.stringify(now) } satisfies RoleRow)
    })
}
