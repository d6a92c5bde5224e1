import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Change, Key, Projected, Projection, Row, RowReader } from '#domain/kernel/projection'
import type { Position } from '#infra/event-log/port'
import { isStoreFailure } from './database.ts'
import { checkChange } from './row-check.ts'
import { storedName } from './stored-names.ts'
import { TableRows } from './table-rows.ts'

/** An event as the store feeds it to projections. */
export type ViewEvent = Projected<{ readonly type: string; readonly data: unknown }>

/** Why a view stopped: the event it could not take. */
export interface Stopped {
  readonly id: string
  readonly position: string
  readonly stream: string
  readonly revision: number
  readonly type: string
  readonly occurredAt: number
  readonly reason: string
}

export type Purpose = 'live' | 'rebuild' | 'verify'

export interface BuildState {
  readonly generation: number
  readonly purpose: Purpose
  readonly checkpoint: Position | null
  /** Events taken so far. */
  readonly events: number
  readonly stopped: Stopped | null
}

/** Rows waiting to be written before they are, in the middle of a batch: one mail to a thousand is many rows. */
const MOST_OWED = 20_000
/** Rows per table remembered from batch to batch. */
const REMEMBERED = 2_000

/** One build of a view: its tables and how far it has read. Applied within a transaction that the store begins and ends. */
export class Build implements RowReader {
  readonly projection: Projection
  readonly generation: number
  readonly #types: ReadonlySet<string>
  readonly #tables: ReadonlyMap<string, TableRows>
  readonly #save: StatementSync
  purpose: Purpose
  #checkpoint: Position | null
  #events: number
  #stopped: Stopped | null

  constructor(database: DatabaseSync, projection: Projection, state: BuildState) {
    this.projection = projection
    this.generation = state.generation
    this.purpose = state.purpose
    this.#checkpoint = state.checkpoint
    this.#events = state.events
    this.#stopped = state.stopped
    this.#types = new Set(projection.types)
    this.#tables = new Map(
      projection.tables.map((table) => [
        table.name,
        new TableRows(database, table, storedName(projection.name, table.name, state.generation)),
      ]),
    )
    this.#save = database.prepare(
      'UPDATE builds SET checkpoint = ?, events = ?, stopped = ? WHERE projection = ? AND generation = ?',
    )
  }

  get checkpoint(): Position | null {
    return this.#checkpoint
  }

  get events(): number {
    return this.#events
  }

  get stopped(): Stopped | null {
    return this.#stopped
  }

  get(table: string, key: Key): Row | undefined {
    return this.#table(table).get(key)
  }

  /** Takes the events after its checkpoint. One it can't take stops it: what came before counts, what comes after doesn't. */
  take(events: readonly ViewEvent[], upTo: Position): void {
    if (this.#stopped !== null) return
    let before = this.#checkpoint
    for (const event of events) {
      const position = event.position as Position
      if (this.#checkpoint !== null && position <= this.#checkpoint) continue
      if (this.#types.has(event.type)) {
        try {
          this.#apply(this.projection.project(event, this))
        } catch (error) {
          if (isStoreFailure(error)) throw error
          const reason = error instanceof Error ? error.message : String(error)
          const { id, stream, revision, type, occurredAt } = event
          this.#stopped = { id, position, stream, revision, type, occurredAt, reason }
          this.#checkpoint = before
          return
        }
        this.#events++
      }
      before = position
    }
    if (this.#checkpoint === null || upTo > this.#checkpoint) this.#checkpoint = upTo
  }

  /** Writes what is owed, and the checkpoint with it. */
  flush(): void {
    for (const table of this.#tables.values()) table.flush(REMEMBERED)
    const stopped = this.#stopped === null ? null : JSON.stringify(this.#stopped)
    this.#save.run(this.#checkpoint, this.#events, stopped, this.projection.name, this.generation)
  }

  /** What it was before a transaction, for `restore`. */
  state(): BuildState {
    const { generation, purpose } = this
    return { generation, purpose, checkpoint: this.#checkpoint, events: this.#events, stopped: this.#stopped }
  }

  /** The transaction was rolled back. */
  restore(state: BuildState): void {
    this.#checkpoint = state.checkpoint
    this.#events = state.events
    this.#stopped = state.stopped
    for (const table of this.#tables.values()) table.forget()
  }

  /** Tries the event that stopped it again from now on. */
  resume(): void {
    this.#stopped = null
  }

  #apply(changes: readonly Change[]): void {
    for (const change of changes) checkChange(this.#table(change.table).table, change)
    for (const change of changes) {
      const table = this.#table(change.table)
      switch (change.change) {
        case 'put':
          table.put(change.row)
          break
        case 'set':
          table.set(change.key, change.values)
          break
        case 'add':
          table.add(change.key, change.values)
          break
        case 'remove':
          table.remove(change.key)
      }
      if (table.owed > MOST_OWED) table.flush(REMEMBERED)
    }
  }

  #table(name: string): TableRows {
    const table = this.#tables.get(name)
    if (table === undefined) throw new TypeError(`the projection ${this.projection.name} has no table ${name}`)
    return table
  }
}
