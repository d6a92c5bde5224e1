import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach } from 'vitest'
import type { EventLog } from '#infra/event-log/port'
import { openSqliteEventLog } from '#infra/event-log/sqlite/open'
import type { EventLogReader } from '#infra/event-log/sqlite/reader'
import { openSqliteLogReader } from '#infra/event-log/sqlite/reader'
import { contractCodec } from './fixture.ts'

const toClose: { close(): Promise<void> }[] = []
const toRemove: string[] = []

afterEach(async () => {
  for (const open of toClose.splice(0)) await open.close()
  for (const folder of toRemove.splice(0)) rmSync(folder, { recursive: true, force: true })
})

/** A new folder of the test's own, removed after it. */
export const temporaryFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'mailkeep-log-'))
  toRemove.push(folder)
  return folder
}

export const logFile = (folder: string): string => join(folder, 'log', 'events.db')

/** Closed after the test at the latest. */
export const openLog = async (path: string): Promise<EventLog> => {
  const log = await openSqliteEventLog({ path, codec: contractCodec })
  toClose.push(log)
  return log
}

export const openReader = (path: string, salvage = false): EventLogReader => {
  const reader = openSqliteLogReader({ path, codec: contractCodec, salvage })
  toClose.push(reader)
  return reader
}
