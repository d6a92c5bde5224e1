import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { openEventStoreLog } from '#infra/event-log/eventstore/open'
import type { EventLog, Position } from '#infra/event-log/port'
import { UnreadableEvent } from '#infra/event-log/port'
import type { EventStoreDouble } from '#test/dsl/eventstore-double/server'
import { startEventStore } from '#test/dsl/eventstore-double/start'
import { contractCodec, counting, fill, ids, numbers, opening } from '../../contract/event-log/fixture.ts'

let server: EventStoreDouble
let log: EventLog

const begin = async (systemEvents: boolean) => {
  server = await startEventStore({ systemEvents })
  onTestFinished(() => server.close())
  log = await openEventStoreLog({ connectionString: server.connectionString, codec: contractCodec })
  onTestFinished(() => log.close())
}

describe('a log that begins with our event', () => {
  beforeEach(() => begin(false))

  it('has position 0, which is a position', async () => {
    const [first, second] = [counting(0), counting(1)]
    const { position } = await log.append('zero-1', 'noStream', [first])
    expect(position).toBe('0'.repeat(20))
    expect(await log.lastPosition()).toBe(position)
    expect(await log.lastPosition({ categories: ['zero'] })).toBe(position)
    await log.append('zero-1', 0, [second])
    expect(ids((await log.readAll(null, {}, 10)).events)).toEqual([first.id, second.id])
    expect(ids((await log.readAll(position, {}, 10)).events)).toEqual([second.id])
    const stop = new AbortController()
    for await (const batch of log.subscribeAll(position, {}, stop.signal)) {
      expect(ids(batch.events)).toEqual([second.id])
      stop.abort()
    }
  })

  it('has no position while it is empty', async () => {
    expect(await log.readAll(null, {}, 10)).toEqual({ events: [], position: null, caughtUp: true })
    expect(await log.lastPosition()).toBeNull()
    expect(await log.groupStatus('nobody')).toEqual({ checkpoint: null, inFlight: 0, parked: 0 })
  })
})

describe('what the server writes', () => {
  beforeEach(() => begin(true))

  it('never reaches a reader', async () => {
    await fill(log, 'ours-1', 2)
    server.log.writeSystem('$stats-127.0.0.1:2113', '$statsCollected', { cpu: 2 })
    server.log.writeSystem('$$ours-1', '$metadata', { $maxCount: 5 })
    server.log.writeSystem('$ce-ours', '$>', '0@ours-1')
    server.log.writeSystem('$persistentsubscription-$all::g-parked', 'Counted', { number: 99 })
    await log.append('ours-1', 1, [counting(2)])
    for (const filter of [{}, { categories: ['ours'] }, { types: ['Counted'] }]) {
      expect(numbers((await log.readAll(null, filter, 100)).events)).toEqual([0, 1, 2])
      const stop = new AbortController()
      const seen: unknown[] = []
      for await (const batch of log.subscribeAll(null, filter, stop.signal)) {
        seen.push(...numbers(batch.events))
        if (batch.caughtUp) stop.abort()
      }
      expect(seen).toEqual([0, 1, 2])
    }
    expect(await log.lastPosition({ types: ['Counted'] })).toBe(await log.lastPosition({ categories: ['ours'] }))
  })

  it('moves readers forward nevertheless', async () => {
    await fill(log, 'ours-1', 1)
    const stop = new AbortController()
    const batches = log.subscribeAll(null, { categories: ['ours'] }, stop.signal)[Symbol.asyncIterator]()
    let { value: batch } = await batches.next()
    const before: Position | null = batch?.position ?? null
    let last = 0
    // One window of what the server looks at, and more.
    for (let number = 0; number < 1_200; number++)
      last = server.log.writeSystem('$stats-127.0.0.1:2113', '$statsCollected', { number }).position
    while ((batch?.position ?? '') <= (before ?? '')) batch = (await batches.next()).value ?? undefined
    expect(Number(batch?.position)).toBeGreaterThan(last / 4)
    expect(batch).toMatchObject({ events: [], caughtUp: true })
    stop.abort()
    await batches.next()
  })
})

describe('what others write', () => {
  beforeEach(() => begin(true))

  it('stops a reader who asks for it, and no other', async () => {
    await log.append('ours-1', 'noStream', [opening()])
    server.log.append('orders-1', 'any', [
      {
        id: '00000000-0000-4000-8000-00000000000a',
        type: 'OrderPlaced',
        contentType: 'application/json',
        data: Buffer.from('{}'),
        metadata: Buffer.from('{}'),
      },
    ])
    await log.append('ours-1', 0, [opening()])
    expect((await log.readAll(null, { categories: ['ours'] }, 10)).events).toHaveLength(2)
    const page = await log.readAll(null, {}, 10)
    expect(page).toMatchObject({ caughtUp: false, events: [{ stream: 'ours-1' }] })
    await expect(log.readAll(page.position, {}, 10)).rejects.toBeInstanceOf(UnreadableEvent)
    await expect(log.readAll(page.position, {}, 10)).rejects.toThrow('orders-1@0')
  })
})
