import { Inject, Injectable } from '@nestjs/common'
import { LRUCache } from 'lru-cache'
import type { Actor } from '#domain/kernel/actor'
import { type MailboxEvent, mailboxStream } from '#domain/mailbox/events'
import { asDomainEvent } from '#infra/commands/stream-states'
import type { RecordedEvent } from '#infra/event-log/port'
import { API_PARTS, type ApiParts } from '../parts.ts'

const PAGE = 1_000
/** Entries kept in memory, over all owners. */
const KEEP_ENTRIES = 200_000

/** An entry with who put it on its list and when: that is in the metadata of events, which deciders don't see. */
export interface ListedSender {
  readonly entry: string
  readonly list: 'allow' | 'block'
  readonly note: string | null
  readonly since: number
  readonly by: Actor
}

type Listed = ReadonlyMap<string, ListedSender>

/** Both lists of one owner, read from their stream up to this moment; what was read before is kept. */
@Injectable()
export class ListedSenders {
  readonly #parts: ApiParts
  readonly #kept = new LRUCache<string, { readonly next: number; readonly listed: Listed }>({
    maxSize: KEEP_ENTRIES,
    sizeCalculation: ({ listed }) => listed.size + 1,
  })

  constructor(@Inject(API_PARTS) parts: ApiParts) {
    this.#parts = parts
  }

  /** `owner`: a mailbox address, or `@domain`. */
  async of(owner: string): Promise<Listed> {
    const stream = mailboxStream(owner)
    let { next, listed }: { next: number; listed: Listed } = this.#kept.get(stream) ?? { next: 0, listed: new Map() }
    for (;;) {
      const events = await this.#parts.events.readStream(stream, { from: next, limit: PAGE })
      if (events.length > 0) {
        next += events.length
        listed = withEvents(listed, events)
      }
      if (events.length < PAGE) break
    }
    if (next > (this.#kept.get(stream)?.next ?? 0)) this.#kept.set(stream, { next, listed })
    return listed
  }
}

function withEvents(before: Listed, events: readonly RecordedEvent[]): Listed {
  const listed = new Map(before)
  for (const recorded of events) {
    const event = asDomainEvent<MailboxEvent>(recorded)
    if (event.type === 'DigestWishesSet') continue
    const { type, data } = event
    const { entry } = data
    if (type === 'EntryRemoved') {
      listed.delete(entry)
      continue
    }
    const list = type === 'SenderAllowed' ? 'allow' : 'block'
    const present = listed.get(entry)
    // A new note on the same list changes neither when it came there nor who put it there.
    const { since, by } =
      present?.list === list ? present : { since: recorded.metadata.occurredAt, by: recorded.metadata.actor }
    listed.set(entry, { entry, list, note: data.note, since, by })
  }
  return listed
}
