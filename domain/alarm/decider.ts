import { Declined, type Decider } from '../kernel/decider.ts'
import type { AlarmCommand } from './commands.ts'
import type { AlarmEvent } from './events.ts'
import type { AlarmState } from './state.ts'

export const alarmDecider: Decider<AlarmCommand, AlarmEvent, AlarmState> = {
  initial: null,
  evolve: (state) => state,
  decide: () => new Declined('conflict', 'not yet'),
}
