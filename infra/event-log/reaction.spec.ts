import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it, vi } from 'vitest'
import { anyEvent, temporaryLog } from '#test/dsl/event-log'
import { ContentStoreUnavailable } from '#infra/content-store/port'
import { LogUnavailable } from './port.ts'
import { OneAtATime, startDueWork, startReaction } from './reaction.ts'

it('reacts to what was there before and to what comes', async () => {
  const log = await temporaryLog()
  await log.append('mailbox-a@x', 'noStream', [anyEvent('@one.test')])
  const seen: string[] = []
  const reaction = await startReaction(log, {
    group: 'g',
    filter: { types: ['SenderBlocked'] },
    concurrency: 2,
    react: async (event) => void seen.push((event.data as { entry: string }).entry),
    onFailure: () => undefined,
  })
  await log.append('mailbox-b@x', 'noStream', [anyEvent('@two.test')])
  await vi.waitFor(() => expect(seen.toSorted()).toEqual(['@one.test', '@two.test']))
  await reaction.stop()
})

it('tries again what failed, and parks it with its reason at last', async () => {
  const log = await temporaryLog()
  let tries = 0
  const reaction = await startReaction(log, {
    group: 'g',
    filter: { types: ['SenderBlocked'] },
    concurrency: 1,
    maxRetries: 2,
    react: async () => {
      tries += 1
      throw new Error('no way')
    },
    onFailure: () => undefined,
  })
  await log.append('mailbox-a@x', 'noStream', [anyEvent('@one.test')])
  await vi.waitFor(async () => expect(await log.parked('g', 10)).toHaveLength(1))
  expect(tries).toBe(3)
  expect((await log.parked('g', 10))[0]?.reason).toBe('Error: no way')
  await reaction.stop()
})

it('leaves the group in peace about what is claimed: it is neither handed out again nor parked, and counts as work', async () => {
  const log = await temporaryLog()
  const begun: string[] = []
  const failed: unknown[] = []
  const go = new AbortController()
  const reaction = await startReaction(log, {
    group: 'g',
    filter: { types: ['SenderBlocked'] },
    concurrency: 2,
    timeoutMs: 50,
    react: async ({ stream }, claimed) => {
      begun.push(stream)
      claimed()
      await new Promise((resolve) => go.signal.addEventListener('abort', resolve))
      if (stream === 'mailbox-a@x') throw new Error('no way')
    },
    onFailure: (_event, error) => failed.push(error),
  })
  for (const name of ['a', 'b', 'c']) await log.append(`mailbox-${name}@x`, 'noStream', [anyEvent('@one.test')])
  await vi.waitFor(async () => expect(await log.groupStatus('g')).toMatchObject({ inFlight: 0 }))
  await vi.waitFor(() => expect(begun).toHaveLength(2))
  await sleep(200)
  expect(begun).toEqual(['mailbox-a@x', 'mailbox-b@x'])
  go.abort()
  await reaction.stop()
  expect(failed).toHaveLength(1)
  expect(await log.parked('g', 10)).toEqual([])
})

it('parks nothing while the disk is at fault, however often that is, and counts only what the event did', async () => {
  const log = await temporaryLog()
  let tries = 0
  const reaction = await startReaction(log, {
    group: 'g',
    filter: { types: ['SenderBlocked'] },
    concurrency: 1,
    maxRetries: 1,
    react: async () => {
      tries += 1
      if (tries % 2 === 1 && tries < 6) throw new LogUnavailable('disk-full', 'no room')
      if (tries % 2 === 0 && tries < 6) throw new ContentStoreUnavailable('no room')
      throw new Error('no way')
    },
    onFailure: () => undefined,
  })
  await log.append('mailbox-a@x', 'noStream', [anyEvent('@one.test')])
  await vi.waitFor(async () => expect(await log.parked('g', 10)).toHaveLength(1), 10_000)
  expect(tries).toBe(7)
  await reaction.stop()
})

it('sees the disk at fault in several failures at once, unless one of them is something else', async () => {
  const log = await temporaryLog()
  const noRoom = () => [new LogUnavailable('disk-full', 'no room'), new ContentStoreUnavailable('no room')]
  let tries = 0
  const reaction = await startReaction(log, {
    group: 'g',
    filter: { types: ['SenderBlocked'] },
    concurrency: 1,
    maxRetries: 1,
    react: async () => {
      tries += 1
      if (tries < 5) throw new AggregateError([...noRoom(), new AggregateError(noRoom())])
      throw new AggregateError([...noRoom(), new Error('no way')], 'some failed')
    },
    onFailure: () => undefined,
  })
  await log.append('mailbox-a@x', 'noStream', [anyEvent('@one.test')])
  await vi.waitFor(async () => expect(await log.parked('g', 10)).toHaveLength(1), 10_000)
  expect(tries).toBe(6)
  await reaction.stop()
})

