import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { EventLog } from '#infra/event-log/port'
import { openSqliteEventLog } from '#infra/event-log/sqlite/open'
import type { EventLogReader } from '#infra/event-log/sqlite/reader'
import { openSqliteLogReader } from '#infra/event-log/sqlite/reader'
import { contractCodec } from './fixture.ts'

/** A new folder of the test's own, removed after it. */
export const temporaryFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'mailkeep-log-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

export const logFile = (folder: string): string => join(folder, 'log', 'events.db')

/** Closed after the test at the latest. */
export const openLog = async (path: string): Promise<EventLog> => {
  const log = await openSqliteEventLog({ path, codec: contractCodec })
  onTestFinished(() => log.close())
  return log
}

export const openReader = (path: string, salvage = false): EventLogReader => {
  const reader = openSqliteLogReader({ path, codec: contractCodec, salvage })
  onTestFinished(() => reader.close())
  return reader
}
