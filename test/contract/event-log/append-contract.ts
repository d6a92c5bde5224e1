import { randomUUID } from 'node:crypto'
import { expect, it } from 'vitest'
import { InvalidEvent } from '#infra/event-log/codec'
import type { NewEvent } from '#infra/event-log/port'
import { AppendTooLarge, LogUnavailable, WrongRevision } from '#infra/event-log/port'
import {
  closing,
  counting,
  fill,
  freshCategory,
  ids,
  numbers,
  opening,
  streamIn,
  type LogUnderTest,
} from './fixture.ts'

export const appendContract = (test: LogUnderTest): void => {
  it('keeps every field of an event', async () => {
    const stream = streamIn(freshCategory())
    const event = opening('ünïcode 🌍 \u0000 "quoted"')
    const appended = await test.log.append(stream, 'noStream', [event])
    expect(await test.log.readStream(stream)).toEqual([
      { ...event, stream, revision: 0, position: appended.position, schemaVersion: 1 },
    ])
  })

  it.each([
    { kind: 'account', address: 'ann@example.org' } as const,
    { kind: 'system', part: 'inspector' } as const,
    { kind: 'operator', name: 'root' } as const,
  ])('keeps the actor $kind', async (actor) => {
    const stream = streamIn(freshCategory())
    const event = opening()
    await test.log.append(stream, 'noStream', [{ ...event, metadata: { ...event.metadata, actor } }])
    const [read] = await test.log.readStream(stream)
    expect(read?.metadata).toEqual({ ...event.metadata, actor })
  })

  it('answers revision and position of the last event', async () => {
    const category = freshCategory()
    const first = await test.log.append(streamIn(category), 'noStream', [opening(), counting(1)])
    const second = await test.log.append(streamIn(category), 1, [counting(2), counting(3)])
    expect([first.revision, second.revision]).toEqual([1, 3])
    const events = await test.log.readStream(streamIn(category))
    expect(events.map(({ position }) => position).filter((_, index) => index % 2 === 1)).toEqual([
      first.position,
      second.position,
    ])
    expect(first.position < second.position).toBe(true)
    expect(first.position).toMatch(/^\d{20}$/)
  })

  it('is there after reopening', async () => {
    const stream = streamIn(freshCategory())
    const event = opening()
    await test.log.append(stream, 'noStream', [event])
    const reopened = await test.reopen()
    expect(ids(await reopened.readStream(stream))).toEqual([event.id])
    await expect(reopened.append(stream, 0, [counting(1)])).resolves.toMatchObject({ revision: 1 })
  })

  it('refuses noStream for a stream that is there, with its revision', async () => {
    const stream = streamIn(freshCategory())
    await fill(test.log, stream, 3)
    await expect(test.log.append(stream, 'noStream', [opening()])).rejects.toThrow(
      new WrongRevision(stream, 'noStream', 2),
    )
  })

  it('refuses streamExists for a stream that is not there', async () => {
    const stream = streamIn(freshCategory())
    const refused = test.log.append(stream, 'streamExists', [opening()])
    await expect(refused).rejects.toThrow(new WrongRevision(stream, 'streamExists', null))
    expect(await test.log.readStream(stream)).toEqual([])
  })

  it.each([0, 1, 3, 40])('refuses revision %i for a stream that is at 2', async (expected) => {
    const stream = streamIn(freshCategory())
    await fill(test.log, stream, 3)
    const refused = await test.log.append(stream, expected, [opening()]).catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(WrongRevision)
    expect(refused).toMatchObject({ stream, expected, actual: 2 })
    expect(await test.log.readStream(stream)).toHaveLength(3)
  })

  it('refuses an exact revision for a stream that is not there', async () => {
    const stream = streamIn(freshCategory())
    await expect(test.log.append(stream, 0, [opening()])).rejects.toMatchObject({ name: 'WrongRevision', actual: null })
  })

  it('appends at streamExists wherever the stream is', async () => {
    const stream = streamIn(freshCategory())
    await fill(test.log, stream, 2)
    await expect(test.log.append(stream, 'streamExists', [counting(2), counting(3)])).resolves.toMatchObject({
      revision: 3,
    })
    expect(numbers(await test.log.readStream(stream))).toEqual([0, 1, 2, 3])
  })

  it('does not let one conflict fail its neighbours', async () => {
    const category = freshCategory()
    await fill(test.log, streamIn(category, 'taken'), 1)
    const appends = Array.from({ length: 50 }, (_, number) =>
      test.log.append(streamIn(category, number % 5 === 0 ? 'taken' : number), 'noStream', [counting(number)]),
    )
    const outcomes = await Promise.allSettled(appends)
    expect(outcomes.map(({ status }) => status)).toEqual(
      outcomes.map((_, number) => (number % 5 === 0 ? 'rejected' : 'fulfilled')),
    )
  })

  it('lets one of many writers at the same revision win', async () => {
    const stream = streamIn(freshCategory())
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, (_, number) => test.log.append(stream, 'noStream', [counting(number)])),
    )
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(await test.log.readStream(stream)).toHaveLength(1)
  })

  repeatContract(test)

  it('refuses more than 1 MiB with its size, and nothing of it is stored', async () => {
    const stream = streamIn(freshCategory())
    const events = [opening('x'.repeat(600_000)), opening('y'.repeat(600_000))]
    const refused = await test.log.append(stream, 'noStream', events).catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(AppendTooLarge)
    expect(refused).toMatchObject({ limit: 1_048_576 })
    expect((refused as AppendTooLarge).bytes).toBeGreaterThan(1_200_000)
    expect(await test.log.readStream(stream)).toEqual([])
  })

  it('counts bytes, not characters, and takes what fits', async () => {
    const stream = streamIn(freshCategory())
    await expect(test.log.append(stream, 'noStream', [opening('é'.repeat(600_000))])).rejects.toBeInstanceOf(
      AppendTooLarge,
    )
    const fits = opening('e'.repeat(1_000_000))
    await test.log.append(stream, 'noStream', [fits])
    expect((await test.log.readStream(stream))[0]?.data).toEqual(fits.data)
  })

  it('does not let an append that is too large fail its neighbours', async () => {
    const category = freshCategory()
    const outcomes = await Promise.allSettled([
      test.log.append(streamIn(category, 1), 'noStream', [opening()]),
      test.log.append(streamIn(category, 2), 'noStream', [opening('x'.repeat(1_100_000))]),
      test.log.append(streamIn(category, 3), 'noStream', [opening()]),
    ])
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  })

  it('refuses an event that its declaration refuses, naming stream, type and path', async () => {
    const stream = streamIn(freshCategory())
    const wrong: NewEvent = { ...opening(), data: { note: 7 } }
    await expect(test.log.append(stream, 'noStream', [opening(), wrong])).rejects.toMatchObject({
      stream,
      type: 'Opened',
      path: 'note',
    })
    await expect(test.log.append(stream, 'noStream', [{ ...opening(), type: 'Unheard' }])).rejects.toBeInstanceOf(
      InvalidEvent,
    )
    expect(await test.log.readStream(stream)).toEqual([])
  })

  it('refuses what is no append', async () => {
    const stream = streamIn(freshCategory())
    await expect(test.log.append(stream, 'noStream', [])).rejects.toThrow('without events')
    await expect(test.log.append(stream, -1, [opening()])).rejects.toThrow('no revision')
    await expect(test.log.append(stream, 1.5, [opening()])).rejects.toThrow('no revision')
    await expect(test.log.append('-x', 'noStream', [opening()])).rejects.toThrow('no stream name')
    await expect(test.log.append(stream, 'noStream', [{ ...opening(), id: 'seven' }])).rejects.toThrow('UUID')
    const event = opening()
    await expect(test.log.append(stream, 'noStream', [event, event])).rejects.toThrow('same id')
  })

  it('finishes what was appended before close, and refuses what comes after', async () => {
    const stream = streamIn(freshCategory())
    const before = test.log
    const last = before.append(stream, 'noStream', [opening()])
    const reopened = await test.reopen()
    await expect(last).resolves.toMatchObject({ revision: 0 })
    expect(await reopened.readStream(stream)).toHaveLength(1)
    const late = await before.append(stream, 0, [closing()]).catch((error: unknown) => error)
    expect(late).toBeInstanceOf(LogUnavailable)
    expect(late).toMatchObject({ why: 'closed' })
    await expect(before.readStream(stream)).rejects.toMatchObject({ why: 'closed' })
    await before.close()
  })
}

