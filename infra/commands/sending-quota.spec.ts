import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Account } from '#domain/account/state'
import { isDeclined } from '#domain/kernel/decider'
import { DAY, HOUR } from '#domain/kernel/instant'
import { sendingDecider } from '#domain/sending/decider'
import { sendingDaysStream, sendingStream, type SendingEvent } from '#domain/sending/events'
import type { EventLog } from '#infra/event-log/port'
import { temporaryEventStoreLogs, temporaryLog } from '#test/dsl/event-log'
import { at } from '#test/dsl/instants'
import { aggregates } from './aggregates.ts'
import { execute } from './execute.ts'
import { HostedDomains } from './hosted-domains.ts'
import { Policies } from './policies.ts'
import { quotaOf } from './quota-of.ts'
import { SendingQuota } from './sending-quota.ts'
import { asDomainEvent, StreamStates } from './stream-states.ts'

const NOON = at('2026-01-15T12:00Z')
const ann = (changes: Partial<Account> = {}): Account => ({
  ...aggregatesAccount,
  timeZone: 'Europe/Vienna',
  quota: { mailsPerDay: 10, recipientsPerDay: 25 },
  ...changes,
})
const ADDRESS = 'ann@one.test'
/** As its own events make it. */
const aggregatesAccount = aggregates.account.decider.evolve(null, {
  type: 'AccountCreated',
  data: {
    address: ADDRESS,
    roles: ['user'],
    displayName: 'Ann',
    timeZone: 'UTC',
    language: 'en',
    quota: null,
    source: 'own',
  },
}) as Account

/** A process of its own: nothing is shared but the log. */
const node = (log: EventLog): SendingQuota =>
  new SendingQuota({
    log,
    states: new StreamStates(log),
    policies: new Policies(log),
    hostedDomains: new HostedDomains(log),
  })

const eventsOf = async (log: EventLog, day: string, account = ADDRESS): Promise<readonly SendingEvent[]> =>
  (await log.readStream(sendingStream(`${account}-${day}`), { limit: 10_000 })).map((event) =>
    asDomainEvent<SendingEvent>(event),
  )
const countsOf = (events: readonly SendingEvent[]) => {
  const folded = events.reduce(sendingDecider.evolve, sendingDecider.initial)
  return { mails: folded.mails, recipients: folded.recipients }
}
let mails = 0
const mailId = (): string => `01JNA${String(++mails).padStart(21, '0')}`

describe('the daily quota', () => {
  it('takes each mail till one would be too many, and says which limit and until when', async () => {
    const log = await temporaryLog()
    const quota = node(log)
    const account = ann({ quota: { mailsPerDay: 2, recipientsPerDay: 10 } })
    const reserve = (recipients: number, now = NOON) => quota.reserve({ account, mail: mailId(), recipients, now })
    expect(await reserve(8)).toMatchObject({ kind: 'reserved' })
    const resetsAt = at('2026-01-15T23:00Z')
    expect(await reserve(3)).toEqual({ kind: 'over', limit: 'recipients', quota: 10, resetsAt })
    expect(await reserve(1)).toMatchObject({ kind: 'reserved' })
    expect(await reserve(1, resetsAt - 1)).toEqual({ kind: 'over', limit: 'mails', quota: 2, resetsAt })
    expect(await reserve(1, resetsAt)).toMatchObject({ kind: 'reserved' })
    expect((await eventsOf(log, '2026-01-15')).map(({ type }) => type)).toEqual([
      'SendingReserved',
      'QuotaExceeded',
      'SendingReserved',
    ])
    expect(await eventsOf(log, '2026-01-16')).toHaveLength(1)
  })

  it('gives back, once, what was refused after all', async () => {
    const log = await temporaryLog()
    const quota = node(log)
    const account = ann({ quota: { mailsPerDay: 1, recipientsPerDay: 10 } })
    const reserve = () => quota.reserve({ account, mail: mailId(), recipients: 2, now: NOON })
    const first = await reserve()
    if (first.kind === 'over') throw new Error('the first one fits')
    expect(await reserve()).toMatchObject({ kind: 'over' })
    await Promise.all([first.giveBack(NOON), first.giveBack(NOON)])
    expect(await reserve()).toMatchObject({ kind: 'reserved' })
    expect(await reserve()).toMatchObject({ kind: 'over' })
    expect(countsOf(await eventsOf(log, '2026-01-15'))).toEqual({ mails: 1, recipients: 2 })
  })

  it('is given back to the day it was taken from', async () => {
    const log = await temporaryLog()
    const before = await node(log).reserve({ account: ann(), mail: mailId(), recipients: 2, now: NOON })
    if (before.kind === 'over') throw new Error('the first one fits')
    await before.giveBack(NOON + DAY)
    expect(countsOf(await eventsOf(log, '2026-01-15'))).toEqual({ mails: 0, recipients: 0 })
  })

  it("is the account's own, else its domain's, else the policy's", async () => {
    const log = await temporaryLog()
    const sources = { policies: new Policies(log), hostedDomains: new HostedDomains(log) }
    expect(await quotaOf(sources, ann({ quota: null }))).toEqual({ mailsPerDay: 500, recipientsPerDay: 2_000 })
    const sendingQuota = { mailsPerDay: 20, recipientsPerDay: 30 }
    const outcome = await execute(
      log,
      new StreamStates(log),
      aggregates.hostedDomain,
      'one.test',
      { kind: 'add-domain', name: 'one.test', settings: { sendingQuota } },
      { actor: { kind: 'system', part: 'spec' }, now: NOON, commandId: '1', correlationId: '1' },
    )
    expect(isDeclined(outcome)).toBe(false)
    expect(await quotaOf(sources, ann({ quota: null }))).toEqual(sendingQuota)
    expect(await quotaOf(sources, ann())).toEqual({ mailsPerDay: 10, recipientsPerDay: 25 })
  })

  it('keeps the day that runs when the zone is changed, on every node, and begins the next when that ends', async () => {
    const log = await temporaryLog()
    const [here, there] = [node(log), node(log)]
    const one = { mailsPerDay: 1, recipientsPerDay: 10 }
    const reserve = (from: SendingQuota, timeZone: string, now: number) =>
      from.reserve({ account: ann({ timeZone, quota: one }), mail: mailId(), recipients: 1, now })
    const midnight = at('2026-01-15T23:00Z')
    expect(await reserve(here, 'Europe/Vienna', NOON)).toMatchObject({ kind: 'reserved' })
    for (const zone of ['Pacific/Kiritimati', 'Asia/Tokyo', 'Etc/GMT+12', 'America/New_York']) {
      for (const from of [here, there])
        expect(await reserve(from, zone, midnight - HOUR)).toMatchObject({ kind: 'over', resetsAt: midnight })
    }
    expect(await reserve(there, 'America/New_York', midnight)).toMatchObject({ kind: 'reserved' })
    expect(await reserve(here, 'Europe/Vienna', midnight + HOUR)).toMatchObject({
      kind: 'over',
      resetsAt: at('2026-01-17T05:00Z'),
    })
    const days = await log.readStream(sendingDaysStream(ADDRESS))
    expect(days.map(({ data }) => (data as { day: string }).day)).toEqual(['2026-01-15', '2026-01-16'])
  })

  it('is written for many sessions of one account in few appends', async () => {
    const log = await temporaryLog()
    let appends = 0
    const counting = new Proxy(log, {
      get: (target, name) => {
        const member: unknown = Reflect.get(target, name, target)
        if (typeof member !== 'function') return member
        if (name === 'append') appends++
        return member.bind(target) as unknown
      },
    })
    const quota = node(counting)
    const account = ann({ quota: { mailsPerDay: 1_000, recipientsPerDay: 1_000 } })
    const all = Array.from({ length: 500 }, () => quota.reserve({ account, mail: mailId(), recipients: 1, now: NOON }))
    expect((await Promise.all(all)).every(({ kind }) => kind === 'reserved')).toBe(true)
    expect(appends).toBeLessThan(25)
    expect(countsOf(await eventsOf(log, '2026-01-15'))).toEqual({ mails: 500, recipients: 500 })
  })
})

