import type { Actor } from '#domain/kernel/actor'
import type { Instant } from '#domain/kernel/instant'

/**
 * The event log: the only queue and the only truth. Two engines keep these words: SQLite (embedded) and EventStoreDB.
 * The contract suite in test/contract/event-log runs against every implementation.
 */
export interface EventLog {
  /**
   * Other processes append to it too and compete in its groups. Then what may outlast a group's time-out, and whatever a view says is due, is claimed by
   * an event with a lease first: any node may think that it is its turn. False: this process alone has it, and turns within it are enough.
   */
  readonly shared: boolean

  /**
   * Durable when the promise resolves. Throws `WrongRevision` when the stream is not where `expected` says,
   * `AppendTooLarge` (before anything is written) when the events exceed 1 MiB as stored.
   * The same event ids appended again at the same expectation succeed, add nothing and answer the first outcome.
   */
  append(stream: StreamName, expected: ExpectedRevision, events: readonly NewEvent[]): Promise<Appended>

  /** Events of one stream from `from` (default: its first, backwards its last), at most `limit`. A stream that isn't there reads as empty. */
  readStream(stream: StreamName, options?: ReadStreamOptions): Promise<readonly RecordedEvent[]>

  /** Events of all streams after `after` (null: from the first) in log order; `position` is how far was looked, even when nothing matched. */
  readAll(after: Position | null, filter: EventFilter, limit: number): Promise<ReadAllPage>

  /** The position of the newest event that matches, null when there is none. Cheap: asked before each SMTP verdict. */
  lastPosition(filter?: EventFilter): Promise<Position | null>

  /**
   * Catch-up, then live, in log order, without a gap; never ends until `signal` aborts. Pull-driven: the next batch is read
   * when the consumer asks for it, so a slow consumer holds nothing back but itself.
   */
  subscribeAll(after: Position | null, filter: EventFilter, signal: AbortSignal): AsyncIterable<SubscriptionBatch>

  /** Joins the named group of competing consumers, creating it at the log's beginning when it isn't there. */
  subscribeGroup(name: string, filter: EventFilter, options?: GroupOptions): Promise<GroupSubscription>

  /** Parked deliveries of a group, oldest first. */
  parked(group: string, limit: number): Promise<readonly ParkedEvent[]>
  /** Puts parked deliveries (all, or those named) back into the group; answers how many. */
  replayParked(group: string, eventIds?: readonly string[]): Promise<number>
  /** The group's progress: position of the oldest event it still owes an answer, and how many wait (for lag). */
  groupStatus(group: string): Promise<GroupStatus>

  close(): Promise<void>
}

/** `<category>-<id>`: `mail-01J...`, `account-ann@example.org`. The category is what stands before the first `-`. */
export type StreamName = `${string}-${string}`
export const categoryOf = (stream: string): string => stream.slice(0, stream.indexOf('-'))

/**
 * Where an event lies in the log. Opaque, comparable as a string (`<`), strictly increasing: 20 decimal digits.
 * Never truthiness: the first position is a position.
 */
export type Position = string & { readonly __position: never }

/** Revisions of a stream count from 0. There is no `any`. */
export type ExpectedRevision = 'noStream' | 'streamExists' | number

export interface EventMetadata {
  readonly occurredAt: Instant
  readonly actor: Actor
  /** One id for everything that follows from one outside cause. */
  readonly correlationId: string
  /** The event or command that caused this one. */
  readonly causationId: string
}

export interface NewEvent {
  /** UUID; derived (UUIDv5 of stream, command id, index) so that a retry is recognised. */
  readonly id: string
  readonly type: string
  readonly data: unknown
  readonly metadata: EventMetadata
}

export interface RecordedEvent extends NewEvent {
  readonly stream: StreamName
  readonly revision: number
  readonly position: Position
  /** The version its data has after upcasting: always the declared one. */
  readonly schemaVersion: number
}

