import type { DatabaseSync } from 'node:sqlite'
import { LogUnavailable } from '../port.ts'

/** Marks the file as ours (`file` and sqlite3 show it): "MKLG". */
export const APPLICATION_ID = 0x4d4b_4c47

/**
 * Forward migrations; index n brings version n to n + 1. A released one is never changed.
 *
 * Rows are written once and never changed. Stream names are in the row: no join on reads, and one tree less to write
 * than a table of streams. `kind` is a pair of category and type: one small index serves every filter.
 */
const migrations: readonly string[] = [
  `
  CREATE TABLE kinds (
    id INTEGER PRIMARY KEY,
    category TEXT NOT NULL,
    type TEXT NOT NULL,
    UNIQUE (category, type)
  ) STRICT;

  CREATE TABLE events (
    position INTEGER PRIMARY KEY,
    stream TEXT NOT NULL,
    revision INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    version INTEGER NOT NULL,
    occurred_at INTEGER NOT NULL,
    id TEXT NOT NULL,
    metadata TEXT NOT NULL,
    data TEXT NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX events_by_stream ON events (stream, revision);
  CREATE INDEX events_by_kind ON events (kind);

  -- Appends that named no exact revision: a repeat of those is found by the id of their first event.
  CREATE TABLE loose_appends (
    stream TEXT NOT NULL,
    event_id TEXT NOT NULL,
    revision INTEGER NOT NULL,
    PRIMARY KEY (stream, event_id)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE groups (
    name TEXT PRIMARY KEY,
    cursor INTEGER NOT NULL,
    owed TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE parked (
    name TEXT NOT NULL,
    position INTEGER NOT NULL,
    reason TEXT NOT NULL,
    parked_at INTEGER NOT NULL,
    retry_count INTEGER NOT NULL,
    replay INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (name, position)
  ) STRICT, WITHOUT ROWID;
  `,
]

export const SCHEMA_VERSION = migrations.length

const pragma = (database: DatabaseSync, name: string): number => {
  const row = database.prepare(`PRAGMA ${name}`).get()
  return Number(row?.[name] ?? 0)
}

/** Refuses files that aren't a log or were written by a newer build. Answers the version found, 0 for an empty file. */
export const checkSchema = (database: DatabaseSync, path: string): number => {
  const version = pragma(database, 'user_version')
  const application = pragma(database, 'application_id')
  if (version === 0 && application === 0) {
    const tables = database.prepare('SELECT count(*) AS tables FROM sqlite_schema').get()
    if (tables?.['tables'] === 0) return 0
  }
  if (application !== APPLICATION_ID) {
    throw new LogUnavailable('corrupt', `${path} is a SQLite file, but not an event log of Mailkeep`)
  }
  if (version > SCHEMA_VERSION) {
    throw new LogUnavailable(
      'other',
      `the event log ${path} has schema version ${version}, this build knows ${SCHEMA_VERSION}: it was written by a newer Mailkeep`,
    )
  }
  return version
}

/** All steps in one transaction: a crash in the middle leaves the old schema. */
export const migrate = (database: DatabaseSync, path: string): void => {
  const version = checkSchema(database, path)
  if (version === SCHEMA_VERSION) return
  database.exec('BEGIN IMMEDIATE')
  try {
    for (const step of migrations.slice(version)) database.exec(step)
    database.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${SCHEMA_VERSION}; COMMIT`)
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK')
    throw error
  }
}
