import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Cell, Key, Row, Table } from '#domain/kernel/projection'
import { checkKey } from './row-check.ts'
import { quoted } from './stored-names.ts'

/**
 * One stored table with its changes of the running transaction held back in memory: a row that changes ten times in a batch is
 * written once, one that comes and goes not at all. `flush` writes what is owed. Changes were checked (row-check.ts).
 */
export class TableRows {
  readonly table: Table
  readonly #statements: Statements
  /** Rows as the file has them. */
  readonly #clean = new Map<string, Row | null>()
  readonly #owed = new Map<string, Owed>()
  /** Somebody reads this table: then what was written is worth remembering. */
  #isRead = false

  constructor(database: DatabaseSync, table: Table, stored: string) {
    this.table = table
    this.#statements = new Statements(database, table, stored)
  }

  /** Rows that wait to be written. */
  get owed(): number {
    return this.#owed.size
  }

  get(key: Key): Row | undefined {
    checkKey(this.table, key)
    this.#isRead = true
    return this.#get(key, cacheKey(key))
  }

  put(row: Row): void {
    const key = this.table.key.map((column) => row[column]) as Key
    const id = cacheKey(key)
    const owed = this.#owed.get(id)
    const isNew = owed === undefined ? this.#clean.get(id) === null : owed.is === 'row' && owed.isNew
    this.#owed.set(id, { is: 'row', key, row, isNew, isOurs: false })
  }

  set(key: Key, values: Row): void {
    this.#set(key, cacheKey(key), values)
  }

  add(key: Key, values: Readonly<Record<string, number>>): void {
    const id = cacheKey(key)
    const row = this.#get(key, id)
    if (row !== undefined) {
      const sums: Record<string, Cell> = {}
      for (const [column, more] of Object.entries(values)) sums[column] = Number(row[column] ?? 0) + more
      this.#set(key, id, sums)
      return
    }
    const zeros: Record<string, Cell> = {}
    for (const [column, type] of Object.entries(this.table.columns)) zeros[column] = type === 'text' ? null : 0
    this.table.key.forEach((column, index) => {
      zeros[column] = key[index] ?? null
    })
    this.put({ ...zeros, ...values })
  }

  remove(key: Key): void {
    const id = cacheKey(key)
    const owed = this.#owed.get(id)
    if (owed === undefined ? this.#clean.get(id) === null : owed.is === 'row' && owed.isNew) {
      this.#owed.delete(id)
      this.#clean.set(id, null)
      return
    }
    this.#owed.set(id, { is: 'nothing', key })
  }

  /** Writes what is owed, in the order of the key: neighbours lie on the same page. */
  flush(keep: number): void {
    const ids = [...this.#owed.keys()].sort()
    for (const id of ids) {
      const owed = this.#owed.get(id) as Owed
      this.#write(owed)
      if (!this.#isRead) continue
      if (owed.is === 'row' || owed.is === 'changes') this.#clean.set(id, owed.row)
      else if (owed.is === 'nothing') this.#clean.set(id, null)
      else this.#clean.delete(id)
    }
    this.#owed.clear()
    if (!this.#isRead || this.#clean.size > keep) this.#clean.clear()
  }

  /** After a rollback: what memory holds never happened. */
  forget(): void {
    this.#owed.clear()
    this.#clean.clear()
  }

  #get(key: Key, id: string): Row | undefined {
    const owed = this.#owed.get(id)
    if (owed === undefined) {
      const known = this.#clean.get(id)
      if (known !== undefined) return known ?? undefined
      const row = this.#statements.select(key)
      this.#clean.set(id, row ?? null)
      return row
    }
    if (owed.is === 'nothing') return undefined
    if (owed.is !== 'blind') return owed.row
    const stored = this.#statements.select(key)
    if (stored === undefined) {
      this.#owed.delete(id)
      this.#clean.set(id, null)
      return undefined
    }
    const row = { ...stored, ...owed.values }
    this.#owed.set(id, { is: 'changes', key, row, columns: new Set(Object.keys(owed.values)) })
    return row
  }

  #set(key: Key, id: string, values: Row): void {
    const owed = this.#owed.get(id)
    switch (owed?.is) {
      case 'nothing':
        return
      case 'row':
        if (owed.isOurs) Object.assign(owed.row, values)
        else {
          owed.row = { ...owed.row, ...values }
          owed.isOurs = true
        }
        return
      case 'changes':
        Object.assign(owed.row, values)
        for (const column in values) owed.columns.add(column)
        return
      case 'blind':
        owed.values = { ...owed.values, ...values }
        return
      case undefined: {
        const known = this.#clean.get(id)
        if (known === null) return
        if (known === undefined) this.#owed.set(id, { is: 'blind', key, values })
        else {
          const row = { ...known, ...values }
          this.#owed.set(id, { is: 'changes', key, row, columns: new Set(Object.keys(values)) })
        }
      }
    }
  }

  #write(owed: Owed): void {
    switch (owed.is) {
      case 'row':
        this.#statements.upsert(owed.row)
        return
      case 'changes':
        this.#statements.update(owed.key, owed.row, [...owed.columns])
        return
      case 'blind':
        this.#statements.update(owed.key, owed.values, Object.keys(owed.values))
        return
      case 'nothing':
        this.#statements.delete(owed.key)
    }
  }
}

