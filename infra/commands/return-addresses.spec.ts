import { expect, it } from 'vitest'
import { isDeclined } from '#domain/kernel/decider'
import { DAY } from '#domain/kernel/instant'
import { secretKeyFrom } from '#infra/config/secret-key'
import type { EventLog } from '#infra/event-log/port'
import { temporaryLog } from '#test/dsl/event-log'
import { at } from '#test/dsl/instants'
import { aggregates } from './aggregates.ts'
import { execute } from './execute.ts'
import { ReturnAddresses, type ReturnAddressParts } from './return-addresses.ts'
import { StreamStates } from './stream-states.ts'

const CARA = 'cara@outside.net'
const MAIL = '01JNA000000000000000000001'
const clock = { now: at('2026-01-15T12:00Z') }
const asked = () => ({
  actor: { kind: 'system', part: 'spec' } as const,
  now: clock.now,
  commandId: crypto.randomUUID(),
  correlationId: 'spec',
})

/** A node of its own: it shares the log and the secret. */
const node = (log: EventLog): ReturnAddresses => {
  const states = new StreamStates(log)
  const hostedDomain: ReturnAddressParts['commands']['hostedDomain'] = (name, command, circumstances) =>
    execute(log, states, aggregates.hostedDomain, name, command, circumstances)
  return new ReturnAddresses({
    log,
    commands: { hostedDomain },
    secrets: secretKeyFrom(Buffer.alloc(32, 7)),
    clock: () => clock.now,
  })
}

const hosting = async (...names: string[]): Promise<EventLog> => {
  const log = await temporaryLog()
  for (const name of names) {
    const command = { kind: 'add-domain', name, settings: {} } as const
    const added = await execute(log, new StreamStates(log), aggregates.hostedDomain, name, command, asked())
    expect(isDeclined(added)).toBe(false)
  }
  return log
}

const keysIn = async (log: EventLog): Promise<readonly { data: unknown }[]> =>
  (await log.readAll(null, { types: ['SrsKeyAdded'] }, 100)).events

it('every node knows whose bounces come to an address that one of them made, with one key', async () => {
  const log = await hosting('one.test')
  const [here, there] = [node(log), node(log)]
  const made = await Promise.all([here, there].map((one) => one.rewrite(MAIL, CARA, 'one.test')))
  expect(made[0]).toMatch(/^SRS0=[a-z2-7]{8}=[A-Z2-7]{2}=outside\.net=cara@one\.test$/)
  expect(new Set(made).size).toBe(1)
  for (const address of [made[0]!, made[0]!.toUpperCase()])
    expect(await there.whose(address)).toMatchObject({ is: 'address' })
  const keys = await keysIn(log)
  expect(keys).toHaveLength(1)
  expect(JSON.stringify(keys[0]!.data)).toMatch(/"key":"sealed:1:/)
})

it('an address holds in its own domain alone', async () => {
  const log = await hosting('one.test', 'two.test')
  const here = node(log)
  const address = await here.rewrite(MAIL, CARA, 'one.test')
  await here.rewrite(MAIL, CARA, 'two.test')
  expect(await here.whose(address)).toEqual({ is: 'address', address: CARA })
  expect(await here.whose(address.replace('@one.test', '@two.test'))).toEqual({ is: 'forged' })
  expect(await here.whose(address.replace('=cara@', '=dora@'))).toEqual({ is: 'forged' })
  expect(await here.whose('ann@one.test')).toBeNull()
  await expect(here.rewrite(MAIL, CARA, 'elsewhere.test')).rejects.toThrow(/not hosted/)
})

it('a new key takes over after thirty days, and the one before holds on', async () => {
  const log = await hosting('one.test')
  const here = node(log)
  const before = await here.rewrite(MAIL, CARA, 'one.test')
  clock.now += 31 * DAY
  expect(await here.whose(before)).toEqual({ is: 'expired' })
  await here.rewrite(MAIL, CARA, 'one.test')
  expect(await keysIn(log)).toHaveLength(2)
  expect(await here.whose(before)).toEqual({ is: 'expired' })
  const last = await here.rewrite(MAIL, CARA, 'one.test')
  clock.now += 30 * DAY
  await here.rewrite(MAIL, CARA, 'one.test')
  expect(await keysIn(log)).toHaveLength(3)
  expect(await here.whose(before)).toEqual({ is: 'forged' })
  clock.now -= 15 * DAY
  expect(await here.whose(last)).toEqual({ is: 'address', address: CARA })
})
