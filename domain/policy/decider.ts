import { Declined, type Decider } from '../kernel/decider.ts'
import type { PolicyCommand } from './commands.ts'
import type { PolicyEvent } from './events.ts'
import { builtInPolicy, type PolicyState } from './state.ts'

export const policyDecider: Decider<PolicyCommand, PolicyEvent, PolicyState> = {
  initial: builtInPolicy,
  evolve: (state) => state,
  decide: () => new Declined('conflict', 'not yet'),
}