export interface Appended {
  /** Revision of the last event appended. */
  readonly revision: number
  readonly position: Position
}

export interface ReadStreamOptions {
  readonly from?: number
  readonly direction?: 'forwards' | 'backwards'
  readonly limit?: number
}

/** Both given: both must match. Neither: every event. */
export interface EventFilter {
  readonly categories?: readonly string[]
  readonly types?: readonly string[]
}

export interface ReadAllPage {
  readonly events: readonly RecordedEvent[]
  /** How far was looked: the next page's `after`. Null only when the log is empty and `after` was null. */
  readonly position: Position | null
  /** True when `limit` did not cut the page: the reader has caught up. */
  readonly caughtUp: boolean
}

export interface SubscriptionBatch extends ReadAllPage {}

export interface GroupOptions {
  /** Deliveries that may be unanswered at once over all consumers of this process. Default 32. */
  readonly concurrency?: number
  /** Retries before a delivery is parked by itself. Default 10. */
  readonly maxRetries?: number
  /** Milliseconds an unanswered delivery is waited for before it is handed out again. Default 60 000. */
  readonly timeoutMs?: number
}

/** At least once, no order promised, not even within a stream. Each delivery is answered by exactly one of its four verbs. */
export interface GroupSubscription extends AsyncIterable<GroupDelivery> {
  /** Stops handing out; unanswered deliveries are handed out again to whoever joins next. */
  close(): Promise<void>
}

export interface GroupDelivery {
  readonly event: RecordedEvent
  /** 0 at the first delivery. */
  readonly retryCount: number
  ack(): void
  /** Hand it out again soon (no delay is promised: waiting is a due time in an event). */
  retry(reason: string): void
  park(reason: string): void
  /** Never again, and not parked. */
  skip(): void
}

export interface ParkedEvent {
  readonly event: RecordedEvent
  readonly reason: string
  readonly parkedAt: Instant
  readonly retryCount: number
}

export interface GroupStatus {
  /** Everything up to here is answered; null: nothing yet. */
  readonly checkpoint: Position | null
  readonly inFlight: number
  readonly parked: number
}

/** The stream was not where the writer thought. `actual` is its last revision, null when it isn't there. */
export class WrongRevision extends Error {
  readonly stream: string
  readonly expected: ExpectedRevision
  readonly actual: number | null

  constructor(stream: string, expected: ExpectedRevision, actual: number | null) {
    super(`stream ${stream}: expected revision ${expected}, found ${actual ?? 'no stream'}`)
    this.name = 'WrongRevision'
    this.stream = stream
    this.expected = expected
    this.actual = actual
  }
}

export class AppendTooLarge extends Error {
  readonly bytes: number
  readonly limit: number

  constructor(stream: string, bytes: number, limit: number) {
    super(`append to ${stream} is ${bytes} bytes, the limit is ${limit}`)
    this.name = 'AppendTooLarge'
    this.bytes = bytes
    this.limit = limit
  }
}

/** A stored event this build can't read: unknown type, newer version, failed upcast, bad JSON. Stops the reader. */
export class UnreadableEvent extends Error {
  readonly stream: string
  readonly revision: number
  readonly position: Position

  constructor(at: { stream: string; revision: number; position: Position }, why: string, options?: ErrorOptions) {
    super(`event ${at.stream}@${at.revision} (position ${at.position}): ${why}`, options)
    this.name = 'UnreadableEvent'
    this.stream = at.stream
    this.revision = at.revision
    this.position = at.position
  }
}

/** The log can't take or give events now (disk full, read-only, locked, corrupt, away). The message says which and what to do. */
export class LogUnavailable extends Error {
  readonly why: 'disk-full' | 'read-only' | 'locked' | 'corrupt' | 'closed' | 'unreachable' | 'other'

  constructor(why: LogUnavailable['why'], message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'LogUnavailable'
    this.why = why
  }
}
