import type { AlarmKind } from '#domain/alarm/events'

/** Something that an alarm is raised about as long as it lasts. */
export interface Trouble {
  readonly kind: AlarmKind
  readonly subject: string
  readonly detail: string
}
