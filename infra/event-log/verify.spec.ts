import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import { counting, fill, opening } from '#test/contract/event-log/fixture'
import { logFile, openLog, openReader, temporaryFolder } from '#test/contract/event-log/sqlite-folder'
import type { Verified } from './verify.ts'
import { verifyLog } from './verify.ts'

const filled = async (): Promise<string> => {
  const path = logFile(temporaryFolder())
  const log = await openLog(path)
  await fill(log, 'mail-1', 700)
  for (let number = 2; number < 30; number++)
    await log.append(`mail-${number}`, 'noStream', [opening(), counting(number)])
  await log.close()
  return path
}

const spoil = (path: string, sql: string): void => {
  const database = new DatabaseSync(path)
  database.exec(sql)
  database.close()
}

const verify = async (path: string): Promise<{ last: Verified | undefined; problems: string[] }> => {
  const problems: string[] = []
  let last: Verified | undefined
  for await (const report of verifyLog(openReader(path))) {
    problems.push(...report.problems)
    last = report
  }
  return { last, problems }
}

describe('verifying a log', () => {
  it('finds nothing wrong with a whole one, and says how far it is', async () => {
    const { last, problems } = await verify(await filled())
    expect(problems).toEqual([])
    expect(last).toMatchObject({ events: 756, position: '00000000000000000756', end: '00000000000000000756' })
  })

  it('finds nothing wrong with an empty one', async () => {
    const path = logFile(temporaryFolder())
    await openLog(path)
    expect((await verify(path)).problems).toEqual([])
  })

  it.each([
    [
      'a gap in a stream',
      "DELETE FROM events WHERE stream = 'mail-1' AND revision = 300",
      'stream mail-1: revision 301 comes where 300 should be',
    ],
    [
      'a stream without its beginning',
      "DELETE FROM events WHERE stream = 'mail-7' AND revision = 0",
      'some stream lacks its beginning',
    ],
    [
      'data that are not JSON',
      "UPDATE events SET data = '{' WHERE stream = 'mail-1' AND revision = 299",
      'event mail-1@299',
    ],
    ['an unknown event', "UPDATE kinds SET type = 'Unheard' WHERE type = 'Opened'", 'unknown event Unheard'],
    [
      'metadata that are none',
      "UPDATE events SET metadata = '[]' WHERE position = 5",
      'event mail-1@4 (position 00000000000000000005): the metadata lacks a field',
    ],
  ])('finds %s', async (_, sql, problem) => {
    const path = await filled()
    spoil(path, sql)
    expect((await verify(path)).problems).toContainEqual(expect.stringContaining(problem))
  })

  it('goes on behind an event that can not be read', async () => {
    const path = await filled()
    spoil(path, "UPDATE events SET data = '{' WHERE position IN (3, 4, 600, 756)")
    const { last, problems } = await verify(path)
    expect(problems).toHaveLength(4)
    expect(last).toMatchObject({ events: 756 })
  })
})
