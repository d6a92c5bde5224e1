import { existsSync, mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { syncFolderNow } from '#infra/config/durable-file'
import { LogUnavailable } from '../port.ts'
import { isCorruption, unavailable } from './failure.ts'
import { acquireLock } from './lock.ts'
import { checkSchema, migrate } from './schema.ts'

export interface OpenedForWriting {
  readonly database: DatabaseSync
  /** Last position per category and type. */
  readonly heads: readonly (readonly [category: string, type: string, position: number])[]
  release(): void
}

/** Milliseconds to wait for another process that looks at the file (a backup by sqlite3). */
const BUSY_TIMEOUT = 5_000

/** Opens, locks and migrates the log, made when it isn't there. Throws `LogUnavailable`; never repairs. */
export const openForWriting = (path: string): OpenedForWriting => {
  makeFolder(path)
  const lock = acquireLock(path)
  let database: DatabaseSync | undefined
  try {
    database = new DatabaseSync(path, { timeout: BUSY_TIMEOUT })
    database.exec(`
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = FULL;
      PRAGMA cache_size = -32768;
      PRAGMA wal_autocheckpoint = 2000;
      PRAGMA journal_size_limit = 67108864;
    `)
    migrate(database, path)
    return { database, heads: lastPositions(database), release: lock.release }
  } catch (error) {
    if (database?.isOpen === true) database.close()
    lock.release()
    throw unavailable(error, path)
  }
}

export interface ReadingOptions {
  /** Read what is left of a damaged file: its sizes are not believed. Off by default. */
  readonly salvage?: boolean
}

/** A connection that only reads; the writer is neither needed nor disturbed. Throws `LogUnavailable`. */
export const openForReading = (path: string, { salvage = false }: ReadingOptions = {}): DatabaseSync => {
  if (!existsSync(path)) throw new LogUnavailable('other', `there is no event log ${path}`)
  let database: DatabaseSync | undefined
  try {
    database = connect(path, salvage)
    checkSchema(database, path)
    return database
  } catch (error) {
    if (database?.isOpen === true) database.close()
    throw unavailable(error, path)
  }
}

const connect = (path: string, salvage: boolean): DatabaseSync => {
  const options = { readOnly: true, timeout: BUSY_TIMEOUT, defensive: !salvage }
  const database = new DatabaseSync(path, options)
  try {
    prepareForReading(database, salvage)
    return database
  } catch (error) {
    database.close()
    // A folder that can't be written holds no shared memory for the WAL. Without a WAL there is nothing to miss in the file alone.
    if (isCorruption(error) || hasContent(`${path}-wal`)) throw error
    const alone = new DatabaseSync(new URL(`file://${encodeURI(path)}?immutable=1`), options)
    prepareForReading(alone, salvage)
    return alone
  }
}

const prepareForReading = (database: DatabaseSync, salvage: boolean): void => {
  // Makes SQLite take the file as long as it is instead of refusing one that is shorter than its header says. Must come first.
  if (salvage) database.exec('PRAGMA writable_schema = ON')
  database.exec('PRAGMA cache_size = -16384')
  database.prepare('SELECT count(*) FROM sqlite_schema').get()
}

const lastPositions = (database: DatabaseSync): OpenedForWriting['heads'] => {
  const heads: [string, string, number][] = []
  const last = database.prepare('SELECT max(position) AS head FROM events WHERE kind = ?')
  for (const { id, category, type } of database.prepare('SELECT id, category, type FROM kinds').all()) {
    const head = last.get(Number(id))?.['head']
    if (typeof head === 'number') heads.push([String(category), String(type), head])
  }
  return heads
}

const hasContent = (path: string): boolean => existsSync(path) && statSync(path).size > 0

/** The names of a new folder and of what lies in it must be on disk before anything in it is called durable. */
const makeFolder = (path: string): void => {
  const folder = dirname(path)
  if (existsSync(folder)) return
  try {
    const first = mkdirSync(folder, { recursive: true })
    if (first === undefined) return
    const above = dirname(first)
    for (let made = folder; ; made = dirname(made)) {
      syncFolderNow(made)
      if (made === above) break
    }
  } catch (error) {
    throw unavailable(error, path)
  }
}
