import { rmSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import type { Cell } from '#domain/kernel/projection'
import { indexDefinitions, quoted, tableDefinition } from '#infra/views/stored-names'
import { mailTraceTables } from '#projections/mail-trace/tables'

const BATCH = 1_000

export interface Spent {
  readonly events: number
  /** Milliseconds by the clock, and of the processor. */
  readonly ms: number
  readonly cpu: number
}

/** Milliseconds of processor this process has used, all threads. */
export const cpuTime = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}

/**
 * The peer: a loop without a projection, a check or a checkpoint. It reads the log's rows, parses their JSON, and writes each row of
 * the same tables once, already finished, in transactions of the same size.
 */
export function bareLoop(logPath: string, target: string, finished: DatabaseSync, generation: number): Spent {
  const log = new DatabaseSync(logPath, { readOnly: true })
  const views = new DatabaseSync(target)
  views.exec(
    'PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -32768; PRAGMA wal_autocheckpoint = 4000',
  )
  const read = log.prepare(
    'SELECT position, stream, data, metadata FROM events WHERE position > ? ORDER BY position LIMIT ?',
  )
  read.setReturnArrays(true)
  const inserts = mailTraceTables.map((table) => {
    views.exec(tableDefinition(table, table.name))
    for (const index of indexDefinitions(table, table.name)) views.exec(index)
    const columns = Object.keys(table.columns)
    return views.prepare(`INSERT INTO ${quoted(table.name)} VALUES (${columns.map(() => '?').join()})`)
  })
  // Finished rows are fetched outside the measured time.
  const fetch = mailTraceTables.map((table) => {
    const columns = Object.keys(table.columns).map(quoted).join()
    const statement = finished.prepare(
      `SELECT ${columns} FROM ${quoted(`mail-trace:${table.name}:${generation}`)} WHERE mail = ?`,
    )
    statement.setReturnArrays(true)
    return statement
  })
  if (mailTraceTables.some((table) => table.name === 'participants')) {
    finished.exec(`CREATE INDEX IF NOT EXISTS bench_participants ON "mail-trace:participants:${generation}" (mail)`)
  }
  let ms = 0
  let cpu = 0
  let events = 0
  let after = 0
  let parsed = 0
  for (;;) {
    const began = performance.now()
    const cpuBefore = cpuTime()
    const rows = read.all(after, BATCH) as unknown as [number, string, string, string][]
    if (rows.length === 0) break
    const mails: string[] = []
    for (const [position, stream, data, metadata] of rows) {
      const event = JSON.parse(data) as object
      const about = JSON.parse(metadata) as object
      if ('recipients' in event && 'flow' in event) mails.push(stream.slice(5))
      parsed += 'length' in about ? 1 : 0
      after = position
    }
    const readAt = performance.now()
    cpu += cpuTime() - cpuBefore
    const cells = fetch.map((statement) => mails.map((mail) => statement.all(mail) as unknown as Cell[][]))
    const writeAt = performance.now()
    const cpuAt = cpuTime()
    views.exec('BEGIN')
    cells.forEach((ofMails, table) => {
      const insert = inserts[table]
      for (const ofMail of ofMails) for (const row of ofMail) insert?.run(...row)
    })
    views.exec('COMMIT')
    ms += performance.now() - writeAt + (readAt - began)
    cpu += cpuTime() - cpuAt
    events += rows.length
  }
  if (parsed !== events) throw new Error(`${events - parsed} events had no metadata`)
  log.close()
  views.close()
  for (const suffix of ['', '-wal', '-shm']) rmSync(`${target}${suffix}`, { force: true })
  return { events, ms, cpu }
}
