import { add, idOf, put, remove, set } from '#domain/kernel/projection'
import type { Change, Projected, Projection, RowReader } from '#domain/kernel/projection'
import type { Instant } from '#domain/kernel/instant'
import type { MailEvent } from '#domain/mail/events'

/**
 * Per content: how many mails still need it (judging, quarantine, queue), and how many copies archives have of it. Nothing needs it since
 * `lastOutcomeAt` when both are 0; with the grace period over and `dropped = 0` the sweeper may drop it, unless it is evidence.
 */
export type ContentRow = {
  readonly hash: string
  readonly size: number
  readonly mails: number
  readonly copies: number
  readonly lastOutcomeAt: Instant
  readonly dropped: 0 | 1
}

/** Mails with a content that wasn't dropped yet, `outgoing` where a submission's is another: each is told when it is, and null then. */
export type ContentMailRow = {
  readonly mail: string
  readonly contentHash: string | null
  readonly outgoing: string | null
  readonly open: number
}

type ContentEvent = Extract<
  MailEvent,
  {
    readonly type:
      | 'Accepted'
      | 'Authenticated'
      | 'Scored'
      | 'Forwarded'
      | 'Discarded'
      | 'QuarantineExpired'
      | 'Delivered'
      | 'Bounced'
      | 'QueueExpired'
      | 'Archived'
      | 'CopyPurged'
      | 'ContentDropped'
  }
>

export const contentUse: Projection<ContentEvent> = {
  name: 'content-use',
  version: 3,
  tables: [
    {
      name: 'contents',
      key: ['hash'],
      columns: {
        hash: 'text',
        size: 'integer',
        mails: 'integer',
        copies: 'integer',
        lastOutcomeAt: 'integer',
        dropped: 'integer',
      },
      indexes: [['dropped', 'mails', 'copies', 'lastOutcomeAt']],
    },
    {
      name: 'mails',
      key: ['mail'],
      columns: { mail: 'text', contentHash: 'text', outgoing: 'text', open: 'integer' },
      indexes: [
        ['contentHash', 'mail'],
        ['outgoing', 'mail'],
      ],
    },
    /** Recipients without an outcome. */
    { name: 'recipients', key: ['mail', 'recipient'], columns: { mail: 'text', recipient: 'text' } },
    /** Documents that a mail's trace refers to: kept as long as the trace. */
    { name: 'evidence', key: ['hash'], columns: { hash: 'text', mail: 'text' } },
  ],
  types: [
    'Accepted',
    'Authenticated',
    'Scored',
    'Forwarded',
    'Discarded',
    'QuarantineExpired',
    'Delivered',
    'Bounced',
    'QueueExpired',
    'Archived',
    'CopyPurged',
    'ContentDropped',
  ],
  project,
}

function project(event: Projected<ContentEvent>, rows: RowReader): readonly Change[] {
  const mail = idOf(event.stream)
  switch (event.type) {
    case 'Accepted': {
      const { contentHash, size, recipients, acceptedAt } = event.data
      const outgoing = event.data.outgoing ?? null
      const needed = (hash: string, bytes: number): Change => {
        const known = rows.get('contents', [hash]) as ContentRow | undefined
        return put('contents', {
          hash,
          size: bytes,
          mails: (known?.mails ?? 0) + 1,
          copies: known?.copies ?? 0,
          lastOutcomeAt: acceptedAt,
          dropped: 0,
        })
      }
      return [
        needed(contentHash, size),
        ...(outgoing === null ? [] : [needed(outgoing.contentHash, outgoing.size)]),
        put('mails', { mail, contentHash, outgoing: outgoing?.contentHash ?? null, open: recipients.length }),
        ...recipients.map(({ mailbox }) => put('recipients', { mail, recipient: mailbox })),
      ]
    }
    case 'Authenticated':
    case 'Scored':
      return [put('evidence', { hash: event.data.evidence, mail })]
    case 'Forwarded': {
      const { to } = event.data
      if (rows.get('mails', [mail]) === undefined) return []
      return [
        ...to.map((recipient) => put('recipients', { mail, recipient })),
        add('mails', [mail], { open: to.length }),
      ]
    }
    case 'Archived':
      return [add('contents', [event.data.contentHash], { copies: 1 })]
    case 'CopyPurged':
      return [add('contents', [event.data.contentHash], { copies: -1 })]
    case 'ContentDropped': {
      const { contentHash } = event.data
      const content = rows.get('contents', [contentHash]) as ContentRow | undefined
      const told = toldOf(mail, contentHash, rows)
      // Accepted anew in between: the bytes are there again.
      return content?.mails === 0 && content.copies === 0
        ? [...told, set('contents', [contentHash], { dropped: 1 })]
        : told
    }
    case 'Discarded':
    case 'QuarantineExpired':
    case 'Delivered':
    case 'Bounced':
    case 'QueueExpired': {
      const row = rows.get('mails', [mail]) as ContentMailRow | undefined
      const key = [mail, event.data.recipient]
      if (row === undefined || rows.get('recipients', key) === undefined) return []
      const changes = [remove('recipients', key), add('mails', [mail], { open: -1 })]
      if (row.open === 1)
        for (const hash of [row.contentHash, row.outgoing].filter((each) => each !== null))
          changes.push(
            add('contents', [hash], { mails: -1 }),
            set('contents', [hash], { lastOutcomeAt: event.data.at }),
          )
      return changes
    }
  }
}

function toldOf(mail: string, hash: string, rows: RowReader): readonly Change[] {
  const row = rows.get('mails', [mail]) as ContentMailRow | undefined
  if (row === undefined) return []
  const contentHash = row.contentHash === hash ? null : row.contentHash
  const outgoing = row.outgoing === hash ? null : row.outgoing
  return contentHash === null && outgoing === null
    ? [remove('mails', [mail])]
    : [set('mails', [mail], { contentHash, outgoing })]
}
