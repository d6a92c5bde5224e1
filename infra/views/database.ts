import { existsSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { BUSY_TIMEOUT, openDerivedFile, type OpenedFile } from '../sqlite/derived-file.ts'

/** The one connection that writes. A file that can't be used is thrown away: views come from the log, and come back from it. */
export const openForWriting = (path: string): OpenedFile =>
  openDerivedFile(path, {
    name: 'the views',
    // "MKVW"
    applicationId: 0x4d4b_5657,
    // Of the store's own tables; another one: all views are built anew.
    format: 1,
    cacheKib: 32_768,
    schema: SCHEMA,
  })

const SCHEMA = `
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
  ) STRICT, WITHOUT ROWID`

/** A connection for reading beside the writer, in any thread. The file must be there. */
export function openForReading(path: string): DatabaseSync {
  if (!existsSync(path)) throw new Error(`there are no views at ${path}`)
  const database = new DatabaseSync(path, { readOnly: true, timeout: BUSY_TIMEOUT })
  database.exec('PRAGMA cache_size = -16384; PRAGMA temp_store = MEMORY')
  return database
}

/** The file or the disk failed, not the projection. */
export const isStoreFailure = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ERR_SQLITE_ERROR'
