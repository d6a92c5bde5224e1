import { pino } from 'pino'
import { afterEach, expect, it, vi } from 'vitest'
import { MINUTE } from '#domain/kernel/instant'
import type { MailEvent } from '#domain/mail/events'
import { mailStream } from '#domain/mail/events'
import { installation } from '#test/dsl/api-installation'
import { authentication } from '#test/dsl/mail'
import { dueInspections } from './due-inspections.ts'
import type { Inspection, InspectionJob } from './inspection.ts'
import { Inspector, type InspectorParts } from './inspector.ts'

const here = installation()
const running: Inspector[] = []
afterEach(async () => {
  for (const inspector of running.splice(0)) await inspector.stop()
})

const scanner = { name: 'clamd', version: '1', database: '2' }
const ANN = { address: 'ann@one.test', mailbox: 'ann@one.test' }

const judgement = (symbols: readonly string[] = [], blockedAttachments: readonly string[] = []) => ({
  results: { ...authentication.results, dkim: [] },
  header: authentication.header,
  symbols,
  blockedAttachments,
  evidence: JSON.stringify({ format: 1 }),
})
const clean: Inspection = { scan: { outcome: 'clean', scanner }, judgement: judgement() }

/** The inspector over real parts; what the threads of the pool would find is what the spec says. */
const start = async (
  inspect: (job: InspectionJob) => Promise<Inspection>,
): Promise<{ heard: (string | null)[]; counted: string[] }> => {
  const { clock, parts } = here.api
  const heard: (string | null)[] = []
  const counted: string[] = []
  const inspector = new Inspector({
    ...parts,
    log: parts.events,
    domains: parts.hostedDomains,
    pool: { inspect, close: () => Promise.resolve() },
    node: 'spec',
    due: (now, limit, claimant) => dueInspections(parts.views, now, limit, claimant),
    expired: () => [],
    clock: () => clock.now,
    logger: pino({ level: 'silent' }),
    metrics: { inspected: () => {}, recorded: ({ type }) => counted.push(type), judged: () => counted.push('judged') },
    onScanner: (_name, trouble) => heard.push(trouble),
  } satisfies InspectorParts)
  await inspector.start()
  running.push(inspector)
  return { heard, counted }
}

const told = async (id: string): Promise<MailEvent[]> =>
  (await here.api.parts.events.readStream(mailStream(id), { limit: 10_000 })) as unknown as MailEvent[]
const comesTo = (id: string, expected: readonly string[]) =>
  vi.waitFor(async () => expect((await told(id)).map(({ type }) => type)).toEqual(expected), 15_000)

it('inspects many mails at a time, and never one mail twice at a time', async () => {
  const underWay = new Map<string, number>()
  let most = 0
  await start(async ({ contentHash }) => {
    const now = (underWay.get(contentHash) ?? 0) + 1
    underWay.set(contentHash, now)
    expect(now).toBe(1)
    most = Math.max(
      most,
      [...underWay.values()].reduce((sum, one) => sum + one, 0),
    )
    await new Promise((resolve) => setTimeout(resolve, 20))
    underWay.set(contentHash, now - 1)
    return clean
  })
  const ids = await Promise.all(Array.from({ length: 30 }, () => here.api.mail([ANN])))
  for (const id of ids) await comesTo(id, ['Accepted', 'ScanCleared', 'Authenticated', 'Scored', 'Cleared'])
  expect(most).toBeGreaterThan(1)
  expect(most).toBeLessThanOrEqual(8)
})

it('tries again what failed, and parks it with its reason at last', async () => {
  let failures = 0
  await start(() => {
    failures += 1
    return Promise.reject(new Error('the thread died'))
  })
  const id = await here.api.mail([ANN])
  await vi.waitFor(
    async () => {
      const parked = await here.api.parts.events.parked('inspector', 10)
      expect(parked.map(({ event, reason }) => [event.stream, reason])).toEqual([
        [mailStream(id), 'Error: the thread died'],
      ])
    },
    { timeout: 60_000, interval: 200 },
  )
  expect(failures).toBe(9)
  expect((await told(id)).map(({ type }) => type)).toEqual(['Accepted'])

  for (const inspector of running.splice(0)) await inspector.stop()
  await start(() => Promise.resolve(clean))
  expect(await here.api.parts.events.replayParked('inspector')).toBe(1)
  await comesTo(id, ['Accepted', 'ScanCleared', 'Authenticated', 'Scored', 'Cleared'])
}, 90_000)

it('waits for a scanner that is away, by a due time, and says who is away and who is back', async () => {
  const { heard } = await start(() =>
    Promise.resolve(
      heard.length === 0
        ? { scan: { outcome: 'unavailable', scanner: { name: 'clamd' }, reason: 'refused' }, judgement: null }
        : clean,
    ),
  )
  const id = await here.api.mail([ANN])
  await comesTo(id, ['Accepted', 'ScanDeferred'])
  here.api.clock.now += MINUTE
  await comesTo(id, ['Accepted', 'ScanDeferred', 'ScanCleared', 'Authenticated', 'Scored', 'Cleared'])
  expect(heard).toEqual(['refused', null])
})

it('tells the verdicts on 2,000 recipients in one append, whatever the reason is', async () => {
  const names = Array.from({ length: 50 }, (_, at) => `a-program-with-a-very-long-name-${at}.exe (extension: exe)`)
  const { counted } = await start(() =>
    Promise.resolve({ scan: { outcome: 'clean', scanner }, judgement: judgement([], names) }),
  )
  const many = Array.from({ length: 2_000 }, (_, at) => `somebody-with-a-long-name-${at}@one.test`)
  const id = await here.api.mail(many.map((mailbox) => ({ address: 'everybody@one.test', mailbox })))
  await vi.waitFor(async () => expect(await told(id)).toHaveLength(2_003), { timeout: 15_000, interval: 200 })
  expect(counted.filter((type) => type === 'Quarantined')).toHaveLength(2_000)
}, 60_000)

it('judges by the lists and the policy of the moment when the mail was accepted', async () => {
  const { commands } = here.api.parts
  const list = (kind: 'allow-sender' | 'block-sender') =>
    commands.mailbox(ANN.mailbox, { kind, entry: 'sender@example.net', note: null }, here.api.asked())
  const before = await here.api.mail([ANN])
  await list('block-sender')
  const during = await here.api.mail([ANN])
  await list('allow-sender')
  const after = await here.api.mail([ANN])
  await commands.policy(
    'inspection',
    { kind: 'set-policy', name: 'inspection', document: { threshold: 99 }, reason: 'a spec' },
    here.api.asked(),
  )

  await start(() => Promise.resolve(clean))
  await comesTo(before, ['Accepted', 'ScanCleared', 'Authenticated', 'Scored', 'Cleared'])
  await comesTo(during, ['Accepted', 'ScanCleared', 'Authenticated', 'Blacklisted', 'Quarantined'])
  await comesTo(after, ['Accepted', 'ScanCleared', 'Authenticated', 'Whitelisted', 'Cleared'])
  const judged = (await told(before)).find(({ type }) => type === 'Scored')
  expect(judged?.data).toMatchObject({ policyVersion: 0, recipients: [{ threshold: 5 }] })
})
