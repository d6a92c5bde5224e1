import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/** Marks the file as ours: "MKVW". */
const APPLICATION_ID = 0x4d4b_5657
/** Of the store's own tables; another one: all views are built anew. */
const FORMAT = 1

/** Milliseconds to wait for another process that looks at the file. */
const BUSY_TIMEOUT = 5_000

export interface OpenedViews {
  readonly database: DatabaseSync
  /** Why a file that was there was thrown away; null when none was. */
  readonly discarded: string | null
}

/** The one connection that writes. A file that can't be used is thrown away: views come from the log, and come back from it. */
export function openForWriting(path: string): OpenedViews {
  mkdirSync(dirname(path), { recursive: true })
  const there = existsSync(path)
  try {
    return { database: connect(path), discarded: null }
  } catch (error) {
    if (!there || !isUnusable(error)) throw error
    discard(path)
    return { database: connect(path), discarded: error instanceof Error ? error.message : String(error) }
  }
}

/** A connection for reading beside the writer, in any thread. The file must be there. */
export function openForReading(path: string): DatabaseSync {
  if (!existsSync(path)) throw new Error(`there are no views at ${path}`)
  const database = new DatabaseSync(path, { readOnly: true, timeout: BUSY_TIMEOUT })
  database.exec('PRAGMA cache_size = -16384; PRAGMA temp_store = MEMORY')
  return database
}

export const discard = (path: string): void => {
  for (const suffix of ['', '-wal', '-shm']) rmSync(`${path}${suffix}`, { force: true })
}

class UnusableViews extends Error {}

function connect(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: BUSY_TIMEOUT })
  try {
    database.exec('PRAGMA page_size = 8192')
    const format = pragma(database, 'user_version')
    const application = pragma(database, 'application_id')
    const fresh = format === 0 && application === 0
    if (!fresh && (application !== APPLICATION_ID || format !== FORMAT)) {
      throw new UnusableViews(`the views at ${path} have format ${format}, this build knows ${FORMAT}`)
    }
    database.exec(`
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = NORMAL;
      PRAGMA cache_size = -32768;
      PRAGMA temp_store = MEMORY;
      PRAGMA wal_autocheckpoint = 4000;
      PRAGMA journal_size_limit = 67108864;
    `)
    if (fresh) {
      database.exec(`
        BEGIN IMMEDIATE;
        CREATE TABLE builds (
          projection TEXT NOT NULL,
          generation INTEGER NOT NULL,
          version INTEGER NOT NULL,
          tables TEXT NOT NULL,
          purpose TEXT NOT NULL,
          checkpoint TEXT,
          events INTEGER NOT NULL,
          stopped TEXT,
          PRIMARY KEY (projection, generation)
        ) STRICT, WITHOUT ROWID;
        PRAGMA application_id = ${APPLICATION_ID};
        PRAGMA user_version = ${FORMAT};
        COMMIT`)
    }
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

const pragma = (database: DatabaseSync, name: string): number =>
  Number(database.prepare(`PRAGMA ${name}`).get()?.[name] ?? 0)

/** https://sqlite.org/rescode.html: SQLITE_CORRUPT, SQLITE_NOTADB. */
const isUnusable = (error: unknown): boolean =>
  error instanceof UnusableViews ||
  (error instanceof Error && 'errcode' in error && [11, 26].includes(Number(error.errcode) & 0xff))

/** The file or the disk failed, not the projection. */
export const isStoreFailure = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ERR_SQLITE_ERROR'
