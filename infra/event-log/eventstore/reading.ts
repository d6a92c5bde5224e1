import type { ReadResp } from '@eventstore/db-client/generated/streams_pb.js'
import type { EventCodec } from '../codec.ts'
import type {
  EventFilter,
  Position,
  ReadAllPage,
  ReadStreamOptions,
  RecordedEvent,
  SubscriptionBatch,
} from '../port.ts'
import { UnreadableEvent } from '../port.ts'
import type { Connection } from './connection.ts'
import { isPassing } from './failure.ts'
import { Feed } from './feed.ts'
import type { CompiledFilter } from './filter.ts'
import { compile } from './filter.ts'
import { LastPositions } from './last-positions.ts'
import { recordedEvent, streamOf, typeOf } from './messages.ts'
import { fromPosition, toPosition } from './position.ts'
import { readAll, readStream } from './requests.ts'
import { answersTo } from './source.ts'

/** Most events of one page, whatever was asked for. */
const MAX_PAGE = 10_000
/** Events of one batch of a subscription. */
const BATCH = 256
/** More than any stream has, for the server. */
const ALL = Number.MAX_SAFE_INTEGER

/** Newest events that are looked through for one before all of them are. */
const FEW = 64

type ReadEvent = ReadResp.ReadEvent.RecordedEvent

/** Reading, for the log itself and for readers in other threads. */
export class Reading {
  readonly #connection: Connection
  readonly #codec: EventCodec
  readonly #feed: Feed
  readonly #last: LastPositions

