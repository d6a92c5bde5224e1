import { existsSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { BUSY_TIMEOUT, openDerivedFile, pragma } from '../../sqlite/derived-file.ts'
import { FIELDS } from '../sought.ts'

/** Of tables and of tokens: with another one the index is built anew from the log. */
const FORMAT = 1
/** Signs that are part of a token, beside letters and digits; what is beyond ASCII always is. */
const TOKEN_SIGNS = `=~._@+/:,&#%''-`

/** The one connection that writes. A file that can't be used is thrown away: the index comes from the log, and comes back from it. */
export const openForWriting = (path: string): DatabaseSync =>
  openDerivedFile(path, {
    name: 'indexed mails',
    // "MKFT"
    applicationId: 0x4d4b_4654,
    format: FORMAT,
    cacheKib: 65_536,
    schema: SCHEMA,
  }).database

/** For reading, in any thread. null: there is no index yet, or none that this build can read. */
export const openForReading = (path: string): DatabaseSync | null => {
  if (!existsSync(path)) return null
  const database = new DatabaseSync(path, { readOnly: true, timeout: BUSY_TIMEOUT })
  database.exec('PRAGMA cache_size = -65536; PRAGMA mmap_size = 1073741824; PRAGMA temp_store = MEMORY')
  if (pragma(database, 'user_version') === FORMAT) return database
  database.close()
  return null
}

/**
 * - `mail_text`: tokens only; a document's row is its date (milliseconds, 21 bits to spare), so that rows in order are mail in order
 * - `documents`: what is asked of many documents at once; `facets` is packed, see packed.ts
 * - `stored`: what is shown of a document, JSON, packed where that is worth it
 */
const SCHEMA = `
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
  CREATE TABLE state (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID`
