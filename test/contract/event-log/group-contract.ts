import { expect, it } from 'vitest'
import type { GroupDelivery } from '#infra/event-log/port'
import { counting, fill, freshCategory, iterate, nextOf, streamIn, type LogUnderTest } from './fixture.ts'

export const groupContract = (test: LogUnderTest): void => {
  const start = async (events: number) => {
    const category = freshCategory()
    await fill(test.log, streamIn(category), events)
    return { category, name: `group-${category}`, filter: { categories: [category] } }
  }

  it('begins at the beginning of the log and goes on live', async () => {
    const { category, name, filter } = await start(2)
    const group = await test.log.subscribeGroup(name, filter)
    const deliveries = iterate(group)
    for (const number of [0, 1]) {
      const delivery = await nextOf(deliveries)
      expect(delivery).toMatchObject({ event: { data: { number } }, retryCount: 0 })
      delivery.ack()
    }
    const pending = nextOf(deliveries)
    await test.log.append(streamIn(category), 1, [counting(2)])
    const live = await pending
    expect(live.event.data).toEqual({ number: 2 })
    live.ack()
    await group.close()
  })

  it('hands each event to one of its consumers', async () => {
    const { name, filter } = await start(200)
    const seen: string[] = []
    const byConsumer = [0, 0, 0, 0]
    await Promise.all(
      byConsumer.map(async (_, consumer) => {
        const group = await test.log.subscribeGroup(name, filter)
        for await (const delivery of group) {
          seen.push(delivery.event.id)
          byConsumer[consumer] = (byConsumer[consumer] ?? 0) + 1
          delivery.ack()
          if (seen.length === 200) break
          if (byConsumer[consumer] === 50) break
        }
      }),
    )
    expect(new Set(seen).size).toBe(200)
    expect(seen).toHaveLength(200)
    expect(byConsumer).toEqual([50, 50, 50, 50])
  })

  it('gives every group every event', async () => {
    const { name, filter } = await start(3)
    for (const other of ['one', 'two']) {
      const group = await test.log.subscribeGroup(`${name}-${other}`, filter)
      const deliveries = iterate(group)
      for (let number = 0; number < 3; number++) {
        const delivery = await nextOf(deliveries)
        expect(delivery.event.data).toEqual({ number })
        delivery.ack()
      }
      await group.close()
    }
  })

  it('has no more deliveries unanswered than its concurrency', async () => {
    const { name, filter } = await start(10)
    const group = await test.log.subscribeGroup(name, filter, { concurrency: 3 })
    const deliveries = iterate(group)
    const held = [await nextOf(deliveries), await nextOf(deliveries), await nextOf(deliveries)]
    let fourth: GroupDelivery | undefined
    const pending = nextOf(deliveries).then((delivery) => {
      fourth = delivery
      return delivery
    })
    expect((await test.log.groupStatus(name)).inFlight).toBe(3)
    expect(fourth).toBeUndefined()
    held[1]?.ack()
    expect((await pending).event.data).toEqual({ number: 3 })
    await group.close()
  })

  it('hands a retried delivery out again, counting', async () => {
    const { name, filter } = await start(1)
    const group = await test.log.subscribeGroup(name, filter)
    const deliveries = iterate(group)
    for (let retryCount = 0; retryCount < 3; retryCount++) {
      const delivery = await nextOf(deliveries)
      expect(delivery.retryCount).toBe(retryCount)
      delivery.retry('not yet')
    }
    ;(await nextOf(deliveries)).ack()
    expect(await test.log.groupStatus(name)).toMatchObject({ inFlight: 0, parked: 0 })
    await group.close()
  })

  it('parks a delivery when its retries are used up, with the last reason', async () => {
    const { name, filter } = await start(1)
    const group = await test.log.subscribeGroup(name, filter, { maxRetries: 2 })
    const deliveries = iterate(group)
    for (let retryCount = 0; retryCount <= 2; retryCount++) (await nextOf(deliveries)).retry(`reason ${retryCount}`)
    expect(await test.log.parked(name, 10)).toMatchObject([
      { event: { data: { number: 0 } }, reason: 'reason 2', retryCount: 2 },
    ])
    await group.close()
  })

  it('lists parked deliveries oldest first, and plays them again when told', async () => {
    const { name, filter } = await start(4)
    const group = await test.log.subscribeGroup(name, filter)
    const deliveries = iterate(group)
    for (let number = 0; number < 4; number++) (await nextOf(deliveries)).park(`because ${number}`)
    const parked = await test.log.parked(name, 10)
    expect(parked.map(({ reason }) => reason)).toEqual(['because 0', 'because 1', 'because 2', 'because 3'])
    expect(await test.log.parked(name, 2)).toHaveLength(2)
    expect((await test.log.groupStatus(name)).parked).toBe(4)
    const third = parked[2]?.event.id ?? ''
    expect(await test.log.replayParked(name, [third, 'ffffffff-ffff-4fff-8fff-ffffffffffff'])).toBe(1)
    const again = await nextOf(deliveries)
    expect(again).toMatchObject({ event: { id: third }, retryCount: 0 })
    again.ack()
    expect(await test.log.replayParked(name)).toBe(3)
    for (let number = 0; number < 3; number++) (await nextOf(deliveries)).ack()
    expect(await test.log.parked(name, 10)).toEqual([])
    expect((await test.log.groupStatus(name)).parked).toBe(0)
    await group.close()
  })

  it('keeps parked and replayed deliveries over a restart, without a consumer too', async () => {
    const { name, filter } = await start(2)
    const group = await test.log.subscribeGroup(name, filter)
    const deliveries = iterate(group)
    ;(await nextOf(deliveries)).park('one')
    ;(await nextOf(deliveries)).park('two')
    let log = await test.reopen()
    expect(await log.parked(name, 10)).toHaveLength(2)
    expect(await log.replayParked(name)).toBe(2)
    log = await test.reopen()
    const later = iterate(await log.subscribeGroup(name, filter))
    const first = await nextOf(later)
    first.ack()
    ;(await nextOf(later)).park('still')
    log = await test.reopen()
    expect(await log.parked(name, 10)).toMatchObject([{ reason: 'still' }])
  })

  it('skips for good', async () => {
    const { name, filter } = await start(2)
    const group = await test.log.subscribeGroup(name, filter)
    const deliveries = iterate(group)
    ;(await nextOf(deliveries)).skip()
    ;(await nextOf(deliveries)).ack()
    expect(await test.log.parked(name, 10)).toEqual([])
    const status = await test.log.groupStatus(name)
    expect((status.checkpoint ?? '') >= ((await test.log.lastPosition(filter)) ?? 'x')).toBe(true)
    await group.close()
  })

  it('hands out again what is not answered in time', async () => {
    const { name, filter } = await start(1)
    const group = await test.log.subscribeGroup(name, filter, { timeoutMs: 30 })
    const deliveries = iterate(group)
    const forgotten = await nextOf(deliveries)
    const again = await nextOf(deliveries)
    expect(again.event.id).toBe(forgotten.event.id)
    expect(again.retryCount).toBe(1)
    again.ack()
    forgotten.retry('too late to matter')
    expect(await test.log.groupStatus(name)).toMatchObject({ inFlight: 0, parked: 0 })
    await group.close()
  })

  it('parks what is never answered', async () => {
    const { name, filter } = await start(1)
    const group = await test.log.subscribeGroup(name, filter, { timeoutMs: 10, maxRetries: 1 })
    const deliveries = iterate(group)
    await nextOf(deliveries)
    await nextOf(deliveries)
    await expect
      .poll(() => test.log.parked(name, 1), { timeout: 10_000 })
      .toMatchObject([{ reason: 'no answer within 10 ms', retryCount: 1 }])
    await group.close()
  })

  it('takes the first answer of a delivery only', async () => {
    const { name, filter } = await start(1)
    const group = await test.log.subscribeGroup(name, filter)
    const delivery = await nextOf(iterate(group))
    delivery.ack()
    delivery.park('no')
    delivery.retry('no')
    expect(await test.log.parked(name, 10)).toEqual([])
    await group.close()
  })

  it('hands what a leaving consumer has not answered to whoever joins next', async () => {
    const { name, filter } = await start(3)
    const leaving = await test.log.subscribeGroup(name, filter)
    const first = iterate(leaving)
    ;(await nextOf(first)).ack()
    const unanswered = await nextOf(first)
    await leaving.close()
    expect(await first.next()).toMatchObject({ done: true })
    const joining = await test.log.subscribeGroup(name, filter)
    const second = iterate(joining)
    const handed = [await nextOf(second), await nextOf(second)]
    expect(handed.map(({ event }) => event.data)).toContainEqual(unanswered.event.data)
    expect(handed.map(({ event }) => event.data)).toContainEqual({ number: 2 })
    await joining.close()
  })

  it('owes after a restart at least what was not answered, and all of it', async () => {
    const { name, filter } = await start(20)
    const group = await test.log.subscribeGroup(name, filter)
    const deliveries = iterate(group)
    const answered = new Set<unknown>()
    for (let number = 0; number < 12; number++) {
      const delivery = await nextOf(deliveries)
      if (number % 3 === 0) continue
      answered.add(delivery.event.id)
      delivery.ack()
    }
    const log = await test.reopen()
    const again = iterate(await log.subscribeGroup(name, filter))
    const seen = new Set(answered)
    while (seen.size < 20) {
      const delivery = await nextOf(again)
      seen.add(delivery.event.id)
      delivery.ack()
    }
    expect((await log.groupStatus(name)).inFlight).toBe(0)
  })

  it('tells its checkpoint: everything up to there is answered', async () => {
    const { name, filter } = await start(3)
    expect(await test.log.groupStatus(name)).toEqual({ checkpoint: null, inFlight: 0, parked: 0 })
    const group = await test.log.subscribeGroup(name, filter)
    const deliveries = iterate(group)
    const [first, second, third] = [await nextOf(deliveries), await nextOf(deliveries), await nextOf(deliveries)]
    third.ack()
    const waiting = await test.log.groupStatus(name)
    expect(waiting.inFlight).toBe(2)
    expect((waiting.checkpoint ?? '') < first.event.position).toBe(true)
    first.ack()
    second.ack()
    const done = await test.log.groupStatus(name)
    expect((done.checkpoint ?? '') >= third.event.position).toBe(true)
    await group.close()
  })

  it('ends the consumers of a log that is closed', async () => {
    const { name, filter } = await start(0)
    const pending = iterate(await test.log.subscribeGroup(name, filter)).next()
    await test.reopen()
    expect(await pending).toMatchObject({ done: true })
  })
}
