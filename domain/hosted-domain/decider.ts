import { Declined, type Decider } from '../kernel/decider.ts'
import type { HostedDomainCommand } from './commands.ts'
import type { HostedDomainEvent } from './events.ts'
import type { HostedDomainState } from './state.ts'

export const hostedDomainDecider: Decider<HostedDomainCommand, HostedDomainEvent, HostedDomainState> = {
  initial: null,
  evolve: (state) => state,
  decide: () => new Declined('conflict', 'not yet'),
}
