import { idOf, put, set } from '#domain/kernel/projection'
import type { Projection } from '#domain/kernel/projection'
import type { Instant } from '#domain/kernel/instant'
import type { AlarmEvent, AlarmKind } from '#domain/alarm/events'

/** One row per kind and subject, as it is now: raised again, it begins anew. Newest first by (raisedAt, id). */
export type AlarmRow = {
  readonly id: string
  readonly kind: AlarmKind
  readonly subject: string
  readonly detail: string
  readonly state: 'raised' | 'acknowledged' | 'over'
  readonly raisedAt: Instant
  readonly acknowledgedBy: string | null
  readonly acknowledgedAt: Instant | null
  readonly clearedAt: Instant | null
  /** How often it was raised in all. */
  readonly times: number
}

export const alarms: Projection<AlarmEvent> = {
  name: 'alarms',
  version: 1,
  tables: [
    {
      name: 'alarms',
      key: ['id'],
      columns: {
        id: 'text',
        kind: 'text',
        subject: 'text',
        detail: 'text',
        state: 'text',
        raisedAt: 'integer',
        acknowledgedBy: 'text',
        acknowledgedAt: 'integer',
        clearedAt: 'integer',
        times: 'integer',
      },
      indexes: [
        ['raisedAt', 'id'],
        ['state', 'raisedAt'],
      ],
    },
  ],
  types: ['AlarmRaised', 'AlarmAcknowledged', 'AlarmCleared'],
  project: (event, rows) => {
    const id = idOf(event.stream)
    const at = event.occurredAt
    switch (event.type) {
      case 'AlarmRaised': {
        const row: AlarmRow = {
          id,
          ...event.data,
          state: 'raised',
          raisedAt: at,
          acknowledgedBy: null,
          acknowledgedAt: null,
          clearedAt: null,
          times: Number(rows.get('alarms', [id])?.['times'] ?? 0) + 1,
        }
        return [put('alarms', row)]
      }
      case 'AlarmAcknowledged':
        return [set('alarms', [id], { state: 'acknowledged', acknowledgedBy: event.data.by, acknowledgedAt: at })]
      case 'AlarmCleared':
        return [set('alarms', [id], { state: 'over', detail: event.data.detail, clearedAt: at })]
    }
  },
}
