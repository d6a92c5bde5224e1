import { expect, it } from 'vitest'
import { isDeclined } from '#domain/kernel/decider'
import type { EventLog, Position } from '#infra/event-log/port'
import { temporaryLog } from '#test/dsl/event-log'
import { aggregates } from './aggregates.ts'
import { execute } from './execute.ts'
import { HostedDomains } from './hosted-domains.ts'
import { listsAsOf } from './lists.ts'
import { Policies } from './policies.ts'
import { StreamStates } from './stream-states.ts'

let commands = 0
const asked = () => ({
  actor: { kind: 'system', part: 'test' } as const,
  now: 1_000,
  commandId: String(++commands),
  correlationId: 'c',
})

const setThreshold = async (log: EventLog, threshold: number): Promise<Position> => {
  const outcome = await execute(
    log,
    new StreamStates(log),
    aggregates.policy,
    'inspection',
    { kind: 'set-policy', name: 'inspection', document: { threshold }, reason: 'r' },
    asked(),
  )
  if (isDeclined(outcome)) throw new Error(outcome.reason)
  return outcome.position!
}

it('a policy is its default until it is set, and its newest version as soon as the command has answered', async () => {
  const log = await temporaryLog()
  const policies = new Policies(log)
  await policies.fresh()
  expect(policies.current('inspection')).toMatchObject({ version: 0, document: { threshold: 5 } })
  await setThreshold(log, 7)
  await policies.fresh()
  expect(policies.current('inspection')).toMatchObject({
    version: 1,
    document: { threshold: 7, quarantineFor: 30 * 24 * 3_600_000 },
  })
})

it('knows what held as of a position', async () => {
  const log = await temporaryLog()
  const first = await setThreshold(log, 7)
  const second = await setThreshold(log, 9)
  const policies = new Policies(log)
  await policies.fresh()
  expect(policies.asOf('inspection', first).document.threshold).toBe(7)
  expect(policies.asOf('inspection', second).document.threshold).toBe(9)
  expect(policies.asOf('edge', first).version).toBe(0)
})

it('knows domains as they are and were, removed ones too', async () => {
  const log = await temporaryLog()
  const states = new StreamStates(log)
  const ask = async (command: Parameters<typeof aggregates.hostedDomain.decider.decide>[0]) => {
    const outcome = await execute(log, states, aggregates.hostedDomain, 'example.org', command, asked())
    if (isDeclined(outcome)) throw new Error(outcome.reason)
    return outcome.position!
  }
  const added = await ask({ kind: 'add-domain', name: 'example.org', settings: {} })
  const changed = await ask({ kind: 'change-domain', changes: { threshold: 8 } })
  await ask({ kind: 'remove-domain' })
  const domains = new HostedDomains(log)
  await domains.fresh()
  expect(domains.current('example.org')).toBeNull()
  expect(domains.names()).toEqual([])
  expect(domains.asOf('Example.ORG', added)?.threshold).toBeNull()
  expect(domains.asOf('example.org', changed)?.threshold).toBe(8)
  expect(domains.namesAsOf(changed)).toEqual(['example.org'])
})

it('reads lists as they were when a mail was accepted', async () => {
  const log = await temporaryLog()
  const states = new StreamStates(log)
  const first = await execute(
    log,
    states,
    aggregates.mailbox,
    'ann@x.test',
    { kind: 'block-sender', entry: '@one.test', note: null },
    asked(),
  )
  await execute(
    log,
    states,
    aggregates.mailbox,
    'ann@x.test',
    { kind: 'block-sender', entry: '@two.test', note: null },
    asked(),
  )
  if (isDeclined(first)) throw new Error(first.reason)
  const { lists: then } = await listsAsOf(log, 'ann@x.test', first.position!)
  expect([...then.entries].map(([entry]) => entry)).toEqual(['@one.test'])
})
