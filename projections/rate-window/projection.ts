import { add, idOf, put, remove, set } from '#domain/kernel/projection'
import type { Change, Projected, Projection, RowReader } from '#domain/kernel/projection'
import { MINUTE, type Instant } from '#domain/kernel/instant'
import type { AccountEvent } from '#domain/account/events'
import type { MailEvent } from '#domain/mail/events'
import { accountAndDay, type SendingDaysEvent, type SendingEvent } from '#domain/sending/events'

/** What an account submitted in one minute; `minute` is the instant it begins. */
export type SendingMinuteRow = {
  readonly account: string
  readonly minute: Instant
  readonly mails: number
  readonly recipients: number
}

/** The day opened last of an account, and what of its quota is taken. It may be over: look at `ends`. */
export type SendingDayRow = {
  readonly account: string
  readonly day: string
  readonly zone: string
  readonly begins: Instant
  readonly ends: Instant
  readonly mails: number
  readonly recipients: number
  /** For this day; null: not raised. */
  readonly raisedMails: number | null
  readonly raisedRecipients: number | null
  /** When a mail was first refused for it. */
  readonly exceededAt: Instant | null
}

type Watched =
  | Extract<MailEvent, { readonly type: 'Accepted' }>
  | Extract<AccountEvent, { readonly type: 'AccountDeleted' }>
  | SendingDaysEvent
  | SendingEvent

/** Minutes kept of each account: one takes the place of the one an hour before. */
const MINUTES = 60

/**
 * What accounts send: by minute for the last hour, and of the day that runs. For display: what may be sent is decided by the stream of the day and
 * by the windows of each node. One row per account and minute of the hour, and one per account, however much is sent.
 */
export const rateWindow: Projection<Watched> = {
  name: 'rate-window',
  version: 1,
  tables: [
    {
      name: 'minutes',
      key: ['account', 'slot'],
      columns: { account: 'text', slot: 'integer', minute: 'integer', mails: 'integer', recipients: 'integer' },
      indexes: [['account', 'minute']],
    },
    {
      name: 'days',
      key: ['account'],
      columns: {
        account: 'text',
        day: 'text',
        zone: 'text',
        begins: 'integer',
        ends: 'integer',
        mails: 'integer',
        recipients: 'integer',
        raisedMails: 'integer',
        raisedRecipients: 'integer',
        exceededAt: 'integer',
      },
      indexes: [['mails', 'account']],
    },
  ],
  types: [
    'Accepted',
    'AccountDeleted',
    'SendingDayOpened',
    'SendingReserved',
    'SendingReturned',
    'QuotaRaised',
    'QuotaExceeded',
  ],
  project,
}

function project(event: Projected<Watched>, rows: RowReader): readonly Change[] {
  switch (event.type) {
    case 'Accepted': {
      const { flow, account, recipients } = event.data
      return flow === 'submission' && account !== null ? minute(account, event.occurredAt, recipients.length, rows) : []
    }
    case 'AccountDeleted':
      return forget(idOf(event.stream), rows)
    case 'SendingDayOpened': {
      const row: SendingDayRow = {
        account: idOf(event.stream),
        ...event.data,
        mails: 0,
        recipients: 0,
        raisedMails: null,
        raisedRecipients: null,
        exceededAt: null,
      }
      return [put('days', row)]
    }
    default:
      return ofDay(event, rows)
  }
}

const minute = (account: string, at: Instant, recipients: number, rows: RowReader): readonly Change[] => {
  const begins = at - (at % MINUTE)
  const slot = (begins / MINUTE) % MINUTES
  const kept = Number(rows.get('minutes', [account, slot])?.['minute'] ?? 0)
  if (kept === begins) return [add('minutes', [account, slot], { mails: 1, recipients })]
  // Another node's clock can be an hour behind: what it says is over.
  return kept > begins ? [] : [put('minutes', { account, slot, minute: begins, mails: 1, recipients })]
}

/** What comes late for a day that was followed by another changes nothing that is shown. */
const ofDay = (event: Projected<SendingEvent>, rows: RowReader): readonly Change[] => {
  const { account, day } = accountAndDay(event.stream)
  if (rows.get('days', [account])?.['day'] !== day) return []
  switch (event.type) {
    case 'SendingReserved':
      return [add('days', [account], { mails: 1, recipients: event.data.recipients })]
    case 'SendingReturned':
      return [add('days', [account], { mails: -1, recipients: -event.data.recipients })]
    case 'QuotaRaised': {
      const { mailsPerDay, recipientsPerDay } = event.data
      return [
        set('days', [account], {
          ...(mailsPerDay === null ? {} : { raisedMails: mailsPerDay }),
          ...(recipientsPerDay === null ? {} : { raisedRecipients: recipientsPerDay }),
        }),
      ]
    }
    case 'QuotaExceeded':
      return [set('days', [account], { exceededAt: event.data.at })]
    default:
      event satisfies never
      return []
  }
}

const forget = (account: string, rows: RowReader): readonly Change[] => [
  remove('days', [account]),
  ...Array.from({ length: MINUTES }, (_, slot) => slot)
    .filter((slot) => rows.get('minutes', [account, slot]) !== undefined)
    .map((slot) => remove('minutes', [account, slot])),
]
