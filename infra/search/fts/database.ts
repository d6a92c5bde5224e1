import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { FIELDS } from '../sought.ts'

/** Marks the file as ours: "MKFT". */
const APPLICATION_ID = 0x4d4b_4654
/** Of tables and of tokens: with another one the index is built anew from the log. */
const FORMAT = 1
/** Milliseconds to wait for another process that looks at the file. */
const BUSY_TIMEOUT = 5_000

/** Signs that are part of a token, beside letters and digits; what is beyond ASCII always is. */
const TOKEN_SIGNS = `=~._@+/:,&#%''-`

/** The one connection that writes. A file that can't be used is thrown away: the index comes from the log, and comes back from it. */
export const openForWriting = (path: string): DatabaseSync => {
  mkdirSync(dirname(path), { recursive: true })
  const there = existsSync(path)
  try {
    return connect(path)
  } catch (error) {
    if (!there || !isUnusable(error)) throw error
    for (const suffix of ['', '-wal', '-shm']) rmSync(`${path}${suffix}`, { force: true })
    return connect(path)
  }
}

/** For reading, in any thread. null: there is no index yet, or none that this build can read. */
export const openForReading = (path: string): DatabaseSync | null => {
  if (!existsSync(path)) return null
  const database = new DatabaseSync(path, { readOnly: true, timeout: BUSY_TIMEOUT })
  database.exec('PRAGMA cache_size = -65536; PRAGMA mmap_size = 1073741824; PRAGMA temp_store = MEMORY')
  if (pragma(database, 'user_version') === FORMAT) return database
  database.close()
  return null
}

const connect = (path: string): DatabaseSync => {
  const database = new DatabaseSync(path, { timeout: BUSY_TIMEOUT })
  try {
    database.exec('PRAGMA page_size = 8192')
    const format = pragma(database, 'user_version')
    const application = pragma(database, 'application_id')
    const fresh = format === 0 && application === 0
    if (!fresh && (application !== APPLICATION_ID || format !== FORMAT)) throw new OtherFormat(path)
    database.exec(`
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = NORMAL;
      PRAGMA cache_size = -65536;
      PRAGMA temp_store = MEMORY;
      PRAGMA wal_autocheckpoint = 4000;
      PRAGMA journal_size_limit = 67108864;
    `)
    if (fresh) database.exec(SCHEMA)
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

class OtherFormat extends Error {
  constructor(path: string) {
    super(`the index at ${path} was made by another version`)
    this.name = 'OtherFormat'
  }
}

/**
 * - `mail_text`: tokens only; a document's row is its date (milliseconds, 21 bits to spare), so that rows in order are mail in order
 * - `documents`: what is asked of many documents at once; `facets` is packed, see facets.ts
 * - `stored`: what is shown of a document, JSON, packed where that is worth it
 */
const SCHEMA = `
  BEGIN IMMEDIATE;
  CREATE VIRTUAL TABLE mail_text USING fts5(
    ${FIELDS.map((field) => `"${field}"`).join(', ')}, facts,
    content = '', contentless_delete = 1, tokenize = "ascii tokenchars '${TOKEN_SIGNS}'"
  );
  CREATE TABLE documents (
    row INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    revision INTEGER NOT NULL,
    hash TEXT NOT NULL,
    size INTEGER NOT NULL,
    facets INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE stored (row INTEGER PRIMARY KEY, document BLOB NOT NULL) STRICT;
  CREATE TABLE removed (id TEXT PRIMARY KEY, revision INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE people (id INTEGER PRIMARY KEY, address TEXT NOT NULL UNIQUE) STRICT;
  CREATE TABLE circles (id INTEGER PRIMARY KEY, people TEXT NOT NULL UNIQUE) STRICT;
  CREATE TABLE state (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
  PRAGMA application_id = ${APPLICATION_ID};
  PRAGMA user_version = ${FORMAT};
  COMMIT`

const pragma = (database: DatabaseSync, name: string): number =>
  Number(database.prepare(`PRAGMA ${name}`).get()?.[name] ?? 0)

/** https://sqlite.org/rescode.html: SQLITE_CORRUPT, SQLITE_NOTADB. */
const isUnusable = (error: unknown): boolean =>
  error instanceof OtherFormat ||
  (error instanceof Error && 'errcode' in error && [11, 26].includes(Number(error.errcode) & 0xff))
