import { expect, it } from 'vitest'
import type { EventLog, Position, RecordedEvent } from '#infra/event-log/port'
import { counting, fill, freshCategory, numbers, opening, streamIn, type LogUnderTest } from './fixture.ts'

export const subscribeContract = (test: LogUnderTest): void => {
  it('catches up in order and says when', async () => {
    const category = freshCategory()
    await fill(test.log, streamIn(category), 600)
    const stop = new AbortController()
    const events: RecordedEvent[] = []
    for await (const batch of test.log.subscribeAll(null, { categories: [category] }, stop.signal)) {
      events.push(...batch.events)
      if (batch.caughtUp) stop.abort()
    }
    expect(numbers(events)).toEqual(Array.from({ length: 600 }, (_, number) => number))
  })

  it('goes on live after it has caught up, without polling by the consumer', async () => {
    const category = freshCategory()
    const stop = new AbortController()
    const batches = test.log.subscribeAll(null, { categories: [category] }, stop.signal)[Symbol.asyncIterator]()
    expect((await batches.next()).value).toMatchObject({ events: [], caughtUp: true })
    const pending = batches.next()
    const { position } = await test.log.append(streamIn(category), 'noStream', [counting(1)])
    const live = await pending
    expect(live.value).toMatchObject({ caughtUp: true })
    expect(live.value?.events[0]?.position).toBe(position)
    stop.abort()
    expect(await batches.next()).toMatchObject({ done: true })
  })

  it('begins after the position given', async () => {
    const category = freshCategory()
    await fill(test.log, streamIn(category), 5)
    const third = (await test.log.readStream(streamIn(category), { from: 2, limit: 1 }))[0]
    expect(numbers(await take(test.log, third?.position ?? null, category, 2))).toEqual([3, 4])
  })

  it('advances its position over events that do not match', async () => {
    const [wanted, other] = [freshCategory(), freshCategory()]
    const stop = new AbortController()
    const batches = test.log.subscribeAll(null, { categories: [wanted] }, stop.signal)[Symbol.asyncIterator]()
    await batches.next()
    const { position } = await test.log.append(streamIn(other), 'noStream', [opening()])
    let seen: Position | null = null
    while (seen === null || seen < position) {
      const { done, value } = await batches.next()
      if (done === true) break
      expect(value.events).toEqual([])
      seen = value.position
    }
    expect((seen ?? '') >= position).toBe(true)
    stop.abort()
    await batches.next()
  })

  it('has no gap between catching up and live while many append', async () => {
    const category = freshCategory()
    await fill(test.log, streamIn(category, 'before'), 300)
    const appending = Promise.all(
      Array.from({ length: 20 }, async (_, writer) => {
        for (let number = 0; number < 40; number++) {
          await test.log.append(streamIn(category, writer), number === 0 ? 'noStream' : number - 1, [counting(number)])
        }
      }),
    )
    const seen = await take(test.log, null, category, 300 + 20 * 40)
    await appending
    expect(seen.map(({ position }) => position)).toEqual(seen.map(({ position }) => position).toSorted())
    for (let writer = 0; writer < 20; writer++) {
      const own = seen.filter(({ stream }) => stream === streamIn(category, writer))
      expect(own.map(({ revision }) => revision)).toEqual(Array.from({ length: 40 }, (_, number) => number))
    }
  })

  it('lets a slow consumer hold back nobody but itself', async () => {
    const category = freshCategory()
    await fill(test.log, streamIn(category, 'before'), 10)
    const stop = new AbortController()
    const slow = test.log.subscribeAll(null, { categories: [category] }, stop.signal)[Symbol.asyncIterator]()
    const first = await slow.next()
    await fill(test.log, streamIn(category, 'after'), 2_000)
    expect(await take(test.log, null, category, 2_010)).toHaveLength(2_010)
    const rest: RecordedEvent[] = []
    while (rest.length < 2_000) {
      const { done, value } = await slow.next()
      if (done === true) break
      rest.push(...value.events)
    }
    expect(first.value?.events).toHaveLength(10)
    expect(numbers(rest)).toEqual(Array.from({ length: 2_000 }, (_, number) => number))
    stop.abort()
    await slow.next()
  })

  it('serves many subscribers alike', async () => {
    const category = freshCategory()
    const readers = Array.from({ length: 10 }, () => take(test.log, null, category, 50))
    await fill(test.log, streamIn(category), 50)
    for (const events of await Promise.all(readers)) expect(events).toHaveLength(50)
  })

  it('ends quietly when its signal aborts, while waiting too', async () => {
    const stop = new AbortController()
    const batches = test.log.subscribeAll(null, { categories: [freshCategory()] }, stop.signal)[Symbol.asyncIterator]()
    await batches.next()
    const pending = (async () => {
      for (;;) if ((await batches.next()).done === true) return 'ended'
    })()
    stop.abort()
    await expect(pending).resolves.toBe('ended')
  })

  it('tells a waiting subscriber that the log was closed', async () => {
    const { signal } = new AbortController()
    const batches = test.log.subscribeAll(null, { categories: [freshCategory()] }, signal)[Symbol.asyncIterator]()
    await batches.next()
    const outcome = (async () => {
      for (;;) if ((await batches.next()).done === true) return 'ended'
    })().catch((error: unknown) => error)
    await test.reopen()
    expect(await outcome).toMatchObject({ name: 'LogUnavailable', why: 'closed' })
  })
}

const take = async (
  log: EventLog,
  after: Position | null,
  category: string,
  count: number,
): Promise<RecordedEvent[]> => {
  const stop = new AbortController()
  const events: RecordedEvent[] = []
  for await (const batch of log.subscribeAll(after, { categories: [category] }, stop.signal)) {
    events.push(...batch.events)
    if (events.length >= count) stop.abort()
  }
  return events
}
