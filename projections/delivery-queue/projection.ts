import { idOf, put, remove, set } from '#domain/kernel/projection'
import type { Change, Projected, Projection, RowReader, Table } from '#domain/kernel/projection'
import type { Instant } from '#domain/kernel/instant'
import { domainOf } from '#domain/message/mailbox'
import type { Deferral, Flow, MailEvent, Route } from '#domain/mail/events'

/**
 * What the courier owes, one row per mail and recipient, gone with its outcome, and what waits for an administrator's word (state
 * `undeliverable`). Due now: `held = 0 AND dueAt <= :now`.
 * A list pages by (mail, recipient).
 */
export type QueueRow = {
  readonly mail: string
  /** The mailbox, or the address itself where it is relayed. */
  readonly recipient: string
  readonly domain: string
  /** As given. */
  readonly address: string
  readonly route: Route
  readonly flow: Flow
  readonly state: 'pending' | 'deferred' | 'undeliverable'
  /** Attempts made so far. */
  readonly attempt: number
  /** When the next attempt is due; null while candidates wait for their verdict, and for what is undeliverable. */
  readonly dueAt: Instant | null
  /** Why it is deferred. `host-away`: due as soon as the host is back, and given up at `dueAt`. */
  readonly cause: Deferral | null
  /** The mailbox it goes to instead of the recipient's; `domain` is then that one's. */
  readonly redirectedTo: string | null
  readonly held: 0 | 1
  /** JSON: {code, enhancedCode, text} of the last attempt. */
  readonly lastReply: string | null
  readonly host: string | null
  readonly reversePath: string | null
  readonly subject: string | null
  readonly size: number
  readonly contentHash: string
  readonly acceptedAt: Instant
  /** When delivery became owed: cleared or released. Expiry counts from here. */
  readonly queuedAt: Instant | null
}

/** Deliveries that a node works on now, or was working on when it died: what ended has no row. */
export type ClaimRow = {
  readonly mail: string
  readonly recipient: string
  readonly node: string
  /** When it was claimed, or prolonged. */
  readonly at: Instant
  /** Until then nobody else may. */
  readonly until: Instant
}

type QueueEvent = Extract<
  MailEvent,
  {
    readonly type:
      | 'Accepted'
      | 'Cleared'
      | 'Discarded'
      | 'QuarantineExpired'
      | 'Delivered'
      | 'Deferred'
      | 'Bounced'
      | 'Undeliverable'
      | 'Redirected'
      | 'QueueExpired'
      | 'DeliveryHeld'
      | 'DeliveryUnheld'
      | 'RetryRequested'
      | 'DeliveryClaimed'
  }
>

const columns = {
  mail: 'text',
  recipient: 'text',
  domain: 'text',
  address: 'text',
  route: 'text',
  flow: 'text',
  state: 'text',
  attempt: 'integer',
  dueAt: 'integer',
  cause: 'text',
  redirectedTo: 'text',
  held: 'integer',
  lastReply: 'text',
  host: 'text',
  reversePath: 'text',
  subject: 'text',
  size: 'integer',
  contentHash: 'text',
  acceptedAt: 'integer',
  queuedAt: 'integer',
} as const satisfies Table['columns']

export const deliveryQueue: Projection<QueueEvent> = {
  name: 'delivery-queue',
  version: 3,
  tables: [
    {
      name: 'entries',
      key: ['mail', 'recipient'],
      columns,
      indexes: [
        ['held', 'dueAt'],
        ['domain', 'dueAt'],
        ['cause', 'domain'],
        ['state', 'mail'],
      ],
    },
    /** Accepted or held, not (yet) for the courier. */
    { name: 'candidates', key: ['mail', 'recipient'], columns },
    {
      name: 'claims',
      key: ['mail', 'recipient'],
      columns: { mail: 'text', recipient: 'text', node: 'text', at: 'integer', until: 'integer' },
    },
  ],
  types: [
    'Accepted',
    'Cleared',
    'Discarded',
    'QuarantineExpired',
    'Delivered',
    'Deferred',
    'Bounced',
    'Undeliverable',
    'Redirected',
    'QueueExpired',
    'DeliveryHeld',
    'DeliveryUnheld',
    'RetryRequested',
    'DeliveryClaimed',
  ],
  project,
}

function project(event: Projected<QueueEvent>, rows: RowReader): readonly Change[] {
  const mail = idOf(event.stream)
  switch (event.type) {
    case 'Accepted':
      return event.data.recipients.map(({ address, mailbox, route }) =>
        put('candidates', {
          mail,
          recipient: mailbox,
          domain: domainOf(mailbox),
          address,
          route,
          flow: event.data.flow,
          state: 'pending',
          attempt: 0,
          dueAt: null,
          cause: null,
          redirectedTo: null,
          held: 0,
          lastReply: null,
          host: null,
          reversePath: event.data.reversePath,
          subject: event.data.subject,
          size: event.data.size,
          contentHash: event.data.contentHash,
          acceptedAt: event.data.acceptedAt,
          queuedAt: null,
        } satisfies QueueRow),
      )
    case 'Cleared': {
      const key = [mail, event.data.recipient]
      const candidate = rows.get('candidates', key)
      if (candidate === undefined) return []
      const owed = { ...candidate, dueAt: event.data.at, queuedAt: event.data.at }
      return [put('entries', owed), remove('candidates', key)]
    }
    case 'Deferred': {
      const { recipient, host, reply, attempt, dueAt, cause } = event.data
      return [
        set('entries', [mail, recipient], {
          state: 'deferred',
          attempt,
          dueAt,
          cause,
          host,
          lastReply: JSON.stringify(reply),
        }),
        remove('claims', [mail, recipient]),
      ]
    }
    case 'Undeliverable': {
      const { recipient, host, reply, attempt } = event.data
      return [
        set('entries', [mail, recipient], {
          state: 'undeliverable',
          attempt,
          dueAt: null,
          cause: null,
          held: 0,
          host,
          lastReply: JSON.stringify(reply),
        }),
        remove('claims', [mail, recipient]),
      ]
    }
    case 'Redirected': {
      const { recipient, to, at } = event.data
      return [
        set('entries', [mail, recipient], {
          state: 'pending',
          redirectedTo: to,
          domain: domainOf(to),
          dueAt: at,
          queuedAt: at,
        }),
        remove('claims', [mail, recipient]),
      ]
    }
    case 'DeliveryClaimed': {
      const { recipients, node, leaseUntil } = event.data
      return recipients.map((recipient) =>
        put('claims', { mail, recipient, node, at: event.occurredAt, until: leaseUntil } satisfies ClaimRow),
      )
    }
    case 'DeliveryHeld':
      return [set('entries', [mail, event.data.recipient], { held: 1 })]
    case 'DeliveryUnheld':
      return [set('entries', [mail, event.data.recipient], { held: 0 })]
    case 'RetryRequested':
      return retried([mail, event.data.recipient], event.data.dueAt, rows)
    case 'Discarded':
    case 'QuarantineExpired':
    case 'Delivered':
    case 'Bounced':
    case 'QueueExpired': {
      const key = [mail, event.data.recipient]
      return [remove('entries', key), remove('candidates', key), remove('claims', key)]
    }
  }
}

function retried(key: readonly [string, string], dueAt: Instant, rows: RowReader): readonly Change[] {
  const undeliverable = rows.get('entries', key)?.['state'] === 'undeliverable'
  return [set('entries', key, undeliverable ? { state: 'deferred', dueAt, queuedAt: dueAt } : { dueAt })]
}
