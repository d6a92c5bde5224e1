import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { EventCodec } from '../codec.ts'
import type { EventFilter, RecordedEvent, StreamName } from '../port.ts'
import { UnreadableEvent } from '../port.ts'
import { Kinds } from './kinds.ts'
import { readMetadata } from './metadata.ts'
import { toPosition } from './position.ts'

type Cells = [
  position: number,
  stream: StreamName,
  revision: number,
  kind: number,
  version: number,
  occurredAt: number,
  id: string,
  metadata: string,
  data: string,
]
const COLUMNS = 'position, stream, revision, kind, version, occurred_at, id, metadata, data'

/** Filters that a connection keeps ready. */
const PREPARED_FILTERS = 64

/** Index ranges that one statement merges (SQLite's limit is 500 terms). */
const MERGED_RANGES = 250

/** Reads events by their indexes, in small synchronous steps, on whichever thread owns the connection. */
export class EventRows {
  readonly #database: DatabaseSync
  readonly #codec: EventCodec
  readonly #kinds: Kinds
  readonly #head: StatementSync
  readonly #forwards: StatementSync
  readonly #backwards: StatementSync
  readonly #all: StatementSync
  readonly #one: StatementSync
  readonly #filtered = new Map<string, StatementSync>()

  constructor(database: DatabaseSync, codec: EventCodec) {
    this.#database = database
    this.#codec = codec
    this.#kinds = new Kinds(database)
    this.#head = database.prepare('SELECT max(position) AS head FROM events')
    const cells = (sql: string) => this.#prepare(sql)
    this.#forwards = cells(`SELECT ${COLUMNS} FROM events WHERE stream = ? AND revision >= ? ORDER BY revision LIMIT ?`)
    this.#backwards = cells(
      `SELECT ${COLUMNS} FROM events WHERE stream = ? AND revision <= ? ORDER BY revision DESC LIMIT ?`,
    )
    this.#all = cells(`SELECT ${COLUMNS} FROM events WHERE position > ? ORDER BY position LIMIT ?`)
    this.#one = cells(`SELECT ${COLUMNS} FROM events WHERE position = ?`)
  }

  /** 0 for an empty log. */
  head(): number {
    return Number(this.#head.get()?.['head'] ?? 0)
  }

  lastPosition(filter: EventFilter): number {
    const kinds = this.#kinds.matching(filter)
    return kinds === undefined ? this.head() : this.#kinds.lastPosition(kinds)
  }

  stream(stream: string, from: number, backwards: boolean, limit: number): RecordedEvent[] {
    const rows = (backwards ? this.#backwards : this.#forwards).all(stream, from, limit) as unknown as Cells[]
    return rows.map((row) => this.#event(row))
  }

  at(position: number): RecordedEvent | undefined {
    const row = this.#one.get(position) as unknown as Cells | undefined
    return row === undefined ? undefined : this.#event(row)
  }

  /**
   * At most `limit` matching events after `after`, in order. Stops before an event that can't be read, unless it is the first: then
   * it throws, so that a reader gets all that stands before it and stops exactly there. `cut`: there may be more.
   */
  after(after: number, filter: EventFilter, limit: number): { events: RecordedEvent[]; cut: boolean } {
    const rows = this.#matching(after, filter, limit)
    const events: RecordedEvent[] = []
    for (const row of rows) {
      try {
        events.push(this.#event(row))
      } catch (error) {
        if (events.length === 0) throw error
        return { events, cut: true }
      }
    }
    return { events, cut: rows.length === limit }
  }

  #matching(after: number, filter: EventFilter, limit: number): Cells[] {
    const kinds = this.#kinds.matching(filter)
    if (kinds === undefined) return this.#all.all(after, limit) as unknown as Cells[]
    if (kinds.length === 0) return []
    if (kinds.length > MERGED_RANGES)
      return this.#scan(kinds).all(after, Number.MAX_SAFE_INTEGER, limit) as unknown as Cells[]
    // Many kinds match: most rows do, and a scan beats merging as many index ranges. Only a window of it, should it not be so here.
    if (kinds.length * 4 < this.#kinds.count) return this.#merged(kinds, after, limit)
    const end = after + 4 * limit
    const scanned = this.#scan(kinds).all(after, end, limit) as unknown as Cells[]
    return scanned.length === limit ? scanned : [...scanned, ...this.#merged(kinds, end, limit - scanned.length)]
  }

  #scan(kinds: readonly number[]): StatementSync {
    return this.#keep(
      `SELECT ${COLUMNS} FROM events WHERE position > ? AND position <= ? AND +kind IN (${kinds.join()}) ORDER BY position LIMIT ?`,
    )
  }

  #merged(kinds: readonly number[], after: number, limit: number): Cells[] {
    const ranges = kinds
      .map((kind) => `SELECT position FROM events WHERE kind = ${kind} AND position > ?1`)
      .join(' UNION ALL ')
    const statement = this.#keep(
      `SELECT ${COLUMNS} FROM (${ranges} ORDER BY 1 LIMIT ?2) JOIN events USING (position) ORDER BY position`,
    )
    return statement.all(after, limit) as unknown as Cells[]
  }

  #keep(sql: string): StatementSync {
    const known = this.#filtered.get(sql)
    if (known !== undefined) return known
    if (this.#filtered.size >= PREPARED_FILTERS) this.#filtered.clear()
    const statement = this.#prepare(sql)
    this.#filtered.set(sql, statement)
    return statement
  }

  #prepare(sql: string): StatementSync {
    const statement = this.#database.prepare(sql)
    statement.setReturnArrays(true)
    return statement
  }

  #event([row, stream, revision, kind, storedVersion, occurredAt, id, metadata, json]: Cells): RecordedEvent {
    const position = toPosition(row)
    const type = this.#kinds.type(kind)
    const { version, data } = this.#codec.decode({
      stream,
      revision,
      position,
      type,
      version: storedVersion,
      data: json,
    })
    return {
      id,
      type,
      data,
      metadata: metadataOf(stream, revision, row, occurredAt, metadata),
      stream,
      revision,
      position,
      schemaVersion: version,
    }
  }
}

const metadataOf = (stream: string, revision: number, row: number, occurredAt: number, stored: string) => {
  try {
    return readMetadata(occurredAt, stored)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new UnreadableEvent({ stream, revision, position: toPosition(row) }, why, { cause })
  }
}
