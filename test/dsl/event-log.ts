import { join } from 'node:path'
import { afterEach } from 'vitest'
import { eventTypes } from '#domain/event-types'
import { createCodec } from '#infra/event-log/codec'
import type { EventLog, NewEvent } from '#infra/event-log/port'
import { openSqliteEventLog } from '#infra/event-log/sqlite/open'
import { temporaryFolder } from './temporary.ts'

const open: EventLog[] = []

/** The embedded event log with every declared event, in a folder of this test's own. */
export const temporaryLog = async (): Promise<EventLog> => {
  const log = await openSqliteEventLog({
    path: join(await temporaryFolder(), 'events.db'),
    codec: createCodec(eventTypes),
  })
  open.push(log)
  return log
}

afterEach(async () => {
  for (const log of open.splice(0)) await log.close()
})

let made = 0

/** An event that is in nobody's way: a sender put on a block list. */
export const anyEvent = (entry: string, type: 'SenderBlocked' | 'SenderAllowed' = 'SenderBlocked'): NewEvent => ({
  id: `00000000-0000-4000-8000-${String(++made).padStart(12, '0')}`,
  type,
  data: { entry, note: null },
  metadata: { occurredAt: 1_000 + made, actor: { kind: 'system', part: 'test' }, correlationId: 'c', causationId: 'c' },
})
