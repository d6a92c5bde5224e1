import { mailboxListsDecider } from '#domain/mailbox/decider'
import { mailboxStream, type MailboxEvent } from '#domain/mailbox/events'
import type { MailboxLists } from '#domain/mailbox/state'
import type { EventLog, Position } from '#infra/event-log/port'
import { asDomainEvent } from './stream-states.ts'

const PAGE = 1_000

/** The allow and block lists of `owner` (a mailbox, or `@domain`) as of `position`: what a verdict uses (design.md §3). */
export const listsAsOf = async (log: EventLog, owner: string, position: Position): Promise<MailboxLists> => {
  const stream = mailboxStream(owner)
  let lists = mailboxListsDecider.initial
  for (let from = 0; ; from += PAGE) {
    const page = await log.readStream(stream, { from, limit: PAGE })
    for (const event of page) {
      if (event.position > position) return lists
      lists = mailboxListsDecider.evolve(lists, asDomainEvent<MailboxEvent>(event))
    }
    if (page.length < PAGE) return lists
  }
}
