import type { z } from 'zod'
import { Declined, type Decider } from '../kernel/decider.ts'
import type { Instant } from '../kernel/instant.ts'
import type { SimulationAdvanced, SimulationEvent, SimulationRequested } from './events.ts'
import { emptyTally, type Tally } from './tally.ts'

type Cursor = z.output<typeof SimulationAdvanced.schema>['cursor']

/** `node` and `leaseUntil` as in claims of mails: nobody else works on it meanwhile. */
export type SimulationCommand =
  | ({ readonly kind: 'request-simulation' } & z.output<typeof SimulationRequested.schema>)
  | { readonly kind: 'claim'; readonly node: string; readonly now: Instant; readonly leaseUntil: Instant }
  | {
      readonly kind: 'advance'
      readonly node: string
      readonly cursor: Cursor
      readonly tally: Tally
      readonly leaseUntil: Instant
    }
  | { readonly kind: 'finish'; readonly node: string; readonly tally: Tally }
  | { readonly kind: 'fail'; readonly node: string; readonly reason: string }
  | { readonly kind: 'cancel'; readonly by: string }

export interface Simulation extends z.output<typeof SimulationRequested.schema> {
  readonly state: 'waiting' | 'running' | 'done' | 'failed' | 'cancelled'
  /** Where it goes on; null: at the beginning. */
  readonly cursor: Cursor | null
  readonly tally: Tally
  readonly claim: { readonly node: string; readonly until: Instant } | null
}

export type SimulationState = Simulation | null

/** Mails that one may look at. */
const MOST_MAILS = 1_000_000

const decide = (command: SimulationCommand, simulation: SimulationState): readonly SimulationEvent[] | Declined => {
  if (command.kind === 'request-simulation') {
    const { kind: _, ...data } = command
    if (simulation !== null) return []
    if (data.from >= data.to) return new Declined('invalid', 'from: expected to be before to')
    if (data.total > MOST_MAILS)
      return new Declined(
        'over-limit',
        `from, to: ${data.total} mails came in between, at most ${MOST_MAILS} are looked at`,
      )
    return [{ type: 'SimulationRequested', data }]
  }
  if (simulation === null) return new Declined('not-found', 'there is no such simulation')
  const { state, claim } = simulation
  const isOver = state === 'done' || state === 'failed' || state === 'cancelled'
  if (command.kind === 'cancel') return isOver ? [] : [{ type: 'SimulationCancelled', data: { by: command.by } }]
  if (isOver) return new Declined('conflict', `it is ${state}`)
  const { node } = command
  if (command.kind === 'claim') {
    const { now, leaseUntil } = command
    if (claim !== null && claim.node !== node && claim.until > now)
      return new Declined('conflict', `${claim.node} works on it`)
    return [{ type: 'SimulationClaimed', data: { node, leaseUntil } }]
  }
  if (claim?.node !== node) return new Declined('conflict', `${claim?.node ?? 'nobody'} works on it`)
  switch (command.kind) {
    case 'advance': {
      const { cursor, tally, leaseUntil } = command
      return [{ type: 'SimulationAdvanced', data: { cursor, tally, node, leaseUntil } }]
    }
    case 'finish':
      return [{ type: 'SimulationFinished', data: { tally: command.tally } }]
    case 'fail':
      return [{ type: 'SimulationFailed', data: { reason: command.reason } }]
  }
}

const evolve = (state: SimulationState, event: SimulationEvent): SimulationState => {
  if (event.type === 'SimulationRequested')
    return { ...event.data, state: 'waiting', cursor: null, tally: emptyTally, claim: null }
  if (state === null) return null
  switch (event.type) {
    case 'SimulationClaimed':
      return { ...state, state: 'running', claim: { node: event.data.node, until: event.data.leaseUntil } }
    case 'SimulationAdvanced': {
      const { cursor, tally, node, leaseUntil } = event.data
      return { ...state, cursor, tally, claim: { node, until: leaseUntil } }
    }
    case 'SimulationFinished':
      return { ...state, state: 'done', tally: event.data.tally, claim: null }
    case 'SimulationFailed':
      return { ...state, state: 'failed', claim: null }
    case 'SimulationCancelled':
      return { ...state, state: 'cancelled', claim: null }
    default:
      event satisfies never
      return state
  }
}

export const simulationDecider: Decider<SimulationCommand, SimulationEvent, SimulationState> = {
  initial: null,
  evolve,
  decide,
}
