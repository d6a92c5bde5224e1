import type { Instant } from '#domain/kernel/instant'
import type { EventCodec } from '../codec.ts'
import type {
  Appended,
  EventFilter,
  EventLog,
  ExpectedRevision,
  GroupOptions,
  GroupStatus,
  GroupSubscription,
  NewEvent,
  ParkedEvent,
  Position,
  ReadAllPage,
  ReadStreamOptions,
  RecordedEvent,
  StreamName,
  SubscriptionBatch,
} from '../port.ts'
import { AppendQueue } from './append-queue.ts'
import { openForReading } from './database.ts'
import { Group } from './group.ts'
import { GroupSource } from './group-source.ts'
import { Heads } from './heads.ts'
import { toPosition } from './position.ts'
import { closed, Reading } from './reading.ts'
import { commitChannel, Wake } from './wake.ts'
import { WriterLink } from './writer-link.ts'

export interface SqliteEventLogOptions {
  /** The database file, `<data>/log/events.db`; its folder is made when it isn't there. */
  readonly path: string
  readonly codec: EventCodec
  /** For the time of parking. Default: the system's clock. */
  readonly now?: () => Instant
}

/**
 * The embedded event log: one SQLite file, written by one thread of one process. Throws `LogUnavailable` - `locked` when another
 * server has it - and never repairs anything silently.
 */
export const openSqliteEventLog = async ({ path, codec, now = Date.now }: SqliteEventLogOptions): Promise<EventLog> => {
  const { link, opened } = await WriterLink.open({ path, channel: commitChannel(path) })
  try {
    const heads = new Heads(opened.head, opened.heads)
    return new SqliteEventLog(path, codec, link, heads, now)
  } catch (error) {
    await link.close()
    throw error
  }
}

class SqliteEventLog implements EventLog {
  /** The lock on its file keeps others out. */
  readonly shared = false
  readonly #path: string
  readonly #link: WriterLink
  readonly #appends: AppendQueue
  readonly #reading: Reading
  readonly #wake = new Wake()
  readonly #groupSource: GroupSource
  readonly #groups = new Map<string, Group>()
  readonly #now: () => Instant
  #closing: Promise<void> | undefined

  constructor(path: string, codec: EventCodec, link: WriterLink, heads: Heads, now: () => Instant) {
    this.#path = path
    this.#link = link
    this.#now = now
    this.#appends = new AppendQueue(link, codec, heads, () => this.#wake.notify())
    const database = openForReading(path)
    const ends = { head: () => heads.head, last: (filter: EventFilter) => heads.last(filter) }
    this.#reading = new Reading(path, database, codec, this.#wake, { ends })
    this.#groupSource = new GroupSource(database, this.#reading, this.#wake, link)
  }

  /** Not async: the busiest of all, and one promise is enough. */
  append(stream: StreamName, expected: ExpectedRevision, events: readonly NewEvent[]): Promise<Appended> {
    try {
      this.#checkOpen()
      return this.#appends.append(stream, expected, events)
    } catch (error) {
      return Promise.reject(error instanceof Error ? error : new Error(String(error)))
    }
  }

  readStream(stream: StreamName, options: ReadStreamOptions = {}): Promise<readonly RecordedEvent[]> {
    return this.#reading.stream(stream, options)
  }

  readAll(after: Position | null, filter: EventFilter, limit: number): Promise<ReadAllPage> {
    return this.#reading.all(after, filter, limit)
  }

  async lastPosition(filter: EventFilter = {}): Promise<Position | null> {
    return this.#reading.lastPosition(filter)
  }

  subscribeAll(after: Position | null, filter: EventFilter, signal: AbortSignal): AsyncIterable<SubscriptionBatch> {
    return this.#reading.subscribe(after, filter, signal)
  }

  async subscribeGroup(name: string, filter: EventFilter, options: GroupOptions = {}): Promise<GroupSubscription> {
    this.#checkOpen()
    let group = this.#groups.get(name)
    if (group === undefined) {
      group = new Group(name, filter, this.#groupSource, this.#now)
      this.#groups.set(name, group)
    }
    return group.join(filter, options)
  }

  async parked(group: string, limit: number): Promise<readonly ParkedEvent[]> {
    await this.#flushed(group)
    return this.#groupSource.parked(group, limit)
  }

  async replayParked(group: string, eventIds?: readonly string[]): Promise<number> {
    const running = await this.#flushed(group)
    const replayed = await this.#groupSource.replay(group, eventIds)
    running?.replay()
    this.#wake.notify()
    return replayed
  }

  async groupStatus(name: string): Promise<GroupStatus> {
    const running = await this.#flushed(name)
    const parked = this.#groupSource.parkedCount(name)
    const { checkpoint, inFlight } = running ?? this.#atRest(name)
    return { checkpoint: checkpoint === 0 ? null : toPosition(checkpoint), inFlight, parked }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    try {
      this.#appends.flush()
      for (const group of this.#groups.values()) await group.close()
    } finally {
      this.#reading.close()
      await this.#link.close()
    }
  }

  /** What was answered is written before anyone looks at it. */
  async #flushed(name: string): Promise<Group | undefined> {
    this.#checkOpen()
    const group = this.#groups.get(name)
    await group?.flush()
    return group
  }

  #atRest(name: string): { checkpoint: number; inFlight: number } {
    const { cursor, owed } = this.#groupSource.progress(name)
    const oldest = owed[0]?.[0]
    return { checkpoint: oldest === undefined ? cursor : oldest - 1, inFlight: owed.length }
  }

  #checkOpen(): void {
    if (this.#closing !== undefined) throw closed(this.#path)
  }
}
