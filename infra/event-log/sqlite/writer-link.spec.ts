import { setImmediate } from 'node:timers/promises'
import { DatabaseSync } from 'node:sqlite'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { EventLog } from '#infra/event-log/port'
import { counting, numbers, opening } from '#test/contract/event-log/fixture'
import { logFile, openLog, temporaryFolder } from '#test/contract/event-log/sqlite-folder'

/** Lets every commit fail that holds one of these numbers, as a bad disk would. */
const failOn = (path: string, condition: string): void => {
  const database = new DatabaseSync(path)
  database.exec(`
    CREATE TRIGGER fails BEFORE INSERT ON events WHEN NEW.data ->> 'number' ${condition}
    BEGIN SELECT RAISE(ABORT, 'the disk has a hole'); END`)
  database.close()
}

const stored = async (log: EventLog): Promise<unknown[]> => numbers((await log.readAll(null, {}, 1_000)).events)

describe('the way to the writer and back', () => {
  it('tells each append what became of its own commit, however commits, failures and messages of groups mix', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ fails: fc.boolean(), turns: fc.nat({ max: 2 }), group: fc.boolean() }), {
          minLength: 1,
          maxLength: 40,
        }),
        async (steps) => {
          const path = logFile(temporaryFolder())
          const log = await openLog(path)
          failOn(path, '% 2 = 1')
          const answers: Promise<unknown>[] = []
          const written = new Set<number>()
          const refused = new Set<number>()
          for (const [step, { fails, turns, group }] of steps.entries()) {
            const number = step * 2 + (fails ? 1 : 0)
            const append = log.append(`mail-${step}`, 'noStream', [counting(number)])
            answers.push(
              append.then(
                () => written.add(number),
                () => refused.add(number),
              ),
            )
            if (group) answers.push(Promise.allSettled([log.replayParked('nobody')]))
            for (let turn = 0; turn < turns; turn++) await setImmediate()
          }
          await Promise.all(answers)
          expect(await stored(log)).toEqual([...written])
          expect(written.size + refused.size).toBe(steps.length)
          expect([...written].filter((number) => number % 2 === 1)).toEqual([])
          await log.close()
        },
      ),
      { seed: 20_261_124, numRuns: 25 },
    )
  }, 60_000)

  it('goes on after a commit that failed', async () => {
    const path = logFile(temporaryFolder())
    const log = await openLog(path)
    failOn(path, '= 13')
    await log.append('mail-1', 'noStream', [counting(1)])
    const together = await Promise.allSettled([
      log.append('mail-1', 0, [counting(2)]),
      log.append('mail-2', 'noStream', [counting(13)]),
    ])
    expect(together.at(-1)).toMatchObject({ reason: { message: expect.stringContaining('the disk has a hole') } })
    const rest = together[0]?.status === 'fulfilled' ? [2] : []
    expect(await log.append('mail-2', 'noStream', [counting(3)])).toMatchObject({ revision: 0 })
    expect(await stored(log)).toEqual([1, ...rest, 3])
  })

  it('answers all that was appended before it closed', async () => {
    const log = await openLog(logFile(temporaryFolder()))
    const appends = Array.from({ length: 200 }, (_, stream) => log.append(`mail-${stream}`, 'noStream', [opening()]))
    const closed = log.close()
    const revisions = (await Promise.all(appends)).map(({ revision }) => revision)
    expect(new Set(revisions)).toEqual(new Set([0]))
    await closed
    await expect(log.append('mail-1', 0, [opening()])).rejects.toMatchObject({ why: 'closed' })
  })
})
