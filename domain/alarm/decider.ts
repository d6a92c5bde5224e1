import { Declined, type Decider } from '../kernel/decider.ts'
import type { AlarmCommand } from './commands.ts'
import type { AlarmEvent } from './events.ts'
import type { AlarmState } from './state.ts'

/** An alarm is raised once until it is over; acknowledging it stops nothing but the asking. */
const decide = (command: AlarmCommand, alarm: AlarmState): readonly AlarmEvent[] | Declined => {
  switch (command.kind) {
    case 'raise': {
      const { alarm: kind, subject, detail } = command
      return alarm === null || alarm.state === 'clear' ? [{ type: 'AlarmRaised', data: { kind, subject, detail } }] : []
    }
    case 'acknowledge':
      if (alarm === null) return new Declined('not-found', 'there is no such alarm')
      if (alarm.state === 'clear') return new Declined('conflict', 'this alarm is over')
      return alarm.state === 'raised' ? [{ type: 'AlarmAcknowledged', data: { by: command.by } }] : []
    case 'clear':
      return alarm === null || alarm.state === 'clear'
        ? []
        : [{ type: 'AlarmCleared', data: { detail: command.detail } }]
  }
}

const evolve = (state: AlarmState, event: AlarmEvent): AlarmState => {
  if (event.type === 'AlarmRaised') return { ...event.data, state: 'raised' }
  if (state === null) return null
  switch (event.type) {
    case 'AlarmAcknowledged':
      return { ...state, state: 'acknowledged' }
    case 'AlarmCleared':
      return { ...state, detail: event.data.detail, state: 'clear' }
    default:
      event satisfies never
      return state
  }
}

export const alarmDecider: Decider<AlarmCommand, AlarmEvent, AlarmState> = { initial: null, evolve, decide }
