import type { DatabaseSync } from 'node:sqlite'
import { setImmediate } from 'node:timers/promises'
import type { EventCodec } from '../codec.ts'
import type {
  EventFilter,
  Position,
  ReadAllPage,
  ReadStreamOptions,
  RecordedEvent,
  SubscriptionBatch,
} from '../port.ts'
import { LogUnavailable, UnreadableEvent } from '../port.ts'
import { unavailable } from './failure.ts'
import { fromPosition, toPosition } from './position.ts'
import { EventRows } from './rows.ts'
import type { Wake } from './wake.ts'

/** Rows read without giving way to the thread's other work. */
const STEP = 64
/** Most events of one page, whatever was asked for. */
const MAX_PAGE = 10_000
/** Events of one batch of a subscription. */
const BATCH = 256

/** How far the log goes: in memory beside the writer, by a look at the file elsewhere. */
export interface Ends {
  head(): number
  last(filter: EventFilter): number
}

export interface ReadingSettings {
  readonly ends?: Ends
  readonly salvage?: boolean
}

interface Step {
  readonly events: readonly RecordedEvent[]
  readonly cut: boolean
  readonly unreadable: boolean
}

const UNKNOWN = Number.MAX_SAFE_INTEGER

/** Reading, the same for the log itself and for readers in other threads. All its connection does is to read; it never waits for the writer. */
export class Reading {
  readonly rows: EventRows
  readonly #path: string
  readonly #database: DatabaseSync
  readonly #wake: Wake
  readonly #ends: Ends
  readonly #salvage: boolean

  constructor(
    path: string,
    database: DatabaseSync,
    codec: EventCodec,
    wake: Wake,
    { ends, salvage = false }: ReadingSettings = {},
  ) {
    this.#path = path
    this.#salvage = salvage
    this.#database = database
    this.#wake = wake
    try {
      this.rows = new EventRows(database, codec)
    } catch (error) {
      throw unavailable(error, path)
    }
    this.#ends = ends ?? { head: () => this.rows.head(), last: (filter) => this.rows.lastPosition(filter) }
  }

  async stream(stream: string, options: ReadStreamOptions): Promise<readonly RecordedEvent[]> {
    const backwards = options.direction === 'backwards'
    const limit = count(options.limit ?? Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)
    const events: RecordedEvent[] = []
    let from = options.from ?? (backwards ? Number.MAX_SAFE_INTEGER : 0)
    while (events.length < limit) {
      const step = Math.min(STEP, limit - events.length)
      const found = this.#try(() => this.rows.stream(stream, from, backwards, step))
      for (const event of found) events.push(event)
      const last = found.at(-1)
      if (last === undefined || found.length < step) break
      from = backwards ? last.revision - 1 : last.revision + 1
      await setImmediate()
    }
    return events
  }

  async all(after: Position | null, filter: EventFilter, limit: number): Promise<ReadAllPage> {
    const wanted = count(limit, MAX_PAGE)
    const start = fromPosition(after)
    const events: RecordedEvent[] = []
    let position = start
    for (;;) {
      const head = this.#end(() => this.#ends.head())
      // Nothing newer of this kind: no need to look.
      if (this.#end(() => this.#ends.last(filter)) <= position) return page(events, Math.max(head, position), true)
      const step = Math.min(STEP, wanted - events.length)
      const found = this.#next(position, filter, step, events.length > 0)
      for (const event of found.events) events.push(event)
      const last = found.events.at(-1)
      if (last !== undefined) position = fromPosition(last.position)
      if (!found.cut) return page(events, head === UNKNOWN ? position : Math.max(head, position), true)
      if (found.unreadable || events.length === wanted)
        return page(events, position, position >= head && !found.unreadable)
      await setImmediate()
    }
  }

  lastPosition(filter: EventFilter): Position | null {
    const last = this.#try(() => this.#ends.last(filter))
    return last === 0 ? null : toPosition(last)
  }

  async *subscribe(
    after: Position | null,
    filter: EventFilter,
    signal: AbortSignal,
  ): AsyncGenerator<SubscriptionBatch, void, undefined> {
    let position = after
    let caughtUp = false
    while (!signal.aborted) {
      const turn = this.#wake.turn
      const batch = await this.all(position, filter, BATCH)
      if (signal.aborted) return
      if (batch.position !== position || batch.caughtUp !== caughtUp) {
        position = batch.position
        caughtUp = batch.caughtUp
        yield batch
      }
      if (batch.caughtUp) await this.#wake.after(turn, signal)
    }
  }

  close(): void {
    this.#wake.close(closed(this.#path))
    if (this.#database.isOpen) this.#database.close()
  }

  /** Gets as close to what can't be read as there are rows before it; those are handed out first, the next page begins with it and throws. */
  #next(after: number, filter: EventFilter, limit: number, keep: boolean): Step {
    try {
      return { ...this.#try(() => this.rows.after(after, filter, limit)), unreadable: false }
    } catch (error) {
      const damaged = error instanceof LogUnavailable && error.why === 'corrupt'
      if (damaged && limit > 1) return this.#next(after, filter, limit >> 1, keep)
      if (keep && (damaged || error instanceof UnreadableEvent)) return { events: [], cut: true, unreadable: true }
      throw error
    }
  }

  /** Of a damaged file that is read nevertheless the end may be lost: then there is always more to try. */
  #end(ask: () => number): number {
    try {
      return this.#try(ask)
    } catch (error) {
      if (this.#salvage && error instanceof LogUnavailable && error.why === 'corrupt') return UNKNOWN
      throw error
    }
  }

  #try<Result>(read: () => Result): Result {
    if (!this.#database.isOpen) throw closed(this.#path)
    try {
      return read()
    } catch (error) {
      if (error instanceof UnreadableEvent || error instanceof TypeError) throw error
      throw unavailable(error, this.#path)
    }
  }
}

export const closed = (path: string): LogUnavailable => new LogUnavailable('closed', `the event log ${path} is closed`)

const page = (events: RecordedEvent[], position: number, caughtUp: boolean): ReadAllPage => ({
  events,
  position: position === 0 ? null : toPosition(position),
  caughtUp,
})

const count = (limit: number, most: number): number => {
  if (!Number.isInteger(limit) || limit < 1) throw new RangeError(`a limit is a whole number from 1, not ${limit}`)
  return Math.min(limit, most)
}
