import { Declined, type Decider } from '../kernel/decider.ts'
import type { MailboxListsCommand } from './commands.ts'
import type { DigestWishes } from './digest-wishes.ts'
import type { MailboxEvent } from './events.ts'
import { parseSenderPattern } from './sender-pattern.ts'
import { MAXIMUM_ENTRIES, noLists, type MailboxLists } from './state.ts'

type Answer = readonly MailboxEvent[] | Declined

/** An entry is on one list only: putting it on the other moves it. Said twice it is nothing new. */
const decide = (command: MailboxListsCommand, lists: MailboxLists): Answer => {
  if (command.kind === 'set-digest-wishes') return wish(command.wishes, lists)
  const entry = parseSenderPattern(command.entry)
  if (entry === null) {
    return new Declined(
      'invalid',
      `"${command.entry.slice(0, 320)}" is no sender: write local@domain, @domain, or .domain for a domain with its subdomains`,
    )
  }
  const present = lists.entries.get(entry)
  if (command.kind === 'remove-entry') {
    return present?.list === command.list ? [{ type: 'EntryRemoved', data: { entry, list: command.list } }] : []
  }
  const list = command.kind === 'allow-sender' ? 'allow' : 'block'
  const { note } = command
  if (note !== null && note.length > 500) return new Declined('invalid', 'a note has at most 500 characters')
  if (present?.list === list && present.note === note) return []
  if (present === undefined && lists.entries.size >= MAXIMUM_ENTRIES) {
    return new Declined('over-limit', `both lists together hold at most ${MAXIMUM_ENTRIES} entries`)
  }
  return [{ type: list === 'allow' ? 'SenderAllowed' : 'SenderBlocked', data: { entry, note } }]
}

const wish = (given: DigestWishes | null, { digest }: MailboxLists): Answer => {
  const wishes = given === null ? null : { ...given, times: [...new Set(given.times)].sort() }
  const same = JSON.stringify(wishes) === JSON.stringify(digest)
  return same ? [] : [{ type: 'DigestWishesSet', data: { wishes } }]
}

const evolve = (lists: MailboxLists, event: MailboxEvent): MailboxLists => {
  switch (event.type) {
    case 'SenderAllowed':
      return { ...lists, entries: lists.entries.with(event.data.entry, { list: 'allow', note: event.data.note }) }
    case 'SenderBlocked':
      return { ...lists, entries: lists.entries.with(event.data.entry, { list: 'block', note: event.data.note }) }
    case 'EntryRemoved':
      return { ...lists, entries: lists.entries.without(event.data.entry) }
    case 'DigestWishesSet':
      return { ...lists, digest: event.data.wishes }
    default:
      event satisfies never
      return lists
  }
}

export const mailboxListsDecider: Decider<MailboxListsCommand, MailboxEvent, MailboxLists> = {
  initial: noLists,
  evolve,
  decide,
}
