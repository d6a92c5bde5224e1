import type { DatabaseSync } from 'node:sqlite'
import { setImmediate } from 'node:timers/promises'
import type { Projection } from '#domain/kernel/projection'
import type { Position } from '#infra/event-log/port'
import { Build } from './build.ts'
import type { BuildState, Purpose, Stopped, ViewEvent } from './build.ts'
import { openForWriting } from './database.ts'
import { indexDefinitions, quoted, storedName, tableDefinition } from './stored-names.ts'

/**
 * The views of one node in one SQLite file, written by one thread. Each projection has a live build, and now and then another
 * one beside it that takes its place when it has caught up. Rows and checkpoints of a batch are one transaction.
 */
export interface ViewStore {
  /** Why the file that was there was thrown away; null when none was. */
  readonly discarded: string | null
  /** The live build, made empty when there is none. Undefined when the one there is of another version: `begin` a rebuild. */
  live(projection: Projection): Build | undefined
  /** A build beside the live one, without indexes: those are made when its rows are there. `rebuild` goes on where an earlier one of the same version was interrupted. */
  begin(projection: Projection, purpose: 'rebuild' | 'verify'): Build
  /** Feeds a batch to builds in one transaction. When it throws, nothing was written and the builds are as before. */
  apply(builds: readonly Build[], events: readonly ViewEvent[], upTo: Position): void
  /** The rebuilt view becomes the live one, the old one's tables go, in one transaction. */
  swap(build: Build): void
  /** Makes the indexes that are still missing; each may take a while, and between two others get their turn. */
  index(build: Build): Promise<void>
  drop(build: Build): void
  /** Views on file that no given projection asks for. */
  forgetOthers(projections: readonly Projection[]): void
  close(): void
}

export const openViewStore = (path: string): ViewStore => {
  const { database, discarded } = openForWriting(path)
  return new SqliteViewStore(database, discarded)
}

interface BuildRow {
  readonly projection: string
  readonly generation: number
  readonly version: number
  readonly tables: string
  readonly purpose: Purpose
  readonly checkpoint: Position | null
  readonly events: number
  readonly stopped: string | null
}

class SqliteViewStore implements ViewStore {
  readonly discarded: string | null
  readonly #database: DatabaseSync

  constructor(database: DatabaseSync, discarded: string | null) {
    this.#database = database
    this.discarded = discarded
  }

  live(projection: Projection): Build | undefined {
    const row = this.#rows(projection.name).find((build) => build.purpose === 'live')
    if (row === undefined) return this.#transaction(() => this.#create(projection, 'live'))
    return isOf(row, projection) ? new Build(this.#database, projection, stateOf(row)) : undefined
  }

  begin(projection: Projection, purpose: 'rebuild' | 'verify'): Build {
    return this.#transaction(() => {
      const others = this.#rows(projection.name).filter((row) => row.purpose === purpose)
      const resumable = others.find((row) => purpose === 'rebuild' && isOf(row, projection) && row.stopped === null)
      for (const row of others) if (row !== resumable) this.#remove(row)
      return resumable === undefined
        ? this.#create(projection, purpose)
        : new Build(this.#database, projection, stateOf(resumable))
    })
  }

  apply(builds: readonly Build[], events: readonly ViewEvent[], upTo: Position): void {
    const before = builds.map((build) => build.state())
    try {
      this.#transaction(() => {
        for (const build of builds) {
          build.take(events, upTo)
          build.flush()
        }
      })
    } catch (error) {
      builds.forEach((build, index) => build.restore(before[index] as BuildState))
      throw error
    }
  }

  async index(build: Build): Promise<void> {
    for (const index of indexesOf(build.projection, build.generation)) {
      this.#database.exec(index)
      await setImmediate()
    }
  }

  swap(build: Build): void {
    this.#transaction(() => {
      for (const index of indexesOf(build.projection, build.generation)) this.#database.exec(index)
      for (const row of this.#rows(build.projection.name)) if (row.purpose === 'live') this.#remove(row)
      this.#database
        .prepare(`UPDATE builds SET purpose = 'live' WHERE projection = ? AND generation = ?`)
        .run(build.projection.name, build.generation)
    })
    build.purpose = 'live'
  }

  drop(build: Build): void {
    const row = this.#rows(build.projection.name).find(({ generation }) => generation === build.generation)
    if (row !== undefined) this.#transaction(() => this.#remove(row))
  }

  forgetOthers(projections: readonly Projection[]): void {
    const known = new Set(projections.map(({ name }) => name))
    const names = this.#database.prepare('SELECT DISTINCT projection FROM builds').all()
    for (const { projection } of names) {
      if (known.has(String(projection))) continue
      this.#transaction(() => this.#rows(String(projection)).forEach((row) => this.#remove(row)))
    }
  }

  close(): void {
    if (!this.#database.isOpen) return
    this.#database.exec('PRAGMA optimize')
    this.#database.close()
  }

  #create(projection: Projection, purpose: Purpose): Build {
    const generation = 1 + Math.max(0, ...this.#rows(projection.name).map((row) => row.generation))
    const state: BuildState = { generation, purpose, checkpoint: null, events: 0, stopped: null }
    this.#database
      .prepare('INSERT INTO builds VALUES (?, ?, ?, ?, ?, NULL, 0, NULL)')
      .run(projection.name, generation, projection.version, JSON.stringify(projection.tables), purpose)
    for (const table of projection.tables) {
      const stored = storedName(projection.name, table.name, generation)
      this.#database.exec(tableDefinition(table, stored))
    }
    if (purpose === 'live') for (const index of indexesOf(projection, generation)) this.#database.exec(index)
    return new Build(this.#database, projection, state)
  }

  #remove(row: BuildRow): void {
    for (const { name } of JSON.parse(row.tables) as { name: string }[]) {
      this.#database.exec(`DROP TABLE ${quoted(storedName(row.projection, name, row.generation))}`)
    }
    this.#database
      .prepare('DELETE FROM builds WHERE projection = ? AND generation = ?')
      .run(row.projection, row.generation)
  }

  #rows(projection: string): readonly BuildRow[] {
    return this.#database
      .prepare('SELECT * FROM builds WHERE projection = ? ORDER BY generation')
      .all(projection) as unknown as BuildRow[]
  }

  #transaction<Result>(work: () => Result): Result {
    this.#database.exec('BEGIN IMMEDIATE')
    try {
      const result = work()
      this.#database.exec('COMMIT')
      return result
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK')
      throw error
    }
  }
}

const indexesOf = (projection: Projection, generation: number): readonly string[] =>
  projection.tables.flatMap((table) => indexDefinitions(table, storedName(projection.name, table.name, generation)))

/** A table that changed without a new version is another view all the same. */
const isOf = (row: BuildRow, projection: Projection): boolean =>
  row.version === projection.version && row.tables === JSON.stringify(projection.tables)

const stateOf = ({ generation, purpose, checkpoint, events, stopped }: BuildRow): BuildState => ({
  generation,
  purpose,
  checkpoint,
  events,
  stopped: stopped === null ? null : (JSON.parse(stopped) as Stopped),
})
