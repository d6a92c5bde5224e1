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
import { Appending } from './appending.ts'
import { BatchAppends } from './batch.ts'
import { Connection } from './connection.ts'
import { closed } from './failure.ts'
import { Group } from './group.ts'
import type { GroupDefaults } from './group-settings.ts'
import { GroupStates } from './group-status.ts'
import { ParkedMessages } from './parked.ts'
import { Reading } from './reading.ts'

export interface EventStoreLogOptions {
  /** `esdb://user:password@host:2113,...?tls=...&tlsCAFile=...`, or `esdb+discover://` for a cluster behind one name. */
  readonly connectionString: string
  readonly codec: EventCodec
  readonly groups?: GroupDefaults
  /** Milliseconds that appends and reads keep trying while the server is away. Default 15 000. Subscriptions try for ever. */
  readonly patienceMs?: number
}

/**
 * The event log on EventStoreDB 22.10 or later (KurrentDB): one connection per process. Throws `LogUnavailable` when the server can't be reached
 * or refuses the user, who needs the role `$admins` for persistent subscriptions.
 */
export const openEventStoreLog = async (options: EventStoreLogOptions): Promise<EventLog> => {
  const log = new EventStoreLog(options)
  try {
    await log.lastPosition()
    return log
  } catch (error) {
    await log.close()
    throw error
  }
}

class EventStoreLog implements EventLog {
  readonly shared = true
  readonly #connection: Connection
  readonly #codec: EventCodec
  readonly #reading: Reading
  readonly #appending: Appending
  readonly #states: GroupStates
  readonly #defaults: GroupDefaults
  readonly #groups = new Map<string, Group>()
  #closing: Promise<void> | undefined

  constructor({ connectionString, codec, groups = {}, patienceMs = 15_000 }: EventStoreLogOptions) {
    this.#connection = new Connection({ connectionString, patienceMs })
    this.#codec = codec
    this.#defaults = groups
    this.#reading = new Reading(this.#connection, codec)
    const batch = new BatchAppends(this.#connection)
    this.#appending = new Appending(this.#connection, batch, this.#reading, codec)
    this.#states = new GroupStates(this.#connection, new ParkedMessages(this.#connection, batch, codec))
  }

  async append(stream: StreamName, expected: ExpectedRevision, events: readonly NewEvent[]): Promise<Appended> {
    this.#checkOpen()
    return this.#appending.append(stream, expected, events)
  }

  async readStream(stream: StreamName, options: ReadStreamOptions = {}): Promise<readonly RecordedEvent[]> {
    this.#checkOpen()
    return this.#reading.stream(stream, options)
  }

  async readAll(after: Position | null, filter: EventFilter, limit: number): Promise<ReadAllPage> {
    this.#checkOpen()
    return this.#reading.all(after, filter, limit)
  }

  async lastPosition(filter: EventFilter = {}): Promise<Position | null> {
    this.#checkOpen()
    return this.#reading.lastPosition(filter)
  }

  subscribeAll(after: Position | null, filter: EventFilter, signal: AbortSignal): AsyncIterable<SubscriptionBatch> {
    return this.#reading.subscribe(after, filter, signal)
  }

  async subscribeGroup(name: string, filter: EventFilter, options: GroupOptions = {}): Promise<GroupSubscription> {
    this.#checkOpen()
    let group = this.#groups.get(name)
    if (group === undefined) {
      group = new Group(name, filter, this.#connection, this.#codec, this.#defaults, (left) =>
        this.#states.settled(left),
      )
      this.#groups.set(name, group)
    }
    return group.join(filter, options)
  }

  async parked(name: string, limit: number): Promise<readonly ParkedEvent[]> {
    this.#checkOpen()
    return (await this.#states.parked(name, this.#groups.get(name))).slice(0, limit)
  }

  async replayParked(name: string, eventIds?: readonly string[]): Promise<number> {
    this.#checkOpen()
    return this.#states.replay(name, this.#groups.get(name), eventIds)
  }

  async groupStatus(name: string): Promise<GroupStatus> {
    this.#checkOpen()
    return this.#states.status(name, this.#groups.get(name))
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    await this.#appending.settled()
    for (const [name, group] of this.#groups) {
      if (group.parking.size > 0) await this.#states.parked(name, group)
      await group.close()
    }
    this.#reading.close()
    await this.#connection.close()
  }

  #checkOpen(): void {
    if (this.#closing !== undefined) throw closed()
  }
}
