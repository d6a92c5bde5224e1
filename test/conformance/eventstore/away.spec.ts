import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it, onTestFinished } from 'vitest'
import { openEventStoreLog } from '#infra/event-log/eventstore/open'
import { startEventStore } from '#test/dsl/eventstore-double/start'
import { contractCodec, counting, ids, iterate, nextOf, opening } from '../../contract/event-log/fixture.ts'

const start = async (patienceMs: number) => {
  const server = await startEventStore()
  onTestFinished(() => server.close())
  const log = await openEventStoreLog({ connectionString: server.connectionString, codec: contractCodec, patienceMs })
  onTestFinished(() => log.close())
  return { server, log }
}

it('waits for a server that comes back, and writes once', async () => {
  const { server, log } = await start(30_000)
  await log.append('away-1', 'noStream', [counting(0)])
  await server.goAway()
  const event = counting(1)
  const appended = log.append('away-1', 0, [event])
  const read = log.readStream('away-1', { from: 1 })
  await sleep(300)
  await server.listen()
  await expect(appended).resolves.toMatchObject({ revision: 1 })
  expect(ids(await log.readStream('away-1', { from: 1 }))).toEqual([event.id])
  expect((await read).length).toBeLessThanOrEqual(1)
})

it('gives up a call after a while, and works again when the server is back', async () => {
  const { server, log } = await start(200)
  await server.goAway()
  await expect(log.append('away-1', 'noStream', [opening()])).rejects.toMatchObject({ why: 'unreachable' })
  await expect(log.readStream('away-1')).rejects.toMatchObject({ name: 'LogUnavailable', why: 'unreachable' })
  await server.listen()
  await expect
    .poll(() => log.append('away-1', 'noStream', [opening()]).catch(() => null), { timeout: 20_000 })
    .toMatchObject({ revision: 0 })
})

it('goes on with subscriptions and groups where they were', async () => {
  const { server, log } = await start(200)
  const filter = { categories: ['away'] }
  const stop = new AbortController()
  const batches = log.subscribeAll(null, filter, stop.signal)[Symbol.asyncIterator]()
  await batches.next()
  const deliveries = iterate(await log.subscribeGroup('away', filter))
  const first = await log.append('away-1', 'noStream', [counting(0)])
  expect((await batches.next()).value).toMatchObject({ events: [{ data: { number: 0 } }] })
  const held = await nextOf(deliveries)
  const live = batches.next()
  await server.goAway()
  held.ack()
  await sleep(600)
  await server.listen()
  const event = counting(1)
  await expect
    .poll(() => log.append('away-1', first.revision, [event]).catch(() => null), { timeout: 20_000 })
    .toMatchObject({ revision: 1 })
  expect(ids((await live).value?.events ?? [])).toEqual([event.id])
  // The answer given while the server was away is given again: only the new event is handed out.
  const next = await nextOf(deliveries)
  expect(next.event.id).toBe(event.id)
  next.ack()
  expect(await log.groupStatus('away')).toMatchObject({ inFlight: 0, parked: 0 })
  stop.abort()
  await batches.next()
})
