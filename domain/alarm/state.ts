import type { AlarmKind } from './events.ts'

interface Alarm {
  readonly kind: AlarmKind
  readonly subject: string
  readonly detail: string
  readonly state: 'raised' | 'acknowledged' | 'clear'
}

/** null: it never was raised. */
export type AlarmState = Alarm | null
