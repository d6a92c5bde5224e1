import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Position } from '#infra/event-log/port'
import {
  SearchUnavailable,
  type Facets,
  type Found,
  type IndexBatch,
  type IndexDocument,
  type IndexEntry,
  type SearchIndex,
  type SearchRequest,
  type StoredDocument,
} from '../port.ts'
import { FIELDS, type Sought } from '../sought.ts'
import { openForWriting } from './database.ts'
import { firstRowOf, MOST_CIRCLES, packDocument, packFacets } from './packed.ts'
import { Searching } from './searching.ts'

/** The index in one SQLite file, in the thread of the caller: one writer at a time, whatever thread. */
export const openFtsIndex = (path: string): SearchIndex => new FtsIndex(openForWriting(path))

class FtsIndex implements SearchIndex {
  readonly #database: DatabaseSync
  readonly #searching: Searching
  readonly #statements: ReturnType<typeof prepare>

  constructor(database: DatabaseSync) {
    this.#database = database
    this.#searching = new Searching(database)
    this.#statements = prepare(database)
  }

  write(batch: IndexBatch): Promise<void> {
    return this.#answer(() => {
      this.#database.exec('BEGIN IMMEDIATE')
      try {
        for (const { id, revision } of batch.removals) this.#remove(id, revision)
        // FTS5 writes what it has gathered whenever a row is not behind the one before
        for (const document of [...batch.documents].sort((one, other) => one.date - other.date))
          this.#put(document, batch.mend === true)
        if (batch.position !== null) this.#statements.position.run(batch.position)
        this.#database.exec('COMMIT')
      } catch (error) {
        this.#database.exec('ROLLBACK')
        throw error
      }
    })
  }

  search(request: SearchRequest): Promise<Found> {
    return this.#answer(() => this.#searching.search(request))
  }

  facets(sought: Sought): Promise<Facets> {
    return this.#answer(() => this.#searching.facets(sought))
  }

  documents(ids: readonly string[]): Promise<readonly StoredDocument[]> {
    return this.#answer(() => this.#searching.documents(ids))
  }

  list(after: string | null, limit: number): Promise<readonly IndexEntry[]> {
    return this.#answer(() => this.#searching.list(after, limit))
  }

  checkpoint(): Promise<Position | null> {
    return this.#answer(() => this.#searching.checkpoint())
  }

  close(): Promise<void> {
    if (this.#database.isOpen) this.#database.close()
    return Promise.resolve()
  }

  #answer<Result>(work: () => Result): Promise<Result> {
    return new Promise((resolve, reject) => {
      try {
        resolve(work())
      } catch (error) {
        reject(isOutage(error) ? new SearchUnavailable(`the index: ${error.message}`, { cause: error }) : error)
      }
    })
  }

  #remove(id: string, revision: number): void {
    const there = this.#statements.find.get(id) as { row: bigint; revision: bigint } | undefined
    if (there !== undefined && there.revision > BigInt(revision)) return
    if (there !== undefined) this.#forget(there.row)
    this.#statements.removed.run(id, revision)
  }

  #forget(row: bigint): void {
    this.#statements.forgetText.run(row)
    this.#statements.forgetDocument.run(row)
    this.#statements.forgetStored.run(row)
  }

  #put(document: IndexDocument, mend: boolean): void {
    const { people, fields, facts, ...stored } = document
    const { id, revision, contentHash, size, date, types } = stored
    const there = this.#statements.find.get(id) as { row: bigint; revision: bigint } | undefined
    if (there !== undefined && there.revision >= BigInt(mend ? revision + 1 : revision)) return
    const removed = this.#statements.tombstone.get(id) as { revision: number } | undefined
    if (removed !== undefined && removed.revision >= revision) return
    if (removed !== undefined) this.#statements.restore.run(id)
    if (there !== undefined) this.#forget(there.row)
    const row = this.#freeRow(date)
    this.#statements.text.run(row, ...FIELDS.map((field) => fields[field]), facts.join(' '))
    this.#statements.document.run(
      row,
      id,
      revision,
      contentHash,
      size,
      packFacets(this.#circleOf(people), types, size, date),
    )
    this.#statements.stored.run(row, packDocument(stored))
  }

  #freeRow(date: number): bigint {
    const first = firstRowOf(date)
    const last = this.#statements.lastRow.get(first, firstRowOf(date + 1)) as { row: bigint | null }
    return last.row === null ? first : last.row + 1n
  }

  /** When there are too many, the rest is in one circle of nobody. */
  #circleOf(people: readonly string[]): number {
    const ids = people.map((address) => this.#idOf('person', address)).sort((one, other) => one - other)
    return Math.min(this.#idOf('circle', ids.join(',')), MOST_CIRCLES - 1)
  }

  #idOf(kind: 'person' | 'circle', value: string): number {
    const known = this.#statements[kind].get(value) as { id: number } | undefined
    if (known !== undefined) return known.id
    const added = kind === 'person' ? this.#statements.addPerson : this.#statements.addCircle
    return Number(added.run(value).lastInsertRowid)
  }
}

const prepare = (database: DatabaseSync) => {
  const big = (sql: string): StatementSync => {
    const statement = database.prepare(sql)
    statement.setReadBigInts(true)
    return statement
  }
  return {
    find: big('SELECT row, revision FROM documents WHERE id = ?'),
    lastRow: big('SELECT max(row) AS row FROM documents WHERE row >= ? AND row < ?'),
    text: database.prepare(
      `INSERT INTO mail_text (rowid, ${FIELDS.map((field) => `"${field}"`).join(', ')}, facts)
       VALUES (?, ${FIELDS.map(() => '?').join(', ')}, ?)`,
    ),
    document: database.prepare('INSERT INTO documents VALUES (?, ?, ?, ?, ?, ?)'),
    stored: database.prepare('INSERT INTO stored VALUES (?, ?)'),
    forgetText: database.prepare('DELETE FROM mail_text WHERE rowid = ?'),
    forgetDocument: database.prepare('DELETE FROM documents WHERE row = ?'),
    forgetStored: database.prepare('DELETE FROM stored WHERE row = ?'),
    tombstone: database.prepare('SELECT revision FROM removed WHERE id = ?'),
    removed: database.prepare(
      'INSERT INTO removed VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET revision = max(revision, excluded.revision)',
    ),
    restore: database.prepare('DELETE FROM removed WHERE id = ?'),
    person: database.prepare('SELECT id FROM people WHERE address = ?'),
    addPerson: database.prepare('INSERT INTO people (address) VALUES (?)'),
    circle: database.prepare('SELECT id FROM circles WHERE people = ?'),
    addCircle: database.prepare('INSERT INTO circles (people) VALUES (?)'),
    position: database.prepare(
      `INSERT INTO state VALUES ('position', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
    ),
  }
}

/** https://sqlite.org/rescode.html: SQLITE_BUSY, IOERR, FULL, CANTOPEN. */
const isOutage = (error: unknown): error is Error =>
  error instanceof Error && 'errcode' in error && [5, 10, 13, 14].includes(Number(error.errcode) & 0xff)
