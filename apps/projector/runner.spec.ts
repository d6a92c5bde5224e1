import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { z } from 'zod'
import { eventType } from '#domain/kernel/event-type'
import type { Projection } from '#domain/kernel/projection'
import { add, put } from '#domain/kernel/projection'
import { createCodec } from '#infra/event-log/codec'
import type { EventLog, Position } from '#infra/event-log/port'
import { openSqliteEventLog } from '#infra/event-log/sqlite/open'
import { openViewReader } from '#infra/views/reader'
import type { NotifiedViewReader } from '#infra/views/reader'
import { openViewStore } from '#infra/views/store'
import type { FromProjector, ViewStatus } from './protocol.ts'
import { Runner } from './runner.ts'

const Counted = eventType('Counted', z.object({ what: z.string() }))
const Poison = eventType('Poison', z.object({}))
type CounterEvent =
  | { readonly type: 'Counted'; readonly data: { readonly what: string } }
  | { readonly type: 'Poison'; readonly data: object }

const counter = (
  name: string,
  { version = 1, types = ['Counted'] as Projection<CounterEvent>['types'], by = 1 } = {},
) =>
  ({
    name,
    version,
    types,
    tables: [
      { name: 'counts', key: ['what'], columns: { what: 'text', times: 'integer' } },
      { name: 'seen', key: ['position'], columns: { position: 'text', what: 'text' } },
    ],
    project: (event) => {
      if (event.type === 'Poison') throw new Error('can not take this')
      const { what } = event.data
      return [add('counts', [what], { times: by }), put('seen', { position: event.position, what })]
    },
  }) satisfies Projection<CounterEvent>

let folder: string
let log: EventLog
let codec = createCodec([Counted, Poison])
let runner: Runner | undefined
let reader: NotifiedViewReader | undefined
let said: FromProjector[]

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mailkeep-runner-'))
  codec = createCodec([Counted, Poison])
  log = await openSqliteEventLog({ path: join(folder, 'log.db'), codec })
  said = []
})
afterEach(async () => {
  await stop()
  await log.close()
  rmSync(folder, { recursive: true, force: true })
})

const views = () => join(folder, 'views.db')

async function start(...projections: readonly Projection<CounterEvent>[]) {
  const store = openViewStore(views())
  const post = (message: FromProjector) => {
    said.push(message)
    reader?.notify()
  }
  runner = new Runner({ log, store, path: views(), projections, known: projections, post, now: Date.now })
  await runner.start()
  reader = openViewReader(views())
  return runner
}

async function stop() {
  reader?.close()
  reader = undefined
  await runner?.stop()
  runner = undefined
}

let streams = 0
async function append(type: 'Counted' | 'Poison', times = 1): Promise<Position> {
  const metadata = {
    occurredAt: 1_000,
    actor: { kind: 'system', part: 'spec' },
    correlationId: 'c',
    causationId: 'c',
  } as const
  const data = type === 'Counted' ? { what: 'tea' } : {}
  const events = Array.from({ length: times }, () => ({ id: crypto.randomUUID(), type, data, metadata }))
  const { position } = await log.append(`counter-${++streams}`, 'noStream', events)
  return position
}

const times = (view: string) => reader?.get<{ times: number }>(view, 'counts', ['tea'])?.times
const statusOf = (name: string): ViewStatus | undefined => runner?.status().find((view) => view.name === name)

test('what stops one view does not stop the others, and is said', async () => {
  await start(counter('careless'), counter('careful', { types: ['Counted', 'Poison'] }))
  await append('Counted')
  const poison = await append('Poison')
  const last = await append('Counted', 3)
  await reader?.caughtUp('careless', last)
  expect(times('careless')).toBe(4)
  expect(times('careful')).toBe(1)
  expect(statusOf('careless')).toMatchObject({ state: 'live', lag: { events: 0, ms: 0 } })
  expect(statusOf('careful')).toMatchObject({
    state: 'stopped',
    lag: { events: 4 },
    stopped: { position: poison, type: 'Poison', reason: 'can not take this' },
  })
  expect(said.filter(({ kind }) => kind === 'stopped')).toMatchObject([
    { view: 'careful', stopped: { position: poison } },
  ])
})

test('a view that stopped goes on at the next start when it can, by itself up to the others', async () => {
  await start(counter('first'), counter('second', { types: ['Counted', 'Poison'] }))
  await append('Poison')
  await reader?.caughtUp('first', await append('Counted', 2_500))
  await stop()
  const mended = { ...counter('second', { types: ['Counted', 'Poison'] }), project: counter('any').project }
  await start(counter('first'), {
    ...mended,
    project: (event) => (event.type === 'Poison' ? [] : counter('second').project(event)),
  })
  await expect
    .poll(() => said.findLast(({ kind }) => kind === 'progress'))
    .toMatchObject({
      views: [{ state: 'live' }, { state: 'live' }],
    })
  await reader?.caughtUp('second', await append('Counted'))
  expect([times('first'), times('second')]).toEqual([2_501, 2_501])
})

