import { mailboxListsDecider } from '#domain/mailbox/decider'
import { mailboxStream, type MailboxEvent } from '#domain/mailbox/events'
import type { MailboxLists } from '#domain/mailbox/state'
import type { EventLog, Position } from '#infra/event-log/port'
import { asDomainEvent } from './stream-states.ts'

const PAGE = 1_000

export interface ListsAsOf {
  readonly lists: MailboxLists
  /** Of the last event that they are from; null: there is none. */
  readonly revision: number | null
}

/** Lists as they are now, by owner, as long as no list changes; bounded. */
interface Known {
  readonly newest: Position
  readonly lists: Map<string, ListsAsOf>
}

const MOST_KNOWN = 5_000
const known = new WeakMap<EventLog, Known>()

/** The allow and block lists of `owner` (a mailbox, or `@domain`) as of `position`: what a verdict uses (design.md §3). */
export const listsAsOf = async (log: EventLog, owner: string, position: Position): Promise<ListsAsOf> => {
  const newest = await log.lastPosition({ categories: ['mailbox'] })
  if (newest === null) return { lists: mailboxListsDecider.initial, revision: null }
  // Some list has changed since: then this one may have.
  if (newest > position) return read(log, owner, position)
  let now = known.get(log)
  if (now?.newest !== newest || now.lists.size >= MOST_KNOWN) {
    now = { newest, lists: new Map() }
    known.set(log, now)
  }
  const before = now.lists.get(owner)
  if (before !== undefined) return before
  const lists = await read(log, owner, newest)
  now.lists.set(owner, lists)
  return lists
}

const read = async (log: EventLog, owner: string, position: Position): Promise<ListsAsOf> => {
  const stream = mailboxStream(owner)
  let lists = mailboxListsDecider.initial
  let revision: number | null = null
  for (let from = 0; ; from += PAGE) {
    const page = await log.readStream(stream, { from, limit: PAGE })
    for (const event of page) {
      if (event.position > position) return { lists, revision }
      lists = mailboxListsDecider.evolve(lists, asDomainEvent<MailboxEvent>(event))
      revision = event.revision
    }
    if (page.length < PAGE) return { lists, revision }
  }
}
