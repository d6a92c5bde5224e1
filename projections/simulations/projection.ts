import { idOf, put, set } from '#domain/kernel/projection'
import type { Projection } from '#domain/kernel/projection'
import type { Instant } from '#domain/kernel/instant'
import type { SimulationEvent } from '#domain/simulation/events'

/** History under another policy. Newest first by (requestedAt, id). */
export type SimulationRow = {
  readonly id: string
  readonly state: 'waiting' | 'running' | 'done' | 'failed' | 'cancelled'
  readonly requestedBy: string
  readonly requestedAt: Instant
  readonly finishedAt: Instant | null
  /** JSON: as asked for. */
  readonly changes: string
  readonly historyFrom: Instant
  readonly historyTo: Instant
  /** Mails looked at, and all there are. */
  readonly done: number
  readonly total: number
  /** JSON: what was found so far; null: nothing yet. */
  readonly tally: string | null
  readonly reason: string | null
  /** Who works on it, until when. */
  readonly node: string | null
  readonly leaseUntil: Instant | null
}

export const simulations: Projection<SimulationEvent> = {
  name: 'simulations',
  version: 1,
  tables: [
    {
      name: 'simulations',
      key: ['id'],
      columns: {
        id: 'text',
        state: 'text',
        requestedBy: 'text',
        requestedAt: 'integer',
        finishedAt: 'integer',
        changes: 'text',
        historyFrom: 'integer',
        historyTo: 'integer',
        done: 'integer',
        total: 'integer',
        tally: 'text',
        reason: 'text',
        node: 'text',
        leaseUntil: 'integer',
      },
      indexes: [
        ['requestedAt', 'id'],
        ['state', 'requestedAt'],
      ],
    },
  ],
  types: [
    'SimulationRequested',
    'SimulationClaimed',
    'SimulationAdvanced',
    'SimulationFinished',
    'SimulationFailed',
    'SimulationCancelled',
  ],
  project: (event) => {
    const id = idOf(event.stream)
    const at = event.occurredAt
    const over = { finishedAt: at, node: null, leaseUntil: null }
    switch (event.type) {
      case 'SimulationRequested': {
        const { by, changes, from, to, total } = event.data
        const row: SimulationRow = {
          id,
          state: 'waiting',
          requestedBy: by,
          requestedAt: at,
          finishedAt: null,
          changes: JSON.stringify(changes),
          historyFrom: from,
          historyTo: to,
          done: 0,
          total,
          tally: null,
          reason: null,
          node: null,
          leaseUntil: null,
        }
        return [put('simulations', row)]
      }
      case 'SimulationClaimed':
        return [set('simulations', [id], { state: 'running', ...event.data })]
      case 'SimulationAdvanced': {
        const { tally, node, leaseUntil } = event.data
        return [set('simulations', [id], { done: tally.mails, tally: JSON.stringify(tally), node, leaseUntil })]
      }
      case 'SimulationFinished': {
        const { tally } = event.data
        return [set('simulations', [id], { ...over, state: 'done', done: tally.mails, tally: JSON.stringify(tally) })]
      }
      case 'SimulationFailed':
        return [set('simulations', [id], { ...over, state: 'failed', reason: event.data.reason })]
      case 'SimulationCancelled':
        return [set('simulations', [id], { ...over, state: 'cancelled', reason: `cancelled by ${event.data.by}` })]
    }
  },
}
