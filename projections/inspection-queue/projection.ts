import { add, idOf, put, remove, set } from '#domain/kernel/projection'
import type { Change, Projected, Projection, RowReader } from '#domain/kernel/projection'
import type { Instant } from '#domain/kernel/instant'
import type { MailEvent } from '#domain/mail/events'

/**
 * Mails the inspector owes something: a verdict for `unjudged` recipients, a scan for `releases` that were asked for.
 * Due now: `dueAt <= :now`, oldest first by (dueAt, mail).
 */
export type InspectionRow = {
  readonly mail: string
  readonly acceptedAt: Instant
  readonly dueAt: Instant
  /** Scans that had no answer so far. */
  readonly attempt: number
  readonly waitsFor: string | null
  readonly unjudged: number
  readonly releases: number
}

/** Key `mails`: accepted and not yet judged; key `releases`: recipients whose release waits for a scan. */
export type BacklogRow = { readonly name: 'mails' | 'releases'; readonly count: number }

export const BACKLOG_MAILS = ['mails'] as const
const BACKLOG_RELEASES = ['releases'] as const

type InspectionEvent = Extract<
  MailEvent,
  {
    readonly type:
      | 'Accepted'
      | 'ScanDeferred'
      | 'Quarantined'
      | 'Cleared'
      | 'ReleaseRequested'
      | 'Released'
      | 'ReleaseRefused'
      | 'Discarded'
      | 'QuarantineExpired'
  }
>

export const inspectionQueue: Projection<InspectionEvent> = {
  name: 'inspection-queue',
  version: 1,
  tables: [
    {
      name: 'mails',
      key: ['mail'],
      columns: {
        mail: 'text',
        acceptedAt: 'integer',
        dueAt: 'integer',
        attempt: 'integer',
        waitsFor: 'text',
        unjudged: 'integer',
        releases: 'integer',
      },
      indexes: [['dueAt', 'mail']],
    },
    /** Recipients that are owed something: `verdict` or `release`. */
    {
      name: 'recipients',
      key: ['mail', 'recipient'],
      columns: { mail: 'text', recipient: 'text', owed: 'text' },
    },
    { name: 'backlog', key: ['name'], columns: { name: 'text', count: 'integer' } },
  ],
  types: [
    'Accepted',
    'ScanDeferred',
    'Quarantined',
    'Cleared',
    'ReleaseRequested',
    'Released',
    'ReleaseRefused',
    'Discarded',
    'QuarantineExpired',
  ],
  project,
}

function project(event: Projected<InspectionEvent>, rows: RowReader): readonly Change[] {
  const mail = idOf(event.stream)
  switch (event.type) {
    case 'Accepted': {
      /** Submissions were scanned at the edge; mail of our own is never judged. */
      if (event.data.flow !== 'inbound') return []
      return [
        put('mails', fresh(mail, event.occurredAt, { unjudged: event.data.recipients.length, releases: 0 })),
        ...event.data.recipients.map(({ mailbox }) => put('recipients', { mail, recipient: mailbox, owed: 'verdict' })),
        add('backlog', BACKLOG_MAILS, { count: 1 }),
      ]
    }
    case 'ScanDeferred': {
      const { attempt, dueAt, scanner, reason } = event.data
      return [set('mails', [mail], { attempt, dueAt, waitsFor: `${scanner}: ${reason}` })]
    }
    case 'ReleaseRequested': {
      const { recipient } = event.data
      if (rows.get('recipients', [mail, recipient]) !== undefined) return []
      const row = rows.get('mails', [mail]) as InspectionRow | undefined
      const owed =
        row === undefined
          ? fresh(mail, event.occurredAt, { unjudged: 0, releases: 1 })
          : { ...row, releases: row.releases + 1, dueAt: event.occurredAt }
      return [
        put('mails', owed),
        put('recipients', { mail, recipient, owed: 'release' }),
        add('backlog', BACKLOG_RELEASES, { count: 1 }),
      ]
    }
    case 'Quarantined':
    case 'Cleared':
      return settle(mail, event.data.recipient, 'verdict', rows)
    case 'Released':
    case 'ReleaseRefused':
    case 'Discarded':
    case 'QuarantineExpired':
      return settle(mail, event.data.recipient, 'release', rows)
  }
}

const fresh = (mail: string, at: Instant, owed: Pick<InspectionRow, 'unjudged' | 'releases'>): InspectionRow => ({
  mail,
  acceptedAt: at,
  dueAt: at,
  attempt: 0,
  waitsFor: null,
  ...owed,
})

function settle(mail: string, recipient: string, owed: 'verdict' | 'release', rows: RowReader): readonly Change[] {
  const row = rows.get('mails', [mail]) as InspectionRow | undefined
  if (row === undefined || rows.get('recipients', [mail, recipient])?.['owed'] !== owed) return []
  const unjudged = row.unjudged - (owed === 'verdict' ? 1 : 0)
  const releases = row.releases - (owed === 'release' ? 1 : 0)
  const changes: Change[] = [remove('recipients', [mail, recipient])]
  if (owed === 'release') changes.push(add('backlog', BACKLOG_RELEASES, { count: -1 }))
  else if (unjudged === 0) changes.push(add('backlog', BACKLOG_MAILS, { count: -1 }))
  changes.push(unjudged + releases === 0 ? remove('mails', [mail]) : set('mails', [mail], { unjudged, releases }))
  return changes
}
