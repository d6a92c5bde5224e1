import { idOf, put, remove, set } from '#domain/kernel/projection'
import type { Change, Projected, Projection, Row, RowReader, Table } from '#domain/kernel/projection'
import type { Instant } from '#domain/kernel/instant'
import { domainOf } from '#domain/message/mailbox'
import { wantsToKnow } from '#domain/mail/notifications'
import { BY_SUSPENSION } from '#domain/mail/suspension'
import type { Deferral, Flow, MailEvent, Route } from '#domain/mail/events'
import { counted, destinations } from './destinations.ts'

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
  /** When a person asked to have it tried at once; null: nobody did since its last attempt. */
  readonly askedAt: Instant | null
  /** The mailbox it goes to instead of the recipient's; `domain` is then that one's. */
  readonly redirectedTo: string | null
  readonly held: 0 | 1
  /** Who held it last, `suspension` for that of its account; null: nobody did, or what was held for the suspension was released with it. */
  readonly heldBy: string | null
  /** Its submitter is to be told when it is late, and has not been yet. */
  readonly delayOwed: 0 | 1
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
  /** Who submitted it; null for what came from elsewhere. */
  readonly account: string | null
  /** Whose turn it takes: who forwards it, else the account that submitted it, else the reverse-path, else ''. */
  readonly sender: string
  /** Of the newest event that changed when it is due: what is relayed is found by it. */
  readonly position: string
  readonly revision: number
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
      | 'DelayReported'
      | 'Forwarded'
      | 'ForwardingFailed'
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
  askedAt: 'integer',
  redirectedTo: 'text',
  held: 'integer',
  heldBy: 'text',
  delayOwed: 'integer',
  lastReply: 'text',
  host: 'text',
  reversePath: 'text',
  subject: 'text',
  size: 'integer',
  contentHash: 'text',
  acceptedAt: 'integer',
  queuedAt: 'integer',
  account: 'text',
  sender: 'text',
  position: 'text',
  revision: 'integer',
} as const satisfies Table['columns']

export const deliveryQueue: Projection<QueueEvent> = {
  name: 'delivery-queue',
  version: 5,
  tables: [
    {
      name: 'entries',
      key: ['mail', 'recipient'],
      columns,
      indexes: [
        ['route', 'held', 'dueAt'],
        ['route', 'position'],
        ['domain', 'sender', 'dueAt'],
        ['domain', 'held', 'dueAt'],
        ['domain', 'state', 'queuedAt'],
        ['domain', 'mail'],
        ['cause', 'domain'],
        ['state', 'mail'],
        ['delayOwed', 'state', 'queuedAt'],
        ['account', 'held'],
      ],
    },
    destinations,
    /** Accepted or held, or gone on to somewhere else: not (yet) for the courier. */
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
    'DelayReported',
    'Forwarded',
    'ForwardingFailed',
  ],
  project,
}

