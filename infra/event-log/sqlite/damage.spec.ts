import {
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  statSync,
  truncateSync,
  closeSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { EventLog, RecordedEvent } from '#infra/event-log/port'
import { counting, fill, opening } from '#test/contract/event-log/fixture'
import { logFile, openLog, openReader, temporaryFolder } from '#test/contract/event-log/sqlite-folder'

const everything = async (log: Pick<EventLog, 'readAll'>): Promise<RecordedEvent[]> => {
  const events: RecordedEvent[] = []
  for (let page = await log.readAll(null, {}, 100); ; page = await log.readAll(page.position, {}, 100)) {
    events.push(...page.events)
    if (page.caughtUp) return events
  }
}

describe('a crash', () => {
  it('leaves a prefix of what was appended, wherever the disk stopped', async () => {
    const path = logFile(temporaryFolder())
    const log = await openLog(path)
    for (let round = 0; round < 12; round++) {
      await Promise.all(
        Array.from({ length: 8 }, (_, stream) =>
          log.append(`mail-${stream}`, round === 0 ? 'noStream' : round * 2 - 1, [counting(round), opening()]),
        ),
      )
    }
    const written = await everything(log)
    const wal = statSync(`${path}-wal`).size
    const lengths = new Set<number>()

    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: wal }), fc.boolean(), async (kept, torn) => {
        const copy = logFile(temporaryFolder())
        mkdirSync(dirname(copy))
        copyFileSync(path, copy)
        copyFileSync(`${path}-wal`, `${copy}-wal`)
        truncateSync(`${copy}-wal`, kept)
        if (torn && kept >= 64) overwrite(`${copy}-wal`, kept - 32)
        const recovered = await openLog(copy)
        const events = await everything(recovered)
        expect(events).toEqual(written.slice(0, events.length))
        lengths.add(events.length)
        // It goes on where it stopped.
        const next = await recovered.append('mail-after', 'noStream', [opening()])
        expect(Number(next.position)).toBe(events.length + 1)
        await recovered.close()
      }),
      {
        seed: 20_260_102,
        numRuns: 14,
        examples: [
          [0, false],
          [wal, false],
        ],
      },
    )
    expect(lengths.has(written.length)).toBe(true)
    expect(lengths.size).toBeGreaterThan(4)
  }, 90_000)
})

describe('a damaged file', () => {
  const whole = async (): Promise<string> => {
    const path = logFile(temporaryFolder())
    const log = await openLog(path)
    await fill(log, 'mail-1', 3_000)
    await log.close()
    return path
  }

  it('that was cut off is refused and not touched; what is left can be read', async () => {
    const path = await whole()
    truncateSync(path, Math.floor(statSync(path).size / 2))
    const before = readFileSync(path)
    await expect(openLog(path)).rejects.toMatchObject({ name: 'LogUnavailable', why: 'corrupt' })
    expect(readFileSync(path).equals(before)).toBe(true)
    expect(() => openReader(path)).toThrow('is damaged')
    const reader = openReader(path, true)
    const { events } = await reader.readAll(null, {}, 200)
    expect(events).toHaveLength(200)
  })

  it('with bad pages in the middle says so when those are read; the rest stays readable', async () => {
    const path = await whole()
    const middle = Math.floor(statSync(path).size / 8_192) * 4_096
    const file = openSync(path, 'r+')
    writeSync(file, Buffer.alloc(8 * 4_096, 0x5a), 0, 8 * 4_096, middle)
    closeSync(file)
    const log = await openLog(path)
    expect((await log.readAll(null, {}, 100)).events).toHaveLength(100)
    await expect(everything(log)).rejects.toMatchObject({ name: 'LogUnavailable', why: 'corrupt' })
  })

  it('with a bad header is refused', async () => {
    const path = await whole()
    const file = openSync(path, 'r+')
    writeSync(file, 'nonsense', 0)
    closeSync(file)
    await expect(openLog(path)).rejects.toMatchObject({ why: 'corrupt' })
    expect(existsSync(join(dirname(path), 'events.db'))).toBe(true)
  })
})

const overwrite = (path: string, at: number): void => {
  const file = openSync(path, 'r+')
  writeSync(file, Buffer.alloc(16, 0xff), 0, 16, at)
  closeSync(file)
}
