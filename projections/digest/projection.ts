import { idOf, put, remove, set } from '#domain/kernel/projection'
import type { Change, Projected, Projection, RowReader } from '#domain/kernel/projection'
import type { AccountEvent } from '#domain/account/events'
import type { DigestEvent } from '#domain/digest/events'
import type { Instant } from '#domain/kernel/instant'
import type { MailboxEvent } from '#domain/mailbox/events'
import { domainOf } from '#domain/message/mailbox'

/** An account, and since when its next digest is owed. Due: the last time its wishes name is later than `since`. */
export type DigestAccountRow = {
  readonly address: string
  readonly domain: string
  readonly timeZone: string
  /** JSON; null: as the domain, or policy, says. */
  readonly wishes: string | null
  /** The end of the last window, or the later time at which zone or wishes changed. */
  readonly since: Instant
  readonly closedAt: Instant | null
  /** Position of the last held mail a digest looked at. */
  readonly through: string | null
}

/** What a domain says for accounts that say nothing. */
export type DigestDefaultRow = { readonly domain: string; readonly wishes: string | null; readonly since: Instant }

type Read =
  | Extract<AccountEvent, { readonly type: 'AccountCreated' | 'AccountChanged' | 'AccountDeleted' }>
  | Extract<MailboxEvent, { readonly type: 'DigestWishesSet' }>
  | Extract<DigestEvent, { readonly type: 'DigestWindowClosed' }>

/** Whose digest is due when. What a digest tells comes from other views. */
export const digest: Projection<Read> = {
  name: 'digest',
  version: 1,
  tables: [
    {
      name: 'accounts',
      key: ['address'],
      columns: {
        address: 'text',
        domain: 'text',
        timeZone: 'text',
        wishes: 'text',
        since: 'integer',
        closedAt: 'integer',
        through: 'text',
      },
      indexes: [['domain', 'timeZone', 'wishes', 'since']],
    },
    {
      name: 'defaults',
      key: ['domain'],
      columns: { domain: 'text', wishes: 'text', since: 'integer' },
    },
    /** Wishes of addresses that have no account, or none yet: they hold when it comes. */
    {
      name: 'wishes',
      key: ['address'],
      columns: { address: 'text', wishes: 'text' },
    },
  ],
  types: ['AccountCreated', 'AccountChanged', 'AccountDeleted', 'DigestWishesSet', 'DigestWindowClosed'],
  project,
}

function project(event: Projected<Read>, rows: RowReader): readonly Change[] {
  const address = idOf(event.stream)
  const since = event.occurredAt
  switch (event.type) {
    case 'AccountCreated': {
      const { timeZone } = event.data
      const wishes = (rows.get('wishes', [address])?.['wishes'] as string | null | undefined) ?? null
      const domain = domainOf(address)
      return [put('accounts', { address, domain, timeZone, wishes, since, closedAt: null, through: null })]
    }
    case 'AccountChanged': {
      const { timeZone } = event.data
      const before = rows.get('accounts', [address])?.['timeZone']
      return timeZone === undefined || timeZone === before ? [] : [set('accounts', [address], { timeZone, since })]
    }
    case 'AccountDeleted':
      return [remove('accounts', [address])]
    case 'DigestWishesSet': {
      const wishes = event.data.wishes === null ? null : JSON.stringify(event.data.wishes)
      if (address.startsWith('@')) return [put('defaults', { domain: address.slice(1), wishes, since })]
      return [put('wishes', { address, wishes }), set('accounts', [address], { wishes, since })]
    }
    case 'DigestWindowClosed':
      return [set('accounts', [address], { since, closedAt: event.data.to, through: event.data.through })]
  }
}
