import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { eventTypes } from '#domain/event-types'
import { createCodec } from '#infra/event-log/codec'
import { openEventStoreLog } from '#infra/event-log/eventstore/open'
import type { EventLog, NewEvent } from '#infra/event-log/port'
import { openSqliteEventLog } from '#infra/event-log/sqlite/open'
import { startEventStore } from './eventstore-double/start.ts'
import { temporaryFolder } from './temporary.ts'

/** The embedded event log with every declared event, in a folder of this test's own. */
export const temporaryLog = async (): Promise<EventLog> => {
  const log = await openSqliteEventLog({
    path: join(await temporaryFolder(), 'events.db'),
    codec: createCodec(eventTypes),
  })
  onTestFinished(() => log.close())
  return log
}

/** As many nodes have them: a connection each to one server, a double of EventStoreDB. */
export const temporaryEventStoreLogs = async (count: number): Promise<readonly EventLog[]> => {
  const server = await startEventStore()
  onTestFinished(() => server.close())
  const { connectionString } = server
  const codec = createCodec(eventTypes)
  const logs = await Promise.all(Array.from({ length: count }, () => openEventStoreLog({ connectionString, codec })))
  for (const log of logs) onTestFinished(() => log.close())
  return logs
}

let made = 0

/** An event that is in nobody's way: a sender put on a block list. */
export const anyEvent = (entry: string, type: 'SenderBlocked' | 'SenderAllowed' = 'SenderBlocked'): NewEvent => ({
  id: `00000000-0000-4000-8000-${String(++made).padStart(12, '0')}`,
  type,
  data: { entry, note: null },
  metadata: { occurredAt: 1_000 + made, actor: { kind: 'system', part: 'test' }, correlationId: 'c', causationId: 'c' },
})
