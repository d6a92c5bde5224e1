import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Table } from '#domain/kernel/projection'
import type { Position } from '#infra/event-log/port'
import { openForReading } from './database.ts'
import type { ViewReader } from './port.ts'
import { ViewBehind } from './port.ts'
import { quoted, storedName } from './stored-names.ts'

/** A reader that is told of progress, so that waiting needs no polling. */
export interface NotifiedViewReader extends ViewReader {
  /** The writer committed: who waits looks again. */
  notify(): void
  close(): void
}

/** Statements kept ready. */
const PREPARED = 256
/** Without notifications (another process writes) a waiter looks this often, in milliseconds. */
const LOOK_AGAIN = 100
const DEFAULT_TIMEOUT = 5_000

/** Opens the views at `path` for reading, in any thread or process, while another one writes them. */
export const openViewReader = (path: string): NotifiedViewReader => new SqliteViewReader(openForReading(path))

interface LiveView {
  readonly generation: number
  readonly tables: ReadonlyMap<string, Table>
}

class SqliteViewReader implements NotifiedViewReader {
  readonly #database: DatabaseSync
  readonly #checkpoint: StatementSync
  #views = new Map<string, LiveView>()
  readonly #statements = new Map<string, StatementSync>()
  readonly #waiting = new Set<Waiter>()
  #lookAgain: NodeJS.Timeout | undefined

  constructor(database: DatabaseSync) {
    this.#database = database
    this.#checkpoint = database.prepare(`SELECT checkpoint FROM builds WHERE projection = ? AND purpose = 'live'`)
  }

  get<Row>(projection: string, table: string, key: readonly (string | number)[]): Row | undefined {
    return this.#onLiveTables(() => {
      const { key: columns } = this.#table(projection, table)
      if (columns.length !== key.length) {
        throw new TypeError(`the key of ${projection} ${table} is (${columns.join(', ')}), not ${key.length} values`)
      }
      const where = columns.map((column) => `${quoted(column)} = ?`).join(' AND ')
      return this.#prepared(projection, `SELECT * FROM {${table}} WHERE ${where}`).get(...key) as Row | undefined
    })
  }

  select<Row>(projection: string, sql: string, parameters?: Readonly<Record<string, string | number | null>>): Row[] {
    return this.#onLiveTables(() => {
      const statement = this.#prepared(projection, sql)
      return (parameters === undefined ? statement.all() : statement.all(parameters)) as Row[]
    })
  }

  checkpoint(projection: string): Position | null {
    return (this.#checkpoint.get(projection)?.['checkpoint'] ?? null) as Position | null
  }

  async caughtUp(projection: string, position: Position, timeoutMs = DEFAULT_TIMEOUT): Promise<void> {
    if (this.#hasReached(projection, position)) return
    await new Promise<void>((resolve, reject) => {
      const waiter: Waiter = {
        projection,
        position,
        resolve,
        reject,
        timeout: setTimeout(() => {
          this.#waiting.delete(waiter)
          reject(new ViewBehind(projection, position))
        }, timeoutMs),
      }
      this.#waiting.add(waiter)
      this.#lookAgain ??= setInterval(() => this.notify(), LOOK_AGAIN)
    })
  }

  notify(): void {
    for (const waiter of this.#waiting) {
      try {
        if (!this.#hasReached(waiter.projection, waiter.position)) continue
        this.#settle(waiter)
        waiter.resolve()
      } catch (error) {
        this.#settle(waiter)
        waiter.reject(error)
      }
    }
    if (this.#waiting.size > 0) return
    clearInterval(this.#lookAgain)
    this.#lookAgain = undefined
  }

  close(): void {
    for (const waiter of this.#waiting) {
      this.#settle(waiter)
      waiter.reject(new ViewBehind(waiter.projection, waiter.position))
    }
    this.notify()
    if (this.#database.isOpen) this.#database.close()
  }

  #settle(waiter: Waiter): void {
    this.#waiting.delete(waiter)
    clearTimeout(waiter.timeout)
  }

  #hasReached(projection: string, position: Position): boolean {
    const checkpoint = this.checkpoint(projection)
    return checkpoint !== null && checkpoint >= position
  }

  /** A view that was rebuilt has new tables and its old ones are gone: then look which, and read again. */
  #onLiveTables<Result>(read: () => Result): Result {
    try {
      return read()
    } catch (error) {
      if (!(error instanceof Error) || !error.message.includes('no such table')) throw error
      this.#views.clear()
      this.#statements.clear()
      return read()
    }
  }

  #prepared(projection: string, sql: string): StatementSync {
    const name = `${projection}\0${sql}`
    const known = this.#statements.get(name)
    if (known !== undefined) return known
    const { generation } = this.#view(projection)
    const stored = sql.replaceAll(/\{(\w+)\}/g, (_, table: string) => {
      this.#table(projection, table)
      return quoted(storedName(projection, table, generation))
    })
    const statement = this.#database.prepare(stored)
    if (this.#statements.size >= PREPARED) this.#statements.clear()
    this.#statements.set(name, statement)
    return statement
  }

  #table(projection: string, name: string): Table {
    const table = this.#view(projection).tables.get(name)
    if (table === undefined) throw new TypeError(`the view ${projection} has no table ${name}`)
    return table
  }

  #view(projection: string): LiveView {
    const known = this.#views.get(projection)
    if (known !== undefined) return known
    const row = this.#database
      .prepare(`SELECT generation, tables FROM builds WHERE projection = ? AND purpose = 'live'`)
      .get(projection)
    if (row === undefined) throw new TypeError(`there is no view ${projection}`)
    const tables = JSON.parse(String(row['tables'])) as Table[]
    const view = { generation: Number(row['generation']), tables: new Map(tables.map((table) => [table.name, table])) }
    this.#views.set(projection, view)
    return view
  }
}

interface Waiter {
  readonly projection: string
  readonly position: Position
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
  readonly timeout: NodeJS.Timeout
}
