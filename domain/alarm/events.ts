import { z } from 'zod'
import { eventType, unchanged, type EventOf } from '../kernel/event-type.ts'

/*
 * Events of an alarm, stream `alarm-<kind>:<subject>`: raised, acknowledged, over. THESE NAMES AND SHAPES ARE THE STORAGE FORMAT.
 */
export const alarmKind = z.enum([
  'scanner-away',
  'disk',
  'lag',
  'parked',
  'certificate',
  'projection-stopped',
  'backlog',
  'log',
  'directory-sync',
  'mailbox-host-away',
  'dkim-record',
  'own-listing',
  'block-list',
  'archive-full',
])
export type AlarmKind = z.output<typeof alarmKind>

/** `subject`: what it is about, e.g. `clamd`, `inspector`, a node's name. `detail`: one sentence with what to do. */
export const AlarmRaised = eventType(
  'AlarmRaised',
  z.object({ kind: alarmKind, subject: z.string(), detail: z.string() }),
  // More kinds in each version; what was raised before is one of them still.
  { version: 5, upcasts: { 1: unchanged, 2: unchanged, 3: unchanged, 4: unchanged } },
)
export const AlarmAcknowledged = eventType('AlarmAcknowledged', z.object({ by: z.string() }))
export const AlarmCleared = eventType('AlarmCleared', z.object({ detail: z.string() }))

export const alarmEventTypes = [AlarmRaised, AlarmAcknowledged, AlarmCleared] as const
export type AlarmEvent = EventOf<typeof alarmEventTypes>

export const alarmId = (kind: AlarmKind, subject: string): string => `${kind}:${subject}`
export const alarmStream = (id: string): `alarm-${string}` => `alarm-${id}`