type Owed =
  /** A whole row. `isNew`: the file has none with this key; `isOurs`: a copy of the projection's object, free to change. */
  | { readonly is: 'row'; readonly key: Key; row: Row; readonly isNew: boolean; isOurs: boolean }
  /** Some columns of a row that is in the file, and the row as it will be. */
  | { readonly is: 'changes'; readonly key: Key; row: Row; readonly columns: Set<string> }
  /** Some columns of a row that may be in the file: nobody has looked. */
  | { readonly is: 'blind'; readonly key: Key; values: Row }
  | { readonly is: 'nothing'; readonly key: Key }

const cacheKey = (key: Key): string => (key.length === 1 ? String(key[0]) : key.join('\0'))

/** Which columns change together varies little; beyond this many sets the statements are made anew. */
const PREPARED_UPDATES = 64

class Statements {
  readonly #database: DatabaseSync
  readonly #stored: string
  readonly #columns: readonly string[]
  readonly #where: string
  readonly #select: StatementSync
  readonly #upsert: StatementSync
  readonly #delete: StatementSync
  readonly #updates = new Map<string, StatementSync>()

  constructor(database: DatabaseSync, table: Table, stored: string) {
    this.#database = database
    this.#stored = quoted(stored)
    this.#columns = Object.keys(table.columns)
    this.#where = table.key.map((column) => `${quoted(column)} = ?`).join(' AND ')
    const all = this.#columns.map(quoted).join()
    const marks = this.#columns.map(() => '?').join()
    const key = table.key.map(quoted).join()
    const rest = this.#columns.filter((column) => !table.key.includes(column)).map(quoted)
    const conflict =
      rest.length === 0
        ? 'DO NOTHING'
        : `DO UPDATE SET ${rest.map((column) => `${column} = excluded.${column}`).join()}`
    this.#select = database.prepare(`SELECT ${all} FROM ${this.#stored} WHERE ${this.#where}`)
    this.#upsert = database.prepare(
      `INSERT INTO ${this.#stored} (${all}) VALUES (${marks}) ON CONFLICT (${key}) ${conflict}`,
    )
    this.#delete = database.prepare(`DELETE FROM ${this.#stored} WHERE ${this.#where}`)
  }

  select(key: Key): Row | undefined {
    return this.#select.get(...key) as Row | undefined
  }

  upsert(row: Row): void {
    const cells: Cell[] = []
    for (const column of this.#columns) cells.push(row[column] as Cell)
    this.#upsert.run(...cells)
  }

  update(key: Key, row: Row, columns: readonly string[]): void {
    if (columns.length === 0) return
    const cells: Cell[] = []
    for (const column of columns) cells.push(row[column] as Cell)
    this.#prepared(columns).run(...cells, ...key)
  }

  delete(key: Key): void {
    this.#delete.run(...key)
  }

  #prepared(columns: readonly string[]): StatementSync {
    const signature = columns.join()
    const known = this.#updates.get(signature)
    if (known !== undefined) return known
    if (this.#updates.size >= PREPARED_UPDATES) this.#updates.clear()
    const values = columns.map((column) => `${quoted(column)} = ?`).join()
    const statement = this.#database.prepare(`UPDATE ${this.#stored} SET ${values} WHERE ${this.#where}`)
    this.#updates.set(signature, statement)
    return statement
  }
}
