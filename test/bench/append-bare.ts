import { DatabaseSync } from 'node:sqlite'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import type { Mail } from './appending.ts'

/** A row as the log's file has it, its strings ready. */
type Row = readonly [
  stream: string,
  type: string | number,
  occurredAt: number,
  id: string,
  metadata: string,
  data: string,
]

/** Raw SQLite: a loop over node:sqlite (WAL, synchronous=FULL), a transaction for as many rows as there are writers. */
export interface Bare {
  /** Milliseconds, without the making of the rows. */
  write(mails: readonly Mail[], batch: number): Promise<number>
  close(): Promise<void>
}

/** In the caller's own thread, which waits for the disk. The file answers by stream only, and has names where the log's has a number. */
export const openBareHere = (path: string): Bare => {
  const { write, close } = openFile(path, 'type TEXT NOT NULL', '')
  return {
    write: async (mails, batch) => {
      const rows = mails.map((mail) => rowOf(mail, mail.event.type))
      const started = performance.now()
      for (let at = 0; at < rows.length; at += batch) write(rows.slice(at, at + batch))
      return performance.now() - started
    },
    close: async () => close(),
  }
}

/** In a thread of its own, so that the caller never waits for the disk: a message with the rows there, one back. The file has the log's columns and indexes. */
export const openBareThread = (path: string): Bare => {
  const worker = new Worker(new URL(import.meta.url), { workerData: { path }, execArgv: ['--conditions=source'] })
  let waiting: PromiseWithResolvers<void> = Promise.withResolvers()
  worker.on('message', () => waiting.resolve())
  worker.on('error', (error) => waiting.reject(error))
  const committed = (rows: readonly Row[]): Promise<void> => {
    waiting = Promise.withResolvers()
    worker.postMessage(rows, [])
    return waiting.promise
  }
  return {
    write: async (mails, batch) => {
      const rows = mails.map((mail) => rowOf(mail, KIND))
      await committed([])
      const started = performance.now()
      for (let at = 0; at < rows.length; at += batch) await committed(rows.slice(at, at + batch))
      return performance.now() - started
    },
    close: async () => {
      await worker.terminate()
    },
  }
}

/** The log's file has a number for category and type. */
const KIND = 1

const rowOf = ({ stream, event: { id, data, metadata } }: Mail, type: string | number): Row => [
  stream,
  type,
  metadata.occurredAt,
  id,
  JSON.stringify(['system', 'mx', metadata.correlationId, metadata.causationId]),
  JSON.stringify(data),
]

const openFile = (
  path: string,
  type: string,
  indexes: string,
): { write(rows: readonly Row[]): void; close(): void } => {
  const database = new DatabaseSync(path)
  database.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    CREATE TABLE events (
      position INTEGER PRIMARY KEY, stream TEXT NOT NULL, revision INTEGER NOT NULL, ${type}, version INTEGER NOT NULL,
      occurred_at INTEGER NOT NULL, id TEXT NOT NULL, metadata TEXT NOT NULL, data TEXT NOT NULL
    );
    CREATE UNIQUE INDEX events_by_stream ON events (stream, revision);
    ${indexes}
  `)
  const insert = database.prepare('INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)')
  let position = 0
  return {
    write: (rows) => {
      database.exec('BEGIN')
      for (const [stream, type, occurredAt, id, metadata, data] of rows)
        insert.run(++position, stream, 0, type, 1, occurredAt, id, metadata, data)
      database.exec('COMMIT')
    },
    close: () => database.close(),
  }
}

if (!isMainThread && parentPort !== null) {
  const port = parentPort
  const { path }: { path: string } = workerData
  const { write } = openFile(path, 'kind INTEGER NOT NULL', 'CREATE INDEX events_by_kind ON events (kind);')
  port.on('message', (rows: readonly Row[]) => {
    if (rows.length > 0) write(rows)
    port.postMessage(rows.length, [])
  })
}
