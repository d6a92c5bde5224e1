import { idOf, put, remove, set } from '#domain/kernel/projection'
import type { Change, Projected, Projection, RowReader, Table } from '#domain/kernel/projection'
import type { Instant } from '#domain/kernel/instant'
import { domainOf } from '#domain/message/mailbox'
import type { MailEvent, QuarantineReason } from '#domain/mail/events'

/**
 * What is held, one row per mail and recipient. Newest first is `ORDER BY mail DESC, recipient`, by index also within one
 * recipient or domain; page on with `mail < :mail OR (mail = :mail AND recipient > :recipient)`.
 */
export type QuarantineRow = {
  readonly mail: string
  /** The mailbox. */
  readonly recipient: string
  readonly domain: string
  /** As given. */
  readonly address: string
  readonly reason: QuarantineReason | null
  readonly detail: string | null
  readonly score: number | null
  readonly threshold: number | null
  readonly reversePath: string | null
  readonly headerFrom: string | null
  readonly headerFromName: string | null
  readonly subject: string | null
  readonly messageId: string | null
  /** Lower case: sender's addresses and name; for `?from=` with instr(). */
  readonly fromText: string
  /** Lower case; for `?subject=` with instr(). */
  readonly subjectText: string
  readonly acceptedAt: Instant
  readonly quarantinedAt: Instant | null
  /** Of `Quarantined`: later ones are greater, as text. */
  readonly heldPosition: string | null
  readonly size: number
  readonly contentHash: string
  readonly expiresAt: Instant | null
  /** 1: the recipient may release it; 0, a virus: an administrator only, with a reason. */
  readonly releasable: 0 | 1
  /** A release waits for its scan. */
  readonly releaseRequested: 0 | 1
  /** Why the last release did not happen. */
  readonly releaseRefused: string | null
}

type ItemEvent = Extract<
  MailEvent,
  {
    readonly type:
      | 'Accepted'
      | 'Scored'
      | 'Quarantined'
      | 'Cleared'
      | 'InspectionResumed'
      | 'ReleaseRequested'
      | 'Released'
      | 'ReleaseRefused'
      | 'Discarded'
      | 'QuarantineExpired'
      | 'Delivered'
  }
>

const columns = {
  mail: 'text',
  recipient: 'text',
  domain: 'text',
  address: 'text',
  reason: 'text',
  detail: 'text',
  score: 'real',
  threshold: 'real',
  reversePath: 'text',
  headerFrom: 'text',
  headerFromName: 'text',
  subject: 'text',
  messageId: 'text',
  fromText: 'text',
  subjectText: 'text',
  acceptedAt: 'integer',
  quarantinedAt: 'integer',
  heldPosition: 'text',
  size: 'integer',
  contentHash: 'text',
  expiresAt: 'integer',
  releasable: 'integer',
  releaseRequested: 'integer',
  releaseRefused: 'text',
} as const satisfies Table['columns']

export const quarantine: Projection<ItemEvent> = {
  name: 'quarantine',
  version: 2,
  tables: [
    {
      name: 'items',
      key: ['mail', 'recipient'],
      columns,
      indexes: [['recipient', 'mail'], ['recipient', 'heldPosition'], ['domain', 'mail'], ['expiresAt']],
    },
    /** Accepted and not yet judged: what an item is made of once it is held. */
    { name: 'candidates', key: ['mail', 'recipient'], columns },
  ],
  types: [
    'Accepted',
    'Scored',
    'Quarantined',
    'Cleared',
    'InspectionResumed',
    'ReleaseRequested',
    'Released',
    'ReleaseRefused',
    'Discarded',
    'QuarantineExpired',
    'Delivered',
  ],
  project,
}

function project(event: Projected<ItemEvent>, rows: RowReader): readonly Change[] {
  const mail = idOf(event.stream)
  switch (event.type) {
    case 'Accepted':
      return candidates(mail, event.data)
    case 'Scored':
      return event.data.recipients.map(({ recipient, score, threshold }) =>
        set('candidates', [mail, recipient], { score, threshold }),
      )
    case 'Quarantined': {
      const { recipient, reason, detail, expiresAt } = event.data
      const candidate = rows.get('candidates', [mail, recipient])
      const held: Partial<QuarantineRow> = {
        reason,
        detail,
        expiresAt,
        releasable: reason === 'virus' ? 0 : 1,
        releaseRequested: 0,
        heldPosition: event.position,
      }
      if (candidate === undefined) return [set('items', [mail, recipient], held)]
      return [
        put('items', { ...candidate, ...held, quarantinedAt: event.occurredAt }),
        remove('candidates', [mail, recipient]),
      ]
    }
    case 'Cleared':
    case 'Delivered':
      return rows.get('candidates', [mail, event.data.recipient]) === undefined
        ? []
        : [remove('candidates', [mail, event.data.recipient])]
    case 'InspectionResumed': {
      const key = [mail, event.data.recipient]
      const item = rows.get('items', key)
      if (item === undefined) return []
      const again = { ...item, reason: null, detail: null, expiresAt: null, quarantinedAt: null, heldPosition: null }
      return [put('candidates', again), remove('items', key)]
    }
    case 'ReleaseRequested':
      return [set('items', [mail, event.data.recipient], { releaseRequested: 1, releaseRefused: null })]
    case 'ReleaseRefused':
      return [set('items', [mail, event.data.recipient], { releaseRequested: 0, releaseRefused: event.data.reason })]
    case 'Released':
    case 'Discarded':
    case 'QuarantineExpired':
      return [remove('items', [mail, event.data.recipient])]
  }
}

type AcceptedMail = Extract<MailEvent, { readonly type: 'Accepted' }>['data']

function candidates(mail: string, accepted: AcceptedMail): readonly Change[] {
  if (accepted.flow === 'system') return []
  const { acceptedAt, reversePath, headerFrom, subject, messageId, size, contentHash } = accepted
  const fromText = [headerFrom?.address, headerFrom?.name, reversePath]
    .filter((part) => part !== null && part !== undefined)
    .join('\n')
    .toLowerCase()
  return accepted.recipients.map(({ address, mailbox }) =>
    put('candidates', {
      mail,
      recipient: mailbox,
      domain: domainOf(mailbox),
      address,
      reason: null,
      detail: null,
      score: null,
      threshold: null,
      reversePath,
      headerFrom: headerFrom?.address ?? null,
      headerFromName: headerFrom?.name ?? null,
      subject,
      messageId,
      fromText,
      subjectText: (subject ?? '').toLowerCase(),
      acceptedAt,
      quarantinedAt: null,
      heldPosition: null,
      size,
      contentHash,
      expiresAt: null,
      releasable: 0,
      releaseRequested: 0,
      releaseRefused: null,
    } satisfies QuarantineRow),
  )
}
