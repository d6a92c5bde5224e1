import type { CopyRole } from '#domain/archive/copy'
import { itemId } from '#domain/archive/item-id'
import type { Instant } from '#domain/kernel/instant'
import { idOf, type Projected } from '#domain/kernel/projection'
import type { MailEvent } from '#domain/mail/events'
import type { ContentHash } from '#domain/message/content-hash'

/** What the search index reads of the log. */
export const INDEXED_TYPES = ['Archived', 'CopyPurged'] as const
export type IndexedEvent = Extract<MailEvent, { readonly type: (typeof INDEXED_TYPES)[number] }>

/** What becomes of a copy in the search index. `revision`: of the event in the mail's stream; a later one wins. */
export type IndexChange =
  | {
      readonly change: 'put'
      readonly id: string
      readonly revision: number
      readonly mail: string
      readonly account: string
      readonly role: CopyRole
      readonly contentHash: ContentHash
      readonly archivedAt: Instant
      readonly date: Instant
      readonly size: number
    }
  | { readonly change: 'remove'; readonly id: string; readonly revision: number }

export const indexChange = ({
  type,
  data,
  stream,
  revision,
  occurredAt,
}: Pick<Projected<IndexedEvent>, 'type' | 'data' | 'stream' | 'revision' | 'occurredAt'>): IndexChange => {
  const mail = idOf(stream)
  const { account, role, contentHash } = data
  const id = itemId({ mail, account, role })
  if (type === 'CopyPurged') return { change: 'remove', id, revision }
  const { dueAt, size } = data as Extract<IndexedEvent, { type: 'Archived' }>['data']
  return { change: 'put', id, revision, mail, account, role, contentHash, archivedAt: occurredAt, date: dueAt, size }
}