test('a new version is built anew at the start, the old answers meanwhile', async () => {
  await start(counter('view'))
  await reader?.caughtUp('view', await append('Counted', 3))
  await stop()
  await start(counter('view', { version: 2, by: 10 }))
  await expect.poll(() => statusOf('view')?.state).toBe('live')
  expect(times('view')).toBe(30)
  expect(statusOf('view')).toMatchObject({ version: 2, events: 3, rebuild: null })
})

test('all views built anew at once read the log in one pass', async () => {
  const names = ['one', 'two', 'three']
  await start(...names.map((name) => counter(name)))
  const last = await append('Counted', 3_000)
  for (const name of names) await reader?.caughtUp(name, last)
  await stop()
  await start(...names.map((name) => counter(name, { version: 2 })))
  await expect.poll(() => names.map((name) => statusOf(name)?.state)).toEqual(['live', 'live', 'live'])
  expect(names.map(times)).toEqual([3_000, 3_000, 3_000])
})

test('views that have read more than the log has are built anew', async () => {
  await start(counter('view'))
  await reader?.caughtUp('view', await append('Counted', 5))
  await stop()
  await log.close()
  rmSync(join(folder, 'log.db'))
  for (const rest of ['-wal', '-shm']) rmSync(join(folder, `log.db${rest}`), { force: true })
  log = await openSqliteEventLog({ path: join(folder, 'log.db'), codec })
  await append('Counted', 2)
  await start(counter('view'))
  await expect.poll(() => statusOf('view')?.state).toBe('live')
  expect(times('view')).toBe(2)
})

test('while events pour in, a rebuild and a verification miss none and take none twice', async () => {
  const running = await start(counter('view'), counter('other'))
  await append('Counted', 3_000)
  const enough = new AbortController()
  let appended = 3_000
  let last: Position | undefined
  const pour = (async () => {
    while (!enough.signal.aborted) {
      last = await append('Counted', 20)
      appended += 20
    }
  })()
  await running.rebuild('view')
  const verified = await running.verify('view')
  const again = await running.verify('other')
  await running.rebuild('view')
  enough.abort()
  await pour
  expect([verified.same, again.same]).toEqual([true, true])
  expect(verified.tables.map(({ rows, rebuiltRows }) => rows === rebuiltRows)).toEqual([true, true])
  for (const name of ['view', 'other']) await reader?.caughtUp(name, last as Position)
  expect([times('view'), times('other')]).toEqual([appended, appended])
  expect(reader?.select('view', 'SELECT count(*) AS seen FROM {seen}')).toEqual([{ seen: appended }])
})

test('a view that is not what its events say is found out', async () => {
  await start(counter('view'))
  await reader?.caughtUp('view', await append('Counted', 3))
  await stop()
  // The same version that counts otherwise: what a change without a new version looks like.
  const running = await start(counter('view', { by: 2 }))
  const { same, tables } = await running.verify('view')
  expect(same).toBe(false)
  expect(tables.map(({ table, digest, rebuiltDigest }) => [table, digest === rebuiltDigest])).toEqual([
    ['counts', false],
    ['seen', true],
  ])
})

test('a rebuild that an event stops leaves the live view as it was', async () => {
  const running = await start(counter('view'), counter('stopped', { types: ['Counted', 'Poison'] }))
  await reader?.caughtUp('view', await append('Counted'))
  await reader?.caughtUp('view', await append('Poison'))
  await expect(running.rebuild('stopped')).rejects.toThrow(/\(Poison\) stopped the rebuild: can not take this/)
  expect(times('stopped')).toBe(1)
  expect(statusOf('stopped')).toMatchObject({ state: 'stopped', rebuild: null })
})

test('an event of an unknown type stops all reading, loudly', async () => {
  await append('Counted')
  const unknown = await append('Poison')
  await append('Counted')
  await log.close()
  log = await openSqliteEventLog({ path: join(folder, 'log.db'), codec: createCodec([Counted]) })
  await start(counter('view'))
  await expect.poll(() => statusOf('view')?.state).toBe('stopped')
  expect(times('view')).toBe(1)
  expect(statusOf('view')?.stopped).toMatchObject({
    position: unknown,
    reason: expect.stringContaining('unknown event Poison') as string,
  })
})