function project(event: Projected<QueueEvent>, rows: RowReader): readonly Change[] {
  const mail = idOf(event.stream)
  const seen = { position: event.position, revision: event.revision }
  const changed = (recipient: string, values: Partial<QueueRow>): readonly Change[] =>
    entryChanged(event, [mail, recipient], values, rows)
  switch (event.type) {
    case 'Accepted':
      return event.data.recipients.map(({ address, mailbox, route, ...given }) =>
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
          askedAt: null,
          redirectedTo: null,
          held: 0,
          heldBy: null,
          delayOwed: event.data.flow === 'submission' && wantsToKnow(given, 'DELAY') ? 1 : 0,
          lastReply: null,
          host: null,
          reversePath: event.data.reversePath,
          subject: event.data.subject,
          size: event.data.size,
          contentHash: event.data.contentHash,
          acceptedAt: event.data.acceptedAt,
          queuedAt: null,
          account: event.data.account,
          sender: event.data.account ?? event.data.reversePath ?? '',
          ...seen,
        } satisfies QueueRow),
      )
    case 'Cleared':
    case 'ForwardingFailed': {
      const key = [mail, event.data.recipient]
      const candidate = rows.get('candidates', key) as QueueRow | undefined
      if (candidate === undefined) return []
      const owed = { ...candidate, dueAt: event.data.at, queuedAt: event.data.at, ...seen }
      return [put('entries', owed), remove('candidates', key), ...counted(event, [], [owed], rows)]
    }
    case 'Forwarded':
      return forwarded(mail, event, rows)
    case 'Deferred': {
      const { recipient, host, reply, attempt, dueAt, cause } = event.data
      const lastReply = JSON.stringify(reply)
      return [
        ...changed(recipient, { state: 'deferred', attempt, dueAt, cause, askedAt: null, host, lastReply, ...seen }),
        remove('claims', [mail, recipient]),
      ]
    }
    case 'Undeliverable': {
      const { recipient, host, reply, attempt } = event.data
      return [
        ...changed(recipient, {
          state: 'undeliverable',
          attempt,
          dueAt: null,
          cause: null,
          askedAt: null,
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
        ...changed(recipient, {
          state: 'pending',
          redirectedTo: to,
          // It goes to a mailbox here, wherever it was going before.
          route: 'mailbox',
          domain: domainOf(to),
          dueAt: at,
          queuedAt: at,
          ...seen,
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
    case 'DelayReported':
      return [set('entries', [mail, event.data.recipient], { delayOwed: 0 })]
    case 'DeliveryHeld':
      return changed(event.data.recipient, { held: 1, heldBy: event.data.by })
    case 'DeliveryUnheld': {
      const { recipient, by } = event.data
      return changed(recipient, { held: 0, ...(by === BY_SUSPENSION ? { heldBy: null } : {}), ...seen })
    }
    case 'RetryRequested': {
      const { recipient, dueAt } = event.data
      const undeliverable = rows.get('entries', [mail, recipient])?.['state'] === 'undeliverable'
      const anew: Partial<QueueRow> = undeliverable ? { state: 'deferred', queuedAt: dueAt } : {}
      return changed(recipient, { dueAt, askedAt: event.occurredAt, ...seen, ...anew })
    }
    case 'Discarded':
    case 'QuarantineExpired':
    case 'Delivered':
    case 'Bounced':
    case 'QueueExpired': {
      const key = [mail, event.data.recipient]
      const before = rows.get('entries', key) as QueueRow | undefined
      return [
        remove('entries', key),
        remove('candidates', key),
        remove('claims', key),
        ...counted(event, before === undefined ? [] : [before], [], rows),
      ]
    }
  }
}

/** Copies of its entry, one for each address; its own waits for how they fare where no copy is kept. */
function forwarded(
  mail: string,
  event: Extract<Projected<QueueEvent>, { readonly type: 'Forwarded' }>,
  rows: RowReader,
): readonly Change[] {
  const { data, position, revision } = event
  const key = [mail, data.recipient]
  const own = rows.get('entries', key) as QueueRow | undefined
  if (own === undefined) return []
  const copies = data.to.map((recipient): QueueRow => ({
    ...own,
    recipient,
    domain: domainOf(recipient),
    route: 'relay',
    state: 'pending',
    attempt: 0,
    dueAt: data.at,
    cause: null,
    askedAt: null,
    held: 0,
    heldBy: null,
    delayOwed: 0,
    lastReply: null,
    host: null,
    queuedAt: data.at,
    sender: data.recipient,
    position,
    revision,
  }))
  return [
    ...copies.map((copy) => put('entries', copy)),
    ...(data.keepsCopy ? [] : [put('candidates', own), remove('entries', key)]),
    ...counted(event, data.keepsCopy ? [] : [own], copies, rows),
  ]
}

function entryChanged(
  event: Projected<QueueEvent>,
  key: readonly [mail: string, recipient: string],
  values: Partial<QueueRow>,
  rows: RowReader,
): readonly Change[] {
  const before = rows.get('entries', key) as QueueRow | undefined
  if (before === undefined) return []
  return [set('entries', key, values as Row), ...counted(event, [before], [{ ...before, ...values }], rows)]
}
