import { add, idOf, put, remove, set } from '#domain/kernel/projection'
import type { Change, Projected, Projection, RowReader } from '#domain/kernel/projection'
import type { Instant } from '#domain/kernel/instant'
import type { MailEvent } from '#domain/mail/events'
import { inspectionTables } from './tables.ts'
import type { InspectionClaimRow, InspectionRow, OwedRow } from './tables.ts'

type InspectionEvent = Extract<
  MailEvent,
  {
    readonly type:
      | 'Accepted'
      | 'ScanDeferred'
      | 'VirusDetected'
      | 'ScanCleared'
      | 'FoundUnscannable'
      | 'Quarantined'
      | 'Cleared'
      | 'InspectionResumed'
      | 'ReleaseRequested'
      | 'Released'
      | 'ReleaseRefused'
      | 'Discarded'
      | 'QuarantineExpired'
      | 'InspectionClaimed'
  }
>

/** What the inspector owes: the view over the due times in events. The count of unjudged mails is the backlog. */
export const inspectionQueue: Projection<InspectionEvent> = {
  name: 'inspection-queue',
  version: 2,
  tables: inspectionTables,
  types: [
    'Accepted',
    'ScanDeferred',
    'VirusDetected',
    'ScanCleared',
    'FoundUnscannable',
    'Quarantined',
    'Cleared',
    'InspectionResumed',
    'ReleaseRequested',
    'Released',
    'ReleaseRefused',
    'Discarded',
    'QuarantineExpired',
    'InspectionClaimed',
  ],
  project,
}

function project(event: Projected<InspectionEvent>, rows: RowReader): readonly Change[] {
  const mail = idOf(event.stream)
  const row = rows.get('mails', [mail]) as InspectionRow | undefined
  if (event.type === 'Accepted') return accepted(mail, event.data)
  if (event.type === 'ReleaseRequested') return requested(mail, event.data.recipient, event.occurredAt, row, rows)
  if (row === undefined) return []
  const owed = (recipient: string) => (rows.get('recipients', [mail, recipient]) as OwedRow | undefined)?.owed
  switch (event.type) {
    case 'ScanDeferred': {
      const { attempt, dueAt, scanner, reason } = event.data
      return [set('mails', [mail], { attempt, dueAt, waitsFor: `${scanner}: ${reason}` }), remove('claims', [mail])]
    }
    case 'InspectionClaimed': {
      const { node, leaseUntil } = event.data
      return [put('claims', { mail, node, at: event.occurredAt, until: leaseUntil } satisfies InspectionClaimRow)]
    }
    case 'VirusDetected':
    case 'ScanCleared':
      return scanned(row, event.occurredAt)
    case 'FoundUnscannable': {
      const gaveUp = event.data.findings.some(({ kind }) => kind === 'unavailable')
      if (gaveUp) return [set('mails', [mail], { gaveUp: 1 })]
      if (row.gaveUp === 0) return scanned(row, event.occurredAt)
      // It was held for want of a scanner and stays held for what the scanner said: nobody is told again.
      const waiting = event.data.treatment === 'score' ? [] : recipientsOf(row).filter((one) => owed(one) === 'rescan')
      return settle({ ...row, gaveUp: 0 }, waiting, 'rescan', scanned(row, event.occurredAt))
    }
    case 'Quarantined': {
      const { recipient, reason } = event.data
      const before = owed(recipient)
      if (before === 'rescan') return reason === 'unscannable' ? [] : settle(row, [recipient], 'rescan')
      if (before !== 'verdict') return []
      if (row.gaveUp === 0 || reason !== 'unscannable') return settle(row, [recipient], 'verdict')
      return [put('recipients', { mail, recipient, owed: 'rescan' }), ...moved(row, { unjudged: -1, rescans: 1 })]
    }
    case 'InspectionResumed': {
      const { recipient } = event.data
      if (owed(recipient) !== 'rescan') return []
      return [put('recipients', { mail, recipient, owed: 'verdict' }), ...moved(row, { unjudged: 1, rescans: -1 })]
    }
    case 'Cleared':
      return owed(event.data.recipient) === 'verdict' ? settle(row, [event.data.recipient], 'verdict') : []
    case 'ReleaseRefused':
      return owed(event.data.recipient) === 'release' ? settle(row, [event.data.recipient], 'release') : []
    case 'Released':
    case 'Discarded':
    case 'QuarantineExpired': {
      const before = owed(event.data.recipient)
      return before === undefined ? [] : settle(row, [event.data.recipient], before)
    }
  }
}

