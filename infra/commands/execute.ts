import { hash } from 'node:crypto'
import type { Actor } from '#domain/kernel/actor'
import { Declined, isDeclined } from '#domain/kernel/decider'
import type { DomainEvent } from '#domain/kernel/event-type'
import type { Instant } from '#domain/kernel/instant'
import { WrongRevision, type EventLog, type NewEvent, type Position, type StreamName } from '#infra/event-log/port'
import type { Aggregate } from './aggregates.ts'
import type { StreamState, StreamStates } from './stream-states.ts'

/** Who asks, when, and as part of what. `commandId` makes a retried command recognisable: the events' ids derive from it. */
export interface Asked {
  readonly actor: Actor
  readonly now: Instant
  readonly commandId: string
  readonly correlationId: string
  /** The stream can't exist yet (a new mail): nothing is read before the append. */
  readonly newStream?: boolean
}

export interface Executed<Event, State> {
  /** What was appended; empty when it had been done already. */
  readonly events: readonly Event[]
  readonly state: State
  readonly revision: number | null
  /** A view that has got to here shows the outcome. Null: the stream isn't there. */
  readonly position: Position | null
}

const ATTEMPTS = 20
const EVENT_IDS = Buffer.from('5b0c7a1e7d5c4a779d0c2b7d1f3f8a61', 'hex')

/** UUIDv5 (RFC 9562 5.5) of stream, command id and index (design.md §3). */
export const eventId = (stream: StreamName, commandId: string, index: number): string => {
  const name = Buffer.from(`${stream}\n${commandId}\n${index}`, 'utf8')
  const hex = hash('sha1', Buffer.concat([EVENT_IDS, name]), 'hex')
  const variant = ((Number.parseInt(hex[16] ?? '0', 16) & 0x3) | 0x8).toString(16)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

/** Many writers kept winning: the caller may try again later. */
export class Contended extends Error {
  constructor(stream: string) {
    super(`stream ${stream} changed ${ATTEMPTS} times while the command was decided`)
    this.name = 'Contended'
  }
}

/** Load, decide, append at the revision that was loaded; on a conflict decide afresh. */
export const execute = async <Command, Event extends DomainEvent, State>(
  log: EventLog,
  states: StreamStates,
  aggregate: Aggregate<Command, Event, State>,
  id: string,
  command: Command,
  asked: Asked,
): Promise<Executed<Event, State> | Declined> => {
  const stream = aggregate.stream(id)
  const { decider } = aggregate
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const skipLoad = asked.newStream === true && attempt === 0
    const loaded = skipLoad
      ? { state: decider.initial, revision: null, position: null, kept: false }
      : await states.load(aggregate, stream)
    let from: StreamState<State> = loaded
    let answer = decider.decide(command, from.state)
    if (loaded.kept && (isDeclined(answer) || answer.length === 0)) {
      from = await states.refresh(aggregate, stream, loaded)
      if (from.revision !== loaded.revision) answer = decider.decide(command, from.state)
    }
    if (isDeclined(answer)) return answer
    if (answer.length === 0) return { events: [], state: from.state, revision: from.revision, position: from.position }
    try {
      const appended = await log.append(stream, from.revision ?? 'noStream', toAppend(stream, answer, asked))
      let state = from.state
      for (const event of answer) state = decider.evolve(state, event)
      states.remember(stream, { state, revision: appended.revision, position: appended.position })
      return { events: answer, state, revision: appended.revision, position: appended.position }
    } catch (error) {
      states.forget(stream)
      if (!(error instanceof WrongRevision)) throw error
    }
  }
  throw new Contended(stream)
}

const toAppend = (stream: StreamName, events: readonly DomainEvent[], asked: Asked): NewEvent[] =>
  events.map((event, index) => ({
    id: eventId(stream, asked.commandId, index),
    type: event.type,
    data: event.data,
    metadata: {
      occurredAt: asked.now,
      actor: asked.actor,
      correlationId: asked.correlationId,
      causationId: asked.commandId,
    },
  }))
