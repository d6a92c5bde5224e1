import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Worker } from 'node:worker_threads'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { eventTypes } from '#domain/event-types'
import { createCodec } from '#infra/event-log/codec'
import type { EventLog, StreamName } from '#infra/event-log/port'
import { openSqliteEventLog } from '#infra/event-log/sqlite/open'
import { accepted, happened } from '#test/dsl/projection'
import type { Happened } from '#test/dsl/projection'
import { Projector } from './projector.ts'
import { projections } from './projections.ts'

let folder: string
let log: EventLog
let projector: Projector

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mailkeep-projector-'))
  log = await openSqliteEventLog({ path: join(folder, 'log.db'), codec: createCodec(eventTypes) })
  projector = new Projector({
    log: { engine: 'sqlite', path: join(folder, 'log.db') },
    views: join(folder, 'views.db'),
  })
})

afterEach(async () => {
  await projector.stop()
  await log.close()
  rmSync(folder, { recursive: true, force: true })
})

let count = 0
async function record(events: readonly Happened[]) {
  let position
  for (const { stream, type, data, at } of events) {
    const last = await log.readStream(stream as StreamName, { direction: 'backwards', limit: 1 })
    const metadata = {
      occurredAt: at ?? 1_740_830_400_000,
      actor: { kind: 'system', part: 'spec' },
      correlationId: 'c',
      causationId: 'c',
    } as const
    const id = `00000000-0000-4000-8000-${String(++count).padStart(12, '0')}`
    const appended = await log.append(stream as StreamName, last[0]?.revision ?? 'noStream', [
      { id, type, data, metadata },
    ])
    position = appended.position
  }
  if (position === undefined) throw new Error('nothing was recorded')
  return position
}

const MAIL = '01JNA000000000000000000001'
const cleared = (mail: string) =>
  happened(`mail-${mail}`, 'Cleared', { recipient: 'ann@example.org', at: 1_740_830_400_500 })

test('views follow the log, what was there before and what comes after', async () => {
  await record([accepted(MAIL)])
  await projector.start()
  const position = await record([cleared(MAIL)])
  await projector.reader.caughtUp('delivery-queue', position)
  expect(projector.reader.get('delivery-queue', 'entries', [MAIL, 'ann@example.org'])).toMatchObject({
    dueAt: 1_740_830_400_500,
  })
  await projector.reader.caughtUp('mail-trace', position)
  expect(projector.reader.select('mail-trace', 'SELECT mail, flow FROM {mails}')).toEqual([
    { mail: MAIL, flow: 'inbound' },
  ])
  await projector.whenCurrent()
  expect(projector.status()).toMatchObject({ thread: 'running', trouble: null, deaths: 0 })
  expect(projector.status().views.map(({ state, lag }) => [state, lag.events])).toEqual(
    projections.map(() => ['live', 0]),
  )
})

test('a rebuilt view answers as before, a verified one is the same row by row', async () => {
  await projector.start()
  const position = await record([accepted(MAIL), cleared(MAIL)])
  await projector.reader.caughtUp('mail-trace', position)
  const before = projector.reader.get('mail-trace', 'recipients', [MAIL, 'ann@example.org'])
  await expect(projector.rebuild('mail-trace')).resolves.toMatchObject({ view: 'mail-trace', events: 2 })
  expect(projector.reader.get('mail-trace', 'recipients', [MAIL, 'ann@example.org'])).toEqual(before)
  const verified = await projector.verify('mail-trace')
  expect(verified).toMatchObject({ same: true, events: 2 })
  expect(verified.tables.map(({ table, rows, rebuiltRows }) => [table, rows, rebuiltRows])).toEqual([
    ['mails', 1, 1],
    ['recipients', 1, 1],
    ['participants', 4, 4],
  ])
  await expect(projector.rebuild('no-such-view')).rejects.toThrow('there is no view no-such-view')
})

test('after a restart it goes on where it was', async () => {
  await projector.start()
  const first = await record([accepted(MAIL)])
  await projector.reader.caughtUp('mail-trace', first)
  await projector.stop()
  const second = await record([cleared(MAIL)])
  projector = new Projector({
    log: { engine: 'sqlite', path: join(folder, 'log.db') },
    views: join(folder, 'views.db'),
  })
  await projector.start()
  await projector.reader.caughtUp('mail-trace', second)
  expect(projector.status().views.find(({ name }) => name === 'mail-trace')).toMatchObject({ events: 2 })
})

test('listeners hear what just happened', async () => {
  await projector.start()
  await projector.whenCurrent()
  const heard: string[] = []
  projector.listen({ events: (events) => heard.push(...events.map(({ type, recipient }) => `${type} ${recipient}`)) })
  const position = await record([accepted(MAIL), cleared(MAIL)])
  await projector.reader.caughtUp('mail-trace', position)
  await expect.poll(() => heard).toEqual(['Accepted null', 'Cleared ann@example.org'])
})

test('a thread that dies is started again, and said', async () => {
  const workers: Worker[] = []
  const remember = (worker: Worker) => workers.push(worker)
  process.on('worker', remember)
  const troubles: (string | null)[] = []
  projector.listen({ trouble: (reason) => troubles.push(reason) })
  try {
    await projector.start()
    await projector.whenCurrent()
    const threads = workers.length
    await workers.at(-1)?.terminate()
    expect(projector.status()).toMatchObject({ thread: 'restarting', deaths: 1 })
    await expect(projector.verify('alarms')).rejects.toThrow('the projector is not running')
    const position = await record([accepted(MAIL)])
    await projector.whenCurrent()
    await projector.reader.caughtUp('mail-trace', position)
    expect(workers).toHaveLength(threads + 1)
    expect(troubles).toEqual([expect.stringContaining('started again in 100 ms'), null])
  } finally {
    process.off('worker', remember)
  }
})

test('without a log it does not start, and says why', async () => {
  const lost = new Projector({
    log: { engine: 'sqlite', path: join(folder, 'nowhere.db') },
    views: join(folder, 'other-views.db'),
  })
  await expect(lost.start()).rejects.toThrow('there is no event log')
  await lost.stop()
})
