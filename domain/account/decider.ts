import { Declined, type Decider } from '../kernel/decider.ts'
import type { AccountCommand } from './commands.ts'
import type { AccountEvent } from './events.ts'
import type { AccountState } from './state.ts'

export const accountDecider: Decider<AccountCommand, AccountEvent, AccountState> = {
  initial: null,
  evolve: (state) => state,
  decide: () => new Declined('conflict', 'not yet'),
}
