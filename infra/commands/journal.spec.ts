import { expect, it } from 'vitest'
import { temporaryLog } from '#test/dsl/event-log'
import { Journal } from './journal.ts'

const refusal = (check: string, address = '192.0.2.1') => ({
  stage: 'rcpt' as const,
  client: { address, name: null, helo: 'x' },
  reversePath: null,
  recipient: 'nobody@example.org',
  reply: { code: 550, enhancedCode: '5.1.1', text: 'no' },
  check,
  evidence: null,
})
const mx = { kind: 'system', part: 'mx' } as const
const NOON = Date.UTC(2026, 10, 24, 12)

it('writes refusals in batches into one stream a node and day, and goes on there after a restart', async () => {
  const log = await temporaryLog()
  const fail = (error: Error) => expect.unreachable(error.message)
  const first = new Journal(log, 'mx 1', () => NOON, fail)
  for (let n = 0; n < 3; n++) first.refused(refusal('unknown-recipient'), mx)
  await first.flush()
  const second = new Journal(log, 'mx 1', () => NOON, fail)
  second.refused(refusal('relay-denied'), mx)
  await second.flush()
  const events = await log.readStream('refusals-mx_1-2026-11-24')
  expect(events.map(({ data }) => (data as { check: string }).check)).toEqual([
    'unknown-recipient',
    'unknown-recipient',
    'unknown-recipient',
    'relay-denied',
  ])
})

it('counts what comes faster than it can be kept one by one, and loses no count', async () => {
  const log = await temporaryLog()
  const journal = new Journal(
    log,
    'n',
    () => NOON,
    (error) => expect.unreachable(error.message),
  )
  for (let n = 0; n < 10_000; n++) journal.refused(refusal('unknown-recipient'), mx)
  await journal.flush()
  let total = 0
  let events = 0
  for (let from = 0; ; from += 1_000) {
    const page = await log.readStream('refusals-n-2026-11-24', { from, limit: 1_000 })
    for (const { data } of page) total += (data as { count: number }).count
    events += page.length
    if (page.length < 1_000) break
  }
  expect(total).toBe(10_000)
  expect(events).toBeLessThan(5_000)
})

it('answers an access only when it is durable', async () => {
  const log = await temporaryLog()
  const journal = new Journal(
    log,
    'n',
    () => NOON,
    (error) => expect.unreachable(error.message),
  )
  await journal.access(
    { type: 'ContentRead', data: { mail: 'm', recipient: null, by: 'o@x.test', as: 'compliance', reason: 'case 7' } },
    { kind: 'account', address: 'o@x.test' },
  )
  expect(await log.readStream('access-n-2026-11-24')).toHaveLength(1)
})

it('tells whoever waits when it could not be written', async () => {
  const log = await temporaryLog()
  const problems: Error[] = []
  const journal = new Journal(
    log,
    'n',
    () => NOON,
    (error) => problems.push(error),
  )
  await log.close()
  await expect(
    journal.access(
      { type: 'SignInRefused', data: { address: 'a@x.test', clientAddress: '::1', reason: 'limited' } },
      mx,
    ),
  ).rejects.toThrow(/closed/)
  expect(problems).toHaveLength(1)
})
