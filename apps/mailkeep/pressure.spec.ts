import { expect, it } from 'vitest'
import type { ViewReader } from '#infra/views/port'
import { temporaryFolder } from '#test/dsl/temporary'
import { MeasuredPressure } from './pressure.ts'

const viewsWith = (rows: () => unknown): ViewReader => ({
  get: <Row>() => rows() as Row | undefined,
  select: () => [],
  checkpoint: () => null,
  caughtUp: () => Promise.resolve(),
})

it('measures backlog and free space before anybody asks', async () => {
  const pressure = await MeasuredPressure.start(
    viewsWith(() => ({ name: 'mails', count: 7 })),
    await temporaryFolder(),
    (error) => expect(error).toBeUndefined(),
  )
  expect(pressure.backlog()).toBe(7)
  expect(pressure.freeBytes()).toBeGreaterThan(0)
  pressure.stop()
})

it('says what it can not measure, and goes on', async () => {
  const problems: unknown[] = []
  const pressure = await MeasuredPressure.start(
    viewsWith(() => undefined),
    '/nowhere/at/all',
    (error) => problems.push(error),
  )
  expect(pressure.backlog()).toBe(0)
  expect(String(problems[0])).toContain('ENOENT')
  pressure.stop()
})
