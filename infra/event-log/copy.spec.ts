import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import type { CopyProgress } from './copy.ts'
import { copyLog, NotACopy } from './copy.ts'
import { openEventStoreLog } from './eventstore/open.ts'
import type { EventLog } from './port.ts'
import { openSqliteEventLog } from './sqlite/open.ts'
import { startEventStore } from '#test/dsl/eventstore-double/start'
import { temporaryFolder } from '#test/dsl/temporary'
import { contractCodec, counting, opening } from '../../test/contract/event-log/fixture.ts'

const opened: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close()
})

const sqlite = async (): Promise<EventLog> => {
  const log = await openSqliteEventLog({ path: join(await temporaryFolder(), 'events.db'), codec: contractCodec })
  opened.push(log)
  return log
}

const eventStore = async () => {
  const server = await startEventStore()
  opened.push(server)
  const log = await openEventStoreLog({ connectionString: server.connectionString, codec: contractCodec })
  opened.push(log)
  return { server, log }
}

/** Ten streams, their events mixed. */
const write = async (log: EventLog, events: number): Promise<void> => {
  for (let number = 0; number < events; number += 10) {
    const expected = number === 0 ? 'noStream' : (number / 10) * 2 - 1
    const streams = Array.from({ length: Math.min(10, events - number) }, (_, stream) => stream)
    await Promise.all(
      streams.map((stream) =>
        log.append(`copied-${stream}`, expected, [counting(number), opening(`ü ${number + stream}`)]),
      ),
    )
  }
}

const all = async (log: EventLog): Promise<object[]> => {
  const { events } = await log.readAll(null, {}, 10_000)
  return events.map((event) => ({ ...event, position: null }))
}

it('brings a log from SQLite to EventStoreDB and back: ids, metadata, revisions and order', async () => {
  const [source, back] = [await sqlite(), await sqlite()]
  const { log: target } = await eventStore()
  await write(source, 300)
  const seen: CopyProgress[] = []
  expect(await copyLog({ from: source, to: target, progress: (progress) => seen.push(progress) })).toEqual({
    found: 0,
    copied: 600,
  })
  expect(await all(target)).toEqual(await all(source))
  expect(new Set(seen.map(({ what }) => what))).toEqual(new Set(['comparing', 'copying', 'verifying']))
  expect(seen.at(-1)).toMatchObject({ done: 600, position: await source.lastPosition() })
  expect(await copyLog({ from: target, to: back, inFlight: 64 })).toEqual({ found: 0, copied: 600 })
  expect(await all(back)).toEqual(await all(source))
})

it('goes on where it was stopped', async () => {
  const source = await sqlite()
  const { server, log: target } = await eventStore()
  await write(source, 400)
  const stop = new AbortController()
  const stopped = copyLog({
    from: source,
    to: target,
    signal: stop.signal,
    progress: ({ what, done }) => {
      if (what === 'copying' && done >= 500) stop.abort(new Error('stopped'))
    },
  })
  await expect(stopped).rejects.toThrow('stopped')
  server.cut()
  expect(await copyLog({ from: source, to: target })).toEqual({ found: 500, copied: 300 })
  expect(await copyLog({ from: source, to: target })).toEqual({ found: 800, copied: 0 })
  await source.append('copied-0', 79, [counting(1)])
  expect(await copyLog({ from: source, to: target })).toEqual({ found: 800, copied: 1 })
  expect(await all(target)).toEqual(await all(source))
})

it('refuses a target that holds something else, and says what', async () => {
  const source = await sqlite()
  const { log: target } = await eventStore()
  await write(source, 3)
  await target.append('other-1', 'noStream', [opening()])
  const refused = await copyLog({ from: source, to: target }).catch((error: unknown) => error)
  expect(refused).toBeInstanceOf(NotACopy)
  expect(String(refused)).toContain('other-1@0')
  expect(await all(target)).toHaveLength(1)
  await expect(copyLog({ from: await sqlite(), to: target })).rejects.toThrow('nothing more')
})