const session = fc.array(
  fc.record({ recipients: fc.integer({ min: 1, max: 9 }), refusedAfterAll: fc.boolean(), waits: fc.boolean() }),
  { minLength: 1, maxLength: 12 },
)
const sessions = fc.array(fc.tuple(fc.nat(), session), { minLength: 2, maxLength: 12 })

/** Sessions at once, each on one of the nodes; checks what is in the stream and answers. */
const neverExceeded = async (
  nodes: readonly SendingQuota[],
  log: EventLog,
  drawn: typeof sessions extends fc.Arbitrary<infer Drawn> ? Drawn : never,
  address: string,
): Promise<void> => {
  const limits = { mailsPerDay: 15, recipientsPerDay: 40 }
  const account = ann({ address, quota: limits })
  const held = { mails: 0, recipients: 0 }
  await Promise.all(
    drawn.map(async ([on, tries]) => {
      for (const { recipients, refusedAfterAll, waits } of tries) {
        if (waits) await new Promise(setImmediate)
        const answer = await nodes[on % nodes.length]!.reserve({ account, mail: mailId(), recipients, now: NOON })
        if (answer.kind === 'over') continue
        held.mails++
        held.recipients += recipients
        if (!refusedAfterAll) continue
        held.mails--
        held.recipients -= recipients
        await answer.giveBack(NOON)
      }
    }),
  )
  const events = await eventsOf(log, '2026-01-15', address)
  let state = sendingDecider.initial
  for (const event of events) {
    state = sendingDecider.evolve(state, event)
    expect(state.mails).toBeLessThanOrEqual(limits.mailsPerDay)
    expect(state.recipients).toBeLessThanOrEqual(limits.recipientsPerDay)
  }
  expect(countsOf(events)).toEqual(held)
  expect(events.filter(({ type }) => type === 'QuotaExceeded').length).toBeLessThanOrEqual(1)
}

describe('no interleaving of sessions exceeds the quota', () => {
  it('on nodes that share an embedded log', async () => {
    expect.hasAssertions()
    const log = await temporaryLog()
    const nodes = [node(log), node(log), node(log)]
    let run = 0
    await fc.assert(
      fc.asyncProperty(sessions, (drawn) => neverExceeded(nodes, log, drawn, `ann${++run}@one.test`)),
      { seed: 20_260_107, numRuns: 40 },
    )
  })

  it('on nodes with a connection each to EventStoreDB', async () => {
    expect.hasAssertions()
    const logs = await temporaryEventStoreLogs(3)
    const nodes = logs.map(node)
    let run = 0
    await fc.assert(
      fc.asyncProperty(sessions, (drawn) => neverExceeded(nodes, logs[0]!, drawn, `ann${++run}@one.test`)),
      { seed: 20_260_108, numRuns: 10 },
    )
  })
})