it('finishes what it works on before it stops, and owes nothing twice afterwards', async () => {
  const log = await temporaryLog()
  const release = Promise.withResolvers<void>()
  let done = 0
  const start = () =>
    startReaction(log, {
      group: 'g',
      filter: { types: ['SenderBlocked'] },
      concurrency: 4,
      react: async () => {
        await release.promise
        done += 1
      },
      onFailure: () => undefined,
    })
  const first = await start()
  await log.append('mailbox-a@x', 'noStream', [anyEvent('@one.test')])
  await vi.waitFor(async () => expect((await log.groupStatus('g')).inFlight).toBe(1))
  const stopped = first.stop()
  release.resolve()
  await stopped
  expect(done).toBe(1)
  const second = await start()
  await log.append('mailbox-a@x', 0, [anyEvent('@two.test')])
  await vi.waitFor(() => expect(done).toBe(2))
  await second.stop()
})

it('never does two pieces of work for one key at the same time, and lets other keys pass', async () => {
  const turns = new OneAtATime()
  const order: string[] = []
  const gate = Promise.withResolvers<void>()
  const one = turns.run('a', async () => {
    await gate.promise
    order.push('a1')
    throw new Error('a1 fails')
  })
  const two = turns.run('a', async () => void order.push('a2'))
  await turns.run('b', async () => void order.push('b'))
  gate.resolve()
  await expect(one).rejects.toThrow('a1 fails')
  await two
  expect(order).toEqual(['b', 'a1', 'a2'])
  expect(turns.keys).toBe(0)
})

it('goes on looking when one piece of due work or the view fails', async () => {
  const failures: string[] = []
  const done: string[] = []
  let looks = 0
  const work = startDueWork({
    due: () => {
      looks += 1
      if (looks === 1) throw new Error('the view is away')
      return ['bad', `good ${looks}`]
    },
    react: async (key) => {
      if (key === 'bad') throw new Error('bad')
      done.push(key)
    },
    concurrency: 1,
    everyMs: 1,
    onFailure: (key) => failures.push(key),
  })
  await vi.waitFor(() => expect(done.length).toBeGreaterThan(1))
  await work.stop()
  expect(failures).toContain('')
  expect(failures).toContain('bad')
})

it('tries due work that keeps failing less and less often, and other work as ever', async () => {
  const tries = new Map<string, number>()
  let mended = false
  const work = startDueWork({
    due: () => ['bad', 'good'],
    react: async (key) => {
      tries.set(key, (tries.get(key) ?? 0) + 1)
      if (key === 'bad' && !mended) throw new Error('bad')
    },
    concurrency: 2,
    everyMs: 1,
    onFailure: () => {},
  })
  await vi.waitFor(() => expect(tries.get('good')).toBeGreaterThan(100), 10_000)
  const failed = tries.get('bad') ?? 0
  expect(failed).toBeGreaterThan(1)
  expect(failed).toBeLessThan(20)
  mended = true
  await vi.waitFor(() => expect(tries.get('bad')).toBeGreaterThan(failed + 20), 10_000)
  await work.stop()
})

it('tries due work again within seconds of the disk having room, however long it had none', async () => {
  let clock = 0
  const now = vi.spyOn(performance, 'now').mockImplementation(() => clock)
  let isFull = true
  let tries = 0
  let done = 0
  const work = startDueWork({
    due: () => ['a'],
    react: async () => {
      tries += 1
      if (isFull) throw new LogUnavailable('disk-full', 'no room')
      done += 1
    },
    concurrency: 1,
    everyMs: 1,
    onFailure: () => undefined,
  })
  try {
    for (let failed = 1; failed <= 30; failed++) {
      clock += 5_000
      await vi.waitFor(() => expect(tries).toBe(failed))
    }
    isFull = false
    clock += 5_000
    await vi.waitFor(() => expect(done).toBeGreaterThan(0))
  } finally {
    await work.stop()
    now.mockRestore()
  }
})
