import { expect, it } from 'vitest'
import {
  closing,
  counting,
  fill,
  freshCategory,
  ids,
  numbers,
  opening,
  readEverything,
  streamIn,
  type LogUnderTest,
} from './fixture.ts'

export const readContract = (test: LogUnderTest): void => {
  it('reads a stream that is not there as empty', async () => {
    expect(await test.log.readStream(streamIn(freshCategory()))).toEqual([])
    expect(await test.log.readStream(streamIn(freshCategory()), { direction: 'backwards' })).toEqual([])
  })

  it('reads a stream forwards and backwards, from a revision, up to a limit', async () => {
    const stream = streamIn(freshCategory())
    await fill(test.log, stream, 300)
    const all = Array.from({ length: 300 }, (_, number) => number)
    expect(numbers(await test.log.readStream(stream))).toEqual(all)
    expect((await test.log.readStream(stream)).map(({ revision }) => revision)).toEqual(all)
    expect(numbers(await test.log.readStream(stream, { from: 290 }))).toEqual(all.slice(290))
    expect(numbers(await test.log.readStream(stream, { from: 5, limit: 3 }))).toEqual([5, 6, 7])
    expect(numbers(await test.log.readStream(stream, { direction: 'backwards', limit: 3 }))).toEqual([299, 298, 297])
    expect(numbers(await test.log.readStream(stream, { direction: 'backwards', from: 1 }))).toEqual([1, 0])
    expect(numbers(await test.log.readStream(stream, { direction: 'backwards' }))).toEqual(all.toReversed())
    expect(await test.log.readStream(stream, { from: 300 })).toEqual([])
    expect(await test.log.readStream(stream, { from: 250, limit: 1_000 })).toHaveLength(50)
  })

  it('tells streams apart whose names begin alike', async () => {
    const category = freshCategory()
    await fill(test.log, streamIn(category, 'ann'), 2)
    await fill(test.log, streamIn(category, 'ann-2'), 3)
    expect(await test.log.readStream(streamIn(category, 'ann'))).toHaveLength(2)
    expect(await test.log.readStream(streamIn(category, 'Ann'))).toHaveLength(0)
  })

  it('reads the log in the order of positions, whatever the size of a page', async () => {
    const category = freshCategory()
    const appends = Array.from({ length: 100 }, (_, number) =>
      test.log.append(streamIn(category, number), 'noStream', [counting(number), closing()]),
    )
    const positions = (await Promise.all(appends)).map(({ position }) => position)
    for (const limit of [1, 7, 64, 200, 1_000]) {
      const events = await readEverything(test.log, [category], limit)
      expect(events).toHaveLength(200)
      expect(events.map(({ position }) => position)).toEqual(events.map(({ position }) => position).toSorted())
      expect(new Set(events.map(({ position }) => position)).size).toBe(200)
      expect(events.filter(({ type }) => type === 'Closed').map(({ position }) => position)).toEqual(
        positions.toSorted(),
      )
    }
  })

  it('filters by category, by type, and by both', async () => {
    const start = await test.log.lastPosition()
    const [one, two, three] = [freshCategory(), freshCategory(), freshCategory()]
    for (const category of [one, two, three])
      await test.log.append(streamIn(category), 'noStream', [opening(category), counting(1), closing()])
    const read = async (filter: { categories?: string[]; types?: string[] }) =>
      (await test.log.readAll(start, filter, 10_000)).events.filter(({ stream }) =>
        [one, two, three].some((name) => stream.startsWith(name)),
      )
    expect(await read({})).toHaveLength(9)
    expect(await read({ categories: [one] })).toHaveLength(3)
    expect(await read({ categories: [one, three] })).toHaveLength(6)
    expect(await read({ types: ['Opened', 'Closed'] })).toHaveLength(6)
    expect((await read({ categories: [two, three], types: ['Counted'] })).map(({ stream }) => stream)).toEqual([
      streamIn(two),
      streamIn(three),
    ])
    expect(await read({ categories: [one], types: [] })).toEqual([])
    expect(await read({ categories: [] })).toEqual([])
    expect(await read({ types: ['Unheard'] })).toEqual([])
  })

  it('finds the few among the many', async () => {
    const [rare, common] = [freshCategory(), freshCategory()]
    await test.log.append(streamIn(rare, 1), 'noStream', [opening('first')])
    await fill(test.log, streamIn(common), 1_500)
    await test.log.append(streamIn(rare, 2), 'noStream', [opening('last')])
    expect(await readEverything(test.log, [rare], 1)).toHaveLength(2)
    expect(await readEverything(test.log, [rare, common], 900)).toHaveLength(1_502)
  })

  it('says how far was looked, even when nothing matched', async () => {
    const [wanted, other] = [freshCategory(), freshCategory()]
    await fill(test.log, streamIn(wanted), 3)
    const { position } = await test.log.append(streamIn(other), 'noStream', [closing()])
    const cut = await test.log.readAll(null, { categories: [wanted] }, 2)
    expect(cut).toMatchObject({ caughtUp: false, position: cut.events[1]?.position })
    const rest = await test.log.readAll(cut.position, { categories: [wanted] }, 2)
    expect(numbers(rest.events)).toEqual([2])
    expect(rest.caughtUp).toBe(true)
    expect((rest.position ?? '') >= position).toBe(true)
    const nothing = await test.log.readAll(rest.position, { categories: [wanted] }, 2)
    expect(nothing).toEqual({ events: [], caughtUp: true, position: rest.position })
  })

  it('is caught up when a page takes exactly what is left', async () => {
    const category = freshCategory()
    await fill(test.log, streamIn(category), 64)
    expect(await test.log.readAll(null, { categories: [category] }, 64)).toMatchObject({ caughtUp: true })
    expect(await test.log.readAll(null, { categories: [category] }, 63)).toMatchObject({ caughtUp: false })
  })

  it('answers the last position of what matches, at once after an append', async () => {
    const [one, two] = [freshCategory(), freshCategory()]
    expect(await test.log.lastPosition({ categories: [one] })).toBeNull()
    const first = await test.log.append(streamIn(one), 'noStream', [opening()])
    const second = await test.log.append(streamIn(two), 'noStream', [opening(), counting(1)])
    expect(await test.log.lastPosition()).toBe(second.position)
    expect(await test.log.lastPosition({ categories: [one] })).toBe(first.position)
    expect(await test.log.lastPosition({ categories: [one, two] })).toBe(second.position)
    expect(await test.log.lastPosition({ categories: [one, two], types: ['Opened'] })).toBe(
      (await test.log.readStream(streamIn(two)))[0]?.position,
    )
    expect(await test.log.lastPosition({ categories: [one], types: ['Closed'] })).toBeNull()
    const reopened = await test.reopen()
    expect(await reopened.lastPosition({ categories: [one] })).toBe(first.position)
    expect(await reopened.lastPosition({ types: ['Counted'] })).toBe(second.position)
  })

  it('does not move the last position by a repeat', async () => {
    const category = freshCategory()
    const events = [opening()]
    await test.log.append(streamIn(category, 1), 'noStream', events)
    const last = await test.log.append(streamIn(category, 2), 'noStream', [opening()])
    await test.log.append(streamIn(category, 1), 'noStream', events)
    expect(await test.log.lastPosition({ categories: [category] })).toBe(last.position)
  })

  it('refuses positions and limits that are none', async () => {
    await expect(test.log.readAll('7' as never, {}, 1)).rejects.toThrow('no position')
    await expect(test.log.readAll(null, {}, 0)).rejects.toThrow('limit')
    await expect(test.log.readStream(streamIn(freshCategory()), { limit: -1 })).rejects.toThrow('limit')
  })

  it('reads its own writes', async () => {
    const stream = streamIn(freshCategory())
    for (let number = 0; number < 30; number++) {
      const event = counting(number)
      await test.log.append(stream, number === 0 ? 'noStream' : number - 1, [event])
      expect(ids(await test.log.readStream(stream, { direction: 'backwards', limit: 1 }))).toEqual([event.id])
    }
  })
}
