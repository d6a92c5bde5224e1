import { Declined, type Decider } from '../kernel/decider.ts'
import type { MailboxListsCommand } from './commands.ts'
import type { MailboxEvent } from './events.ts'
import { noLists, type MailboxLists } from './state.ts'

export const mailboxListsDecider: Decider<MailboxListsCommand, MailboxEvent, MailboxLists> = {
  initial: noLists,
  evolve: (state) => state,
  decide: () => new Declined('conflict', 'not yet'),
}
