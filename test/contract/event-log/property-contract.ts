import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { WrongRevision } from '#infra/event-log/port'
import { counting, freshCategory, readEverything, streamIn, type LogUnderTest } from './fixture.ts'

export const propertyContract = (test: LogUnderTest): void => {
  it('keeps every stream gapless under any interleaving of appends', async () => {
    const step = fc.record({
      stream: fc.integer({ min: 0, max: 3 }),
      expected: fc.oneof(
        fc.constant('noStream' as const),
        fc.constant('streamExists' as const),
        fc.integer({ min: 0, max: 12 }),
      ),
      count: fc.integer({ min: 1, max: 3 }),
      wait: fc.boolean(),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 40 }), async (steps) => {
        const category = freshCategory()
        const taken: Promise<number>[] = []
        for (const { stream, expected, count, wait } of steps) {
          const events = Array.from({ length: count }, (_, number) => counting(number))
          const append = test.log.append(streamIn(category, stream), expected, events).then(
            () => count,
            (error: unknown) => {
              if (error instanceof WrongRevision) return 0
              throw error
            },
          )
          taken.push(append)
          if (wait) await append
        }
        const appended = (await Promise.all(taken)).reduce((sum, count) => sum + count, 0)
        const events = await readEverything(test.log, [category])
        expect(events).toHaveLength(appended)
        const next = new Map<string, number>()
        for (const { stream, revision } of events) {
          expect(revision).toBe(next.get(stream) ?? 0)
          next.set(stream, revision + 1)
        }
      }),
      { seed: 20_260_101, numRuns: 40 },
    )
  })
}
