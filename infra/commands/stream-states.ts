import { LRUCache } from 'lru-cache'
import type { EventLog, Position, RecordedEvent, StreamName } from '#infra/event-log/port'
import type { Aggregate } from './aggregates.ts'

/** A stream folded so far. `revision` null: it isn't there yet. */
export interface StreamState<State> {
  readonly state: State
  readonly revision: number | null
  readonly position: Position | null
}

const PAGE = 1_000

/**
 * Streams folded into state, the recently used ones kept. What is kept may be behind another node: an append at its revision then
 * fails and `forget` is called; a refusal decided from it is decided again after `refresh`.
 */
export class StreamStates {
  readonly #log: EventLog
  readonly #kept: LRUCache<string, StreamState<unknown>>

  constructor(log: EventLog, keep = 4_000) {
    this.#log = log
    this.#kept = new LRUCache({ max: keep })
  }

  /** The kept state, or the stream read and folded. */
  async load<Command, Event, State>(
    aggregate: Aggregate<Command, Event, State>,
    stream: StreamName,
  ): Promise<StreamState<State> & { kept: boolean }> {
    const kept = this.#kept.get(stream) as StreamState<State> | undefined
    if (kept !== undefined) return { ...kept, kept: true }
    const fresh = await this.#readOn(aggregate, stream, {
      state: aggregate.decider.initial,
      revision: null,
      position: null,
    })
    return { ...fresh, kept: false }
  }

  /**
   * The state at `revision` or later. A reaction must ask so: its event can arrive before the append that wrote it has been
   * folded into what is kept here, and from the state before it there is nothing to do.
   */
  async loadAtLeast<Command, Event, State>(
    aggregate: Aggregate<Command, Event, State>,
    stream: StreamName,
    revision: number,
  ): Promise<StreamState<State>> {
    const loaded = await this.load(aggregate, stream)
    return loaded.revision !== null && loaded.revision >= revision ? loaded : this.#readOn(aggregate, stream, loaded)
  }

  /** The state with everything that is in the log now. */
  async loadNewest<Command, Event, State>(
    aggregate: Aggregate<Command, Event, State>,
    stream: StreamName,
  ): Promise<StreamState<State>> {
    const loaded = await this.load(aggregate, stream)
    return loaded.kept ? this.#readOn(aggregate, stream, loaded) : loaded
  }

  /** Reads what came after `known`. */
  async refresh<Command, Event, State>(
    aggregate: Aggregate<Command, Event, State>,
    stream: StreamName,
    known: StreamState<State>,
  ): Promise<StreamState<State>> {
    return this.#readOn(aggregate, stream, known)
  }

  remember<State>(stream: StreamName, state: StreamState<State>): void {
    const kept = this.#kept.get(stream)
    if (state.revision === null || (kept?.revision ?? -1) > state.revision) return
    this.#kept.set(stream, state)
  }

  forget(stream: StreamName): void {
    this.#kept.delete(stream)
  }

  async #readOn<Command, Event, State>(
    aggregate: Aggregate<Command, Event, State>,
    stream: StreamName,
    known: StreamState<State>,
  ): Promise<StreamState<State>> {
    let { state, revision, position } = known
    for (;;) {
      const page = await this.#log.readStream(stream, { from: revision === null ? 0 : revision + 1, limit: PAGE })
      for (const event of page) {
        state = aggregate.decider.evolve(state, asDomainEvent<Event>(event))
        revision = event.revision
        position = event.position
      }
      if (page.length < PAGE) break
    }
    const read = { state, revision, position }
    this.remember(stream, read)
    return read
  }
}

/** The codec has checked type and version: what comes out of the log has the declared shape. */
export const asDomainEvent = <Event>(event: RecordedEvent): Event => event as unknown as Event
