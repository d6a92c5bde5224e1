import { add, idOf, put, remove } from '#domain/kernel/projection'
import type { Change, Projected, Projection, RowReader } from '#domain/kernel/projection'
import { DAY, HOUR } from '#domain/kernel/instant'
import type { Instant } from '#domain/kernel/instant'
import type { Flow, MailEvent } from '#domain/mail/events'
import type { EdgeEvent } from '#domain/edge/events'

/** `edge`: refused before acceptance. */
type TrafficFlow = Flow | 'edge'
type TrafficOutcome =
  | 'accepted'
  | 'delivered'
  | 'deferred'
  | 'bounced'
  | 'undeliverable'
  | 'redirected'
  | 'forwarded'
  | 'expired'
  | 'released'
  | 'discarded'
  | 'quarantine-expired'
  | 'refused'
  | 'whitelisted'
  | 'quarantined-virus'
  | 'quarantined-unscannable'
  | 'quarantined-attachment'
  | 'quarantined-block-list'
  | 'quarantined-spam'

type CountedEvent =
  | Extract<
      MailEvent,
      {
        readonly type:
          | 'Accepted'
          | 'Whitelisted'
          | 'Quarantined'
          | 'Released'
          | 'Discarded'
          | 'QuarantineExpired'
          | 'Delivered'
          | 'Deferred'
          | 'Bounced'
          | 'Undeliverable'
          | 'Redirected'
          | 'Forwarded'
          | 'QueueExpired'
      }
    >
  | Extract<EdgeEvent, { readonly type: 'Refused' }>

/**
 * Counts and bytes per flow and outcome: per hour, per UTC day, and per mailbox and hour (a day in any time zone is a range of hours).
 * `hour` and `day` are the instant they begin. A mail counts once per recipient, with its size each time; where a recipient forwards it to is no
 * other recipient here: it is `forwarded`.
 */
export const traffic: Projection<CountedEvent> = {
  name: 'traffic',
  version: 3,
  tables: [
    {
      name: 'hours',
      key: ['hour', 'flow', 'outcome'],
      columns: { hour: 'integer', flow: 'text', outcome: 'text', count: 'integer', bytes: 'integer' },
    },
    {
      name: 'days',
      key: ['day', 'flow', 'outcome'],
      columns: { day: 'integer', flow: 'text', outcome: 'text', count: 'integer', bytes: 'integer' },
    },
    {
      name: 'recipients',
      key: ['recipient', 'hour', 'flow', 'outcome'],
      columns: {
        recipient: 'text',
        hour: 'integer',
        flow: 'text',
        outcome: 'text',
        count: 'integer',
        bytes: 'integer',
      },
    },
    /** Recipients whose last word isn't spoken: what their mail's flow and size were. */
    {
      name: 'open',
      key: ['mail', 'recipient'],
      columns: { mail: 'text', recipient: 'text', flow: 'text', size: 'integer' },
    },
  ],
  types: [
    'Accepted',
    'Whitelisted',
    'Quarantined',
    'Released',
    'Discarded',
    'QuarantineExpired',
    'Delivered',
    'Deferred',
    'Bounced',
    'Undeliverable',
    'Redirected',
    'Forwarded',
    'QueueExpired',
    'Refused',
  ],
  project,
}

const outcomes = {
  Whitelisted: 'whitelisted',
  Released: 'released',
  Discarded: 'discarded',
  QuarantineExpired: 'quarantine-expired',
  Delivered: 'delivered',
  Deferred: 'deferred',
  Bounced: 'bounced',
  Undeliverable: 'undeliverable',
  Redirected: 'redirected',
  Forwarded: 'forwarded',
  QueueExpired: 'expired',
} as const satisfies Partial<Record<CountedEvent['type'], TrafficOutcome>>

const final: ReadonlySet<CountedEvent['type']> = new Set([
  'Discarded',
  'QuarantineExpired',
  'Delivered',
  'Bounced',
  'QueueExpired',
])

function project(event: Projected<CountedEvent>, rows: RowReader): readonly Change[] {
  const at = event.occurredAt
  switch (event.type) {
    case 'Refused':
      return count(at, 'edge', 'refused', event.data.count, 0)
    case 'Accepted': {
      const { flow, recipients, size } = event.data
      const mail = idOf(event.stream)
      return [
        ...count(at, flow, 'accepted', recipients.length, size * recipients.length),
        ...recipients.flatMap(({ mailbox }) => [
          ofRecipient(mailbox, at, flow, 'accepted', size),
          put('open', { mail, recipient: mailbox, flow, size }),
        ]),
      ]
    }
    default: {
      const key = [idOf(event.stream), event.data.recipient]
      const open = rows.get('open', key) as { flow: Flow; size: number } | undefined
      if (open === undefined) return []
      const outcome =
        event.type === 'Quarantined' ? (`quarantined-${event.data.reason}` as const) : outcomes[event.type]
      const changes = [
        ...count(at, open.flow, outcome, 1, open.size),
        ofRecipient(event.data.recipient, at, open.flow, outcome, open.size),
      ]
      if (final.has(event.type)) changes.push(remove('open', key))
      return changes
    }
  }
}

const hourOf = (at: Instant): Instant => at - (at % HOUR)
const dayOf = (at: Instant): Instant => at - (at % DAY)

const count = (at: Instant, flow: TrafficFlow, outcome: TrafficOutcome, times: number, bytes: number): Change[] => [
  add('hours', [hourOf(at), flow, outcome], { count: times, bytes }),
  add('days', [dayOf(at), flow, outcome], { count: times, bytes }),
]

const ofRecipient = (
  recipient: string,
  at: Instant,
  flow: TrafficFlow,
  outcome: TrafficOutcome,
  bytes: number,
): Change => add('recipients', [recipient, hourOf(at), flow, outcome], { count: 1, bytes })
