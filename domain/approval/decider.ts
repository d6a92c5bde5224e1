import { Declined, type Decider } from '../kernel/decider.ts'
import type { ApprovalCommand } from './commands.ts'
import type { ApprovalEvent } from './events.ts'
import type { ApprovalState } from './state.ts'

export const approvalDecider: Decider<ApprovalCommand, ApprovalEvent, ApprovalState> = {
  initial: null,
  evolve: (state) => state,
  decide: () => new Declined('conflict', 'not yet'),
}
