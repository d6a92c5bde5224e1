import { itemId } from '#domain/archive/item-id'
import type { CopyRole } from '#domain/archive/copy'
import type { Instant } from '#domain/kernel/instant'
import { idOf, put, remove } from '#domain/kernel/projection'
import type { Projection } from '#domain/kernel/projection'
import type { MailEvent } from '#domain/mail/events'

/** A copy that an archive account has. Newest first is `ORDER BY id DESC`, page on with `id < :cursor`. */
export type ArchivedRow = {
  /** As `itemId` makes it. */
  readonly id: string
  readonly mail: string
  readonly account: string
  readonly role: CopyRole
  readonly contentHash: string
  readonly size: number
  readonly archivedAt: Instant
  readonly dueAt: Instant
  /** The stamp; null: for ever. */
  readonly retainUntil: Instant | null
  readonly headerFrom: string | null
  readonly headerFromName: string | null
  /** JSON: [{address, name}] of the copy's header. */
  readonly headerTo: string
  readonly subject: string | null
  /** Of its `Archived` event. */
  readonly position: string
}

type IndexedEvent = Extract<MailEvent, { readonly type: 'Archived' | 'CopyPurged' }>

/** What is in the archive, as lists show it. */
export const archiveIndex: Projection<IndexedEvent> = {
  name: 'archive-index',
  version: 1,
  tables: [
    {
      name: 'copies',
      key: ['id'],
      columns: {
        id: 'text',
        mail: 'text',
        account: 'text',
        role: 'text',
        contentHash: 'text',
        size: 'integer',
        archivedAt: 'integer',
        dueAt: 'integer',
        retainUntil: 'integer',
        headerFrom: 'text',
        headerFromName: 'text',
        headerTo: 'text',
        subject: 'text',
        position: 'text',
      },
      indexes: [
        ['account', 'id'],
        ['account', 'dueAt', 'id'],
        ['retainUntil', 'id'],
      ],
    },
  ],
  types: ['Archived', 'CopyPurged'],
  project: (event) => {
    const mail = idOf(event.stream)
    const { account, role } = event.data
    const id = itemId({ mail, account, role })
    if (event.type === 'CopyPurged') return [remove('copies', [id])]
    const { contentHash, size, dueAt, retainUntil, headerFrom, to, subject } = event.data
    const row: ArchivedRow = {
      id,
      mail,
      account,
      role,
      contentHash,
      size,
      archivedAt: event.occurredAt,
      dueAt,
      retainUntil,
      headerFrom: headerFrom?.address ?? null,
      headerFromName: headerFrom?.name ?? null,
      headerTo: JSON.stringify(to),
      subject,
      position: event.position,
    }
    return [put('copies', row)]
  },
}