const repeatContract = (test: LogUnderTest): void => {
  it.each(['noStream', 'streamExists', 1] as const)(
    'answers the first outcome to a repeat at %s, and adds nothing',
    async (expected) => {
      const stream = streamIn(freshCategory())
      if (expected !== 'noStream') await fill(test.log, stream, 2)
      const events = [counting(10), counting(11)]
      const first = await test.log.append(stream, expected, events)
      expect(await test.log.append(stream, expected, events)).toEqual(first)
      await test.log.append(stream, first.revision, [closing()])
      expect(await test.log.append(stream, expected, events)).toEqual(first)
      const reopened = await test.reopen()
      expect(await reopened.append(stream, expected, events)).toEqual(first)
      expect(await reopened.readStream(stream)).toHaveLength(first.revision + 2)
    },
  )

  it('recognises a repeat that is in the same commit', async () => {
    const stream = streamIn(freshCategory())
    const events = [opening(), counting(1)]
    const outcomes = await Promise.all(Array.from({ length: 10 }, () => test.log.append(stream, 'noStream', events)))
    expect(new Set(outcomes.map(({ position }) => position)).size).toBe(1)
    expect(ids(await test.log.readStream(stream))).toEqual(ids(events))
  })

  it('takes neither a part of a repeat nor other events for the repeat', async () => {
    const stream = streamIn(freshCategory())
    const events = [opening(), counting(1)]
    await test.log.append(stream, 'noStream', events)
    await expect(test.log.append(stream, 'noStream', [...events, counting(2)])).rejects.toBeInstanceOf(WrongRevision)
    await expect(test.log.append(stream, 'noStream', events.toReversed())).rejects.toBeInstanceOf(WrongRevision)
    await expect(
      test.log.append(
        stream,
        'noStream',
        events.map((event) => ({ ...event, id: randomUUID() })),
      ),
    ).rejects.toBeInstanceOf(WrongRevision)
    expect(await test.log.readStream(stream)).toHaveLength(2)
  })
}
