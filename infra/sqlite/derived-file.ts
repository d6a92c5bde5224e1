import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/** Milliseconds to wait for another process that looks at the file. */
export const BUSY_TIMEOUT = 5_000

/** A file whose content comes from the log, and comes back from it. */
export interface DerivedFile {
  /** What it holds, for sentences. */
  readonly name: string
  /** Marks the file as ours. */
  readonly applicationId: number
  /** Of its tables; another one: it is built anew. */
  readonly format: number
  /** Of the connection that writes, KiB. */
  readonly cacheKib: number
  /** Statements that make its tables. */
  readonly schema: string
}

export interface OpenedFile {
  readonly database: DatabaseSync
  /** Why a file that was there was thrown away; null when none was. */
  readonly discarded: string | null
}

/** The one connection that writes. A file that can't be used is thrown away. */
export const openDerivedFile = (path: string, file: DerivedFile): OpenedFile => {
  mkdirSync(dirname(path), { recursive: true })
  const there = existsSync(path)
  try {
    return { database: connect(path, file), discarded: null }
  } catch (error) {
    if (!there || !isUnusable(error)) throw error
    for (const suffix of ['', '-wal', '-shm']) rmSync(`${path}${suffix}`, { force: true })
    return { database: connect(path, file), discarded: error instanceof Error ? error.message : String(error) }
  }
}

/** The value of a numeric pragma; 0 where there is none. */
export const pragma = (database: DatabaseSync, name: string): number =>
  Number(database.prepare(`PRAGMA ${name}`).get()?.[name] ?? 0)

class OtherFormat extends Error {}

const connect = (path: string, { name, applicationId, format, cacheKib, schema }: DerivedFile): DatabaseSync => {
  const database = new DatabaseSync(path, { timeout: BUSY_TIMEOUT })
  try {
    database.exec('PRAGMA page_size = 8192')
    const found = pragma(database, 'user_version')
    const application = pragma(database, 'application_id')
    const fresh = found === 0 && application === 0
    if (!fresh && (application !== applicationId || found !== format))
      throw new OtherFormat(`${name} at ${path} have format ${found}, this build knows ${format}`)
    database.exec(`
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = NORMAL;
      PRAGMA cache_size = -${cacheKib};
      PRAGMA temp_store = MEMORY;
      PRAGMA wal_autocheckpoint = 4000;
      PRAGMA journal_size_limit = 67108864;
    `)
    if (fresh)
      database.exec(`
        BEGIN IMMEDIATE;
        ${schema};
        PRAGMA application_id = ${applicationId};
        PRAGMA user_version = ${format};
        COMMIT`)
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

/** https://sqlite.org/rescode.html: SQLITE_CORRUPT, SQLITE_NOTADB. */
const isUnusable = (error: unknown): boolean =>
  error instanceof OtherFormat ||
  (error instanceof Error && 'errcode' in error && [11, 26].includes(Number(error.errcode) & 0xff))
