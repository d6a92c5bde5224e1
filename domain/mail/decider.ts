import { Declined, type Decider } from '../kernel/decider.ts'
import type { MailCommand } from './commands.ts'
import type { MailEvent } from './events.ts'
import type { MailState } from './state.ts'

export const mailDecider: Decider<MailCommand, MailEvent, MailState> = {
  initial: null,
  evolve: (state) => state,
  decide: () => new Declined('conflict', 'not yet'),
}