type AcceptedMail = Extract<MailEvent, { readonly type: 'Accepted' }>['data']

function accepted(mail: string, { flow, recipients, acceptedAt }: AcceptedMail): readonly Change[] {
  // Mail of our own is never judged.
  if (flow === 'system') return []
  const row: InspectionRow = {
    mail,
    acceptedAt,
    dueAt: acceptedAt,
    attempt: 0,
    waitsFor: null,
    gaveUp: 0,
    unjudged: recipients.length,
    rescans: 0,
    releases: 0,
    recipients: JSON.stringify(recipients.map(({ mailbox }) => mailbox)),
  }
  return [
    put('mails', row),
    ...recipients.map(({ mailbox }) => put('recipients', { mail, recipient: mailbox, owed: 'verdict' })),
    add('backlog', ['mails'], { count: 1 }),
  ]
}

function requested(
  mail: string,
  recipient: string,
  at: Instant,
  row: InspectionRow | undefined,
  rows: RowReader,
): readonly Change[] {
  if (rows.get('recipients', [mail, recipient]) !== undefined) return []
  const changed: InspectionRow =
    row === undefined
      ? {
          mail,
          acceptedAt: at,
          dueAt: at,
          attempt: 0,
          waitsFor: null,
          gaveUp: 0,
          unjudged: 0,
          rescans: 0,
          releases: 1,
          recipients: '[]',
        }
      : { ...row, releases: row.releases + 1 }
  return [
    put('mails', changed),
    put('recipients', { mail, recipient, owed: 'release' }),
    add('backlog', ['releases'], { count: 1 }),
  ]
}

/** The scan has an answer: what is next is due at once. */
const scanned = (row: InspectionRow, at: Instant): readonly Change[] =>
  row.attempt === 0 && row.gaveUp === 0
    ? []
    : [set('mails', [row.mail], { attempt: 0, dueAt: at, waitsFor: null, gaveUp: 0 })]

const recipientsOf = (row: InspectionRow): readonly string[] => JSON.parse(row.recipients) as string[]

function settle(
  row: InspectionRow,
  recipients: readonly string[],
  owed: OwedRow['owed'],
  before: readonly Change[] = [],
): readonly Change[] {
  const less = -recipients.length
  const gone = recipients.map((recipient) => remove('recipients', [row.mail, recipient]))
  switch (owed) {
    case 'verdict':
      return [...before, ...gone, ...moved(row, { unjudged: less })]
    case 'rescan':
      return [...before, ...gone, ...moved(row, { rescans: less })]
    case 'release':
      return [...before, ...gone, add('backlog', ['releases'], { count: less }), ...moved(row, { releases: less })]
  }
}

/** The mail's counts after some of what is owed moved; nothing owed: it leaves the queue. */
function moved(
  row: InspectionRow,
  by: { readonly unjudged?: number; readonly rescans?: number; readonly releases?: number },
): readonly Change[] {
  const unjudged = row.unjudged + (by.unjudged ?? 0)
  const rescans = row.rescans + (by.rescans ?? 0)
  const releases = row.releases + (by.releases ?? 0)
  const backlog = Number(unjudged > 0) - Number(row.unjudged > 0)
  return [
    ...(unjudged + rescans + releases === 0
      ? [remove('mails', [row.mail]), remove('claims', [row.mail])]
      : [set('mails', [row.mail], { unjudged, rescans, releases, gaveUp: row.gaveUp })]),
    ...(backlog === 0 ? [] : [add('backlog', ['mails'], { count: backlog })]),
  ]
}
