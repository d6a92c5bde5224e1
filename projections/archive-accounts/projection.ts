import type { AccountEvent } from '#domain/account/events'
import type { ArchiveEvent } from '#domain/archive/events'
import { DAY } from '#domain/kernel/instant'
import { add, idOf, put, remove, set } from '#domain/kernel/projection'
import type { Change, Projected, Projection, RowReader } from '#domain/kernel/projection'
import type { MailEvent } from '#domain/mail/events'
import { domainOf } from '#domain/message/mailbox'
import { archiveAccountsTables, type ArchiveAccountRow, type HoldRow } from './tables.ts'

type CountedEvent =
  | ArchiveEvent
  | Extract<MailEvent, { readonly type: 'Archived' }>
  | Extract<AccountEvent, { readonly type: 'AccountDeleted' }>

/** Who is subscribed, what is held, how much each account has and how fast that grows. */
export const archiveAccounts: Projection<CountedEvent> = {
  name: 'archive-accounts',
  version: 1,
  tables: archiveAccountsTables,
  types: [
    'Subscribed',
    'Unsubscribed',
    'SubscriptionReverted',
    'ArchiveQuotaSet',
    'ArchiveQuotaReverted',
    'RetentionSet',
    'RetentionReverted',
    'HoldPlaced',
    'HoldLifted',
    'Purged',
    'Archived',
    'AccountDeleted',
  ],
  project,
}

function project(event: Projected<CountedEvent>, rows: RowReader): readonly Change[] {
  const address = event.type === 'Archived' ? event.data.account : idOf(event.stream)
  const day = Math.floor(event.occurredAt / DAY)
  const changed = (values: Partial<ArchiveAccountRow>): Change =>
    put('accounts', { ...accountRow(address, rows), ...values })
  const { holds, copies, usedBytes } = accountRow(address, rows)
  switch (event.type) {
    case 'Subscribed':
      return [changed({ subscribed: 1 })]
    case 'Unsubscribed':
      return [changed({ subscribed: 0 })]
    case 'SubscriptionReverted':
      return [changed({ subscribed: null })]
    case 'ArchiveQuotaSet':
      return [changed({ ownQuota: 1, quotaBytes: event.data.bytes })]
    case 'ArchiveQuotaReverted':
      return [changed({ ownQuota: 0, quotaBytes: null })]
    case 'RetentionSet':
      return [changed({ ownRetention: 1, retentionDays: event.data.days })]
    case 'RetentionReverted':
      return [changed({ ownRetention: 0, retentionDays: null })]
    case 'HoldPlaced': {
      const { hold, name, from, until, query, reason, by, at } = event.data
      const row: HoldRow = { address, hold, name, from, until, query, reason, placedBy: by, at }
      return [changed({ holds: holds + 1 }), put('holds', row)]
    }
    case 'HoldLifted':
      return [changed({ holds: holds - 1 }), remove('holds', [address, event.data.hold])]
    case 'Archived': {
      const { size } = event.data
      return [
        changed({ copies: copies + 1, usedBytes: usedBytes + size }),
        add('growth', [address, day], { copies: 1, bytes: size }),
      ]
    }
    case 'Purged': {
      const bytes = event.data.copies.reduce((sum, { size }) => sum + size, 0)
      return [
        changed({ copies: copies - event.data.copies.length, usedBytes: usedBytes - bytes }),
        add('growth', [address, day], { purgedBytes: bytes }),
      ]
    }
    case 'AccountDeleted':
      return rows.get('accounts', [address]) === undefined
        ? []
        : [set('accounts', [address], { formerUntil: event.occurredAt })]
  }
}

const accountRow = (address: string, rows: RowReader): ArchiveAccountRow =>
  (rows.get('accounts', [address]) as ArchiveAccountRow | undefined) ?? {
    address,
    domain: domainOf(address),
    subscribed: null,
    ownQuota: 0,
    quotaBytes: null,
    ownRetention: 0,
    retentionDays: null,
    holds: 0,
    copies: 0,
    usedBytes: 0,
    formerUntil: null,
  }