  constructor(connection: Connection, codec: EventCodec) {
    this.#connection = connection
    this.#codec = codec
    this.#feed = new Feed(connection, () => this.head())
    this.#last = new LastPositions(this.#feed, {
      newest: (filter) => this.#newest(filter),
      newestAfter: (after, filter) => this.#newestAfter(after, filter),
    })
  }

  async stream(stream: string, options: ReadStreamOptions): Promise<readonly RecordedEvent[]> {
    const backwards = options.direction === 'backwards'
    const limit = count(options.limit ?? ALL, ALL)
    const events: RecordedEvent[] = []
    let from = options.from ?? null
    await this.#connection.retry(`read of ${stream}`, async () => {
      const left = limit - events.length
      if (left === 0 || (from !== null && from < 0)) return
      const request = readStream({ stream, from: from === null ? null : String(from), backwards, limit: left })
      for await (const answer of answersTo(this.#connection, request)) {
        const record = answer.getEvent()?.getEvent()
        if (record === undefined) continue
        const event = recordedEvent(record, this.#codec)
        events.push(event)
        from = backwards ? event.revision - 1 : event.revision + 1
      }
    })
    return events
  }

  /** The end of the log is asked for first: what matches up to there has been read when the read ends. */
  async all(after: Position | null, filter: EventFilter, limit: number): Promise<ReadAllPage> {
    const wanted = count(limit, MAX_PAGE)
    if (after !== null) fromPosition(after)
    const compiled = compile(filter)
    const head = await this.head()
    const events: RecordedEvent[] = []
    if (!compiled.empty && (head ?? '') > (after ?? '')) {
      const cut = await this.#connection.retry('read of $all', () => this.#page(events, after, compiled, wanted))
      if (cut) return { events, position: events.at(-1)?.position ?? after, caughtUp: false }
    }
    const last = events.at(-1)?.position ?? null
    return { events, position: latest(latest(head, last), after), caughtUp: true }
  }

  lastPosition(filter: EventFilter): Promise<Position | null> {
    const compiled = compile(filter)
    return compiled.empty ? Promise.resolve(null) : this.#last.of(compiled)
  }

  /** The position of the newest event that isn't the server's own. */
  head(): Promise<Position | null> {
    return this.#newest(compile({}))
  }

  async *subscribe(
    after: Position | null,
    filter: EventFilter,
    signal: AbortSignal,
  ): AsyncGenerator<SubscriptionBatch, void, undefined> {
    if (after !== null) fromPosition(after)
    const compiled = compile(filter)
    let position = after
    let caughtUp = false
    for (let failures = 0; !signal.aborted;) {
      try {
        await this.#feed.started()
        const turn = this.#feed.turn
        const batch = this.#live(position, compiled) ?? (await this.all(position, filter, BATCH))
        failures = 0
        if (signal.aborted) return
        if (batch.position !== position || batch.caughtUp !== caughtUp) {
          position = batch.position
          caughtUp = batch.caughtUp
          yield batch
        }
        if (batch.caughtUp) await this.#feed.after(turn, signal)
      } catch (error) {
        // A subscription outlasts any absence of the server.
        if (!isPassing(error) && !isUnreachable(error)) throw error
        await this.#connection.pause(failures++)
      }
    }
  }

  /** An append of this process has its answer: no reader is caught up before it is there. */
  expect(position: Position): void {
    this.#feed.expect(position)
  }

  close(): void {
    this.#feed.close()
  }

  /** From memory, when it reaches back that far. */
  #live(position: Position | null, filter: CompiledFilter): SubscriptionBatch | undefined {
    if (!this.#feed.covers(position)) return undefined
    const events: RecordedEvent[] = []
    let looked = position
    for (const record of this.#feed.following(position)) {
      if (!filter.empty && filter.matches(record.stream, record.type)) {
        if (events.length === BATCH) return { events, position: looked, caughtUp: false }
        const event = this.#readable(record.message, events.length > 0)
        if (event === undefined) return { events, position: looked, caughtUp: false }
        events.push(event)
      }
      looked = record.position
    }
    const caughtUp = (this.#feed.end ?? '') >= (this.#feed.expected ?? '')
    if (!caughtUp && events.length === 0) return undefined
    return { events, position: latest(looked, this.#feed.end), caughtUp }
  }

  /** Adds to `events` what follows them; true when there is more than wanted. */
  async #page(
    events: RecordedEvent[],
    after: Position | null,
    filter: CompiledFilter,
    wanted: number,
  ): Promise<boolean> {
    const from = events.at(-1)?.position ?? after
    const request = readAll({
      from: from === null ? null : fromPosition(from),
      backwards: false,
      // One that is known already, one that tells whether there is more.
      limit: filter.exact ? wanted - events.length + 2 : ALL,
      filter: filter.server,
    })
    for await (const answer of answersTo(this.#connection, request)) {
      const record = answer.getEvent()?.getEvent()
      if (record === undefined || !filter.matches(streamOf(record), typeOf(record))) continue
      if (toPosition(record.getCommitPosition()) <= (from ?? '')) continue
      if (events.length === wanted) return true
      const event = this.#readable(record, events.length > 0)
      if (event === undefined) return true
      events.push(event)
    }
    return false
  }

  /** What stands before an unreadable event is handed out first; the next page begins with it and throws. */
  #readable(record: ReadEvent, keep: boolean): RecordedEvent | undefined {
    try {
      return recordedEvent(record, this.#codec)
    } catch (error) {
      if (keep && error instanceof UnreadableEvent) return undefined
      throw error
    }
  }

  async #newest(filter: CompiledFilter): Promise<Position | null> {
    // What the server lets through is nearly always wanted; a reader that stops it has been sent much more than it wants.
    const limits = filter.exact ? [1, ALL] : [FEW, ALL]
    for (const limit of limits) {
      const found = await this.#newestOf(filter, limit)
      if (found !== undefined) return found
    }
    return null
  }

  /** Undefined: not among so many. */
  #newestOf(filter: CompiledFilter, limit: number): Promise<Position | null | undefined> {
    return this.#connection.retry('read of $all', async () => {
      const request = readAll({ from: null, backwards: true, limit, filter: filter.server })
      let looked = 0
      for await (const answer of answersTo(this.#connection, request)) {
        const record = answer.getEvent()?.getEvent()
        looked++
        if (record !== undefined && filter.matches(streamOf(record), typeOf(record)))
          return toPosition(record.getCommitPosition())
      }
      return looked < limit ? null : undefined
    })
  }

  #newestAfter(after: Position, filter: CompiledFilter): Promise<Position | null> {
    return this.#connection.retry('read of $all', async () => {
      let newest: Position | null = null
      const request = readAll({ from: fromPosition(after), backwards: false, limit: ALL, filter: filter.server })
      for await (const answer of answersTo(this.#connection, request)) {
        const record = answer.getEvent()?.getEvent()
        if (record === undefined || !filter.matches(streamOf(record), typeOf(record))) continue
        const position = toPosition(record.getCommitPosition())
        if (position > after) newest = position
      }
      return newest
    })
  }
}

const isUnreachable = (error: unknown): boolean =>
  error instanceof Error && 'why' in error && error.why === 'unreachable'

const latest = (one: Position | null, other: Position | null): Position | null =>
  (one ?? '') >= (other ?? '') ? one : other

const count = (limit: number, most: number): number => {
  if (!Number.isInteger(limit) || limit < 1) throw new RangeError(`a limit is a whole number from 1, not ${limit}`)
  return Math.min(limit, most)
}
