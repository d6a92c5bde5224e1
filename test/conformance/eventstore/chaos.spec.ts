import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openEventStoreLog } from '#infra/event-log/eventstore/open'
import type { EventLog, NewEvent, RecordedEvent, StreamName } from '#infra/event-log/port'
import type { EventStoreDouble } from '#test/dsl/eventstore-double/server'
import { startEventStore } from '#test/dsl/eventstore-double/start'
import { contractCodec, counting, readEverything } from '../../contract/event-log/fixture.ts'

const APPENDS = 5_000
const CUTS = 100
const WRITERS = 20
const EACH = APPENDS / WRITERS

/* Connections are cut by count, not by the clock: after every fiftieth append that has its answer, whatever is on them then. */
describe('the log on EventStoreDB while connections are cut', () => {
  let server: EventStoreDouble
  let log: EventLog
  const appended: NewEvent[] = []
  let cuts = 0

  beforeAll(async () => {
    server = await startEventStore()
    log = await openEventStoreLog({
      connectionString: server.connectionString,
      codec: contractCodec,
      patienceMs: 60_000,
    })
  })
  afterAll(async () => {
    await log.close()
    await server.close()
  })

  it('keeps each event once; catch-up readers see it once, in order; groups at least once', async () => {
    const stop = new AbortController()
    const catchingUp = [catchUp(log, 'chaos', stop.signal), catchUp(log, 'chaos', stop.signal)]
    const groups = ['one', 'two'].map((name) => work(log, name, 'chaos'))

    await Promise.all(Array.from({ length: WRITERS }, (_, writer) => write(writer)))
    expect(cuts).toBe(CUTS)

    const stored = await readEverything(log, ['chaos'], 1_000)
    expect(stored).toHaveLength(APPENDS)
    expect(new Set(stored.map(({ id }) => id))).toEqual(new Set(appended.map(({ id }) => id)))
    for (let writer = 0; writer < WRITERS; writer++) {
      const own = stored.filter(({ stream }) => stream === streamOf(writer))
      expect(own.map(({ revision }) => revision)).toEqual(Array.from({ length: EACH }, (_, number) => number))
    }

    for (const reader of catchingUp) expect((await reader).map(({ id }) => id)).toEqual(stored.map(({ id }) => id))
    stop.abort()
    for (const group of groups) expect(await group).toBe(APPENDS)
  }, 120_000)

  const streamOf = (writer: number): StreamName => `chaos-${writer}`

  const write = async (writer: number): Promise<void> => {
    for (let number = 0; number < EACH; number++) {
      const event = counting(number)
      const { revision } = await log.append(streamOf(writer), number === 0 ? 'noStream' : number - 1, [event])
      expect(revision).toBe(number)
      appended.push(event)
      if (appended.length % (APPENDS / CUTS) === 0) {
        server.cut()
        cuts++
      }
    }
  }
})

const catchUp = async (log: EventLog, category: string, signal: AbortSignal): Promise<RecordedEvent[]> => {
  const events: RecordedEvent[] = []
  for await (const batch of log.subscribeAll(null, { categories: [category] }, signal)) {
    events.push(...batch.events)
    if (events.length >= APPENDS) return events
  }
  return events
}

/** How many different events the group's two consumers were given, until it was all of them. */
const work = async (log: EventLog, name: string, category: string): Promise<number> => {
  const seen = new Set<string>()
  const consumers = [0, 1].map(async () => {
    const group = await log.subscribeGroup(`chaos-${name}`, { categories: [category] }, { concurrency: 16 })
    for await (const { event, ack } of group) {
      seen.add(event.id)
      ack()
      if (seen.size === APPENDS) await group.close()
    }
  })
  await Promise.race(consumers)
  return seen.size
}
