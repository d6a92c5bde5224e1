import { pino } from 'pino'
import { beforeEach, expect, it } from 'vitest'
import { isDeclined } from '#domain/kernel/decider'
import { DAY, HOUR } from '#domain/kernel/instant'
import { installation } from '#test/dsl/api-installation'
import { scriptedDns, type ScriptedDns } from '#test/dsl/dns'
import { ownReputation } from './own-reputation.ts'

const here = installation({}, {})
let dns: ScriptedDns
let look: ReturnType<typeof ownReputation>
let said: string[]
beforeEach(() => {
  dns = scriptedDns({ 'mx.one.test': { A: ['192.0.2.1'] } })
  look = ownReputation(new AbortController().signal)
  said = []
})

const policy = async (document: object) => {
  const { parts } = here.api
  const command = { kind: 'set-policy', name: 'relay', document: { ...document }, reason: 'spec' } as const
  const outcome = await parts.commands.policy('relay', command, here.api.asked())
  if (isDeclined(outcome)) throw new Error(outcome.reason)
}
/** One turn, `later` ms after the one before; answers the alarms that are raised then. */
const turn = async (later = 0): Promise<string[]> => {
  const { parts, clock } = here.api
  clock.now += later
  const logger = pino({ level: 'warn' }, { write: (line: string) => void said.push(line) })
  await look({ ...parts, clock: () => clock.now, logger, freshDns: () => dns, hostname: 'mx.one.test' })
  await here.api.settled()
  return parts.views
    .select<{ subject: string }>(
      'alarms',
      `SELECT subject FROM {alarms} WHERE state <> 'over' AND kind = 'own-listing' ORDER BY subject`,
    )
    .map(({ subject }) => subject)
}

it('looks up nothing unless policy names lists', async () => {
  expect(await turn()).toEqual([])
  expect(dns.asked).toEqual([])
})

it('raises an alarm for every listing, once a day, and clears it when it is gone', async () => {
  await policy({ ownBlockLists: { addresses: ['zen.test'], domains: ['dbl.test'] } })
  const changes = { sendingAddresses: ['192.0.2.9', '2001:db8::9'] }
  await here.api.parts.commands.hostedDomain('two.test', { kind: 'change-domain', changes }, here.api.asked())
  dns.set('1.2.0.192.zen.test', { A: ['127.0.0.2'], TXT: [['spam']] })
  dns.set('9.2.0.192.zen.test', { A: ['127.0.0.4'] })
  dns.set('two.test.dbl.test', { A: ['127.0.1.2'] })
  const all = ['192.0.2.1@zen.test', '192.0.2.9@zen.test', 'two.test@dbl.test']
  expect(await turn()).toEqual(all)
  expect(dns.asked).toContain(`A 9.${'0.'.repeat(23)}8.b.d.0.1.0.0.2.zen.test`)

  const before = dns.asked.length
  expect(await turn(DAY - 1)).toEqual(all)
  expect(dns.asked).toHaveLength(before)
  dns.set('1.2.0.192.zen.test', 'nxdomain')
  // Refused, or no answer: that says nothing about us, so an alarm stays and none is raised.
  dns.set('9.2.0.192.zen.test', { A: ['127.255.255.254'] })
  dns.set('two.test.dbl.test', 'servfail')
  dns.set('one.test.dbl.test', 'timeout')
  expect(await turn(1)).toEqual(all.slice(1))
  expect(said.filter((line) => line.includes('does not say'))).toHaveLength(3)
  // What gave no answer is asked again in an hour.
  dns.set('9.2.0.192.zen.test', 'nxdomain')
  dns.set('two.test.dbl.test', 'nxdomain')
  dns.set('one.test.dbl.test', 'nxdomain')
  expect(await turn(HOUR)).toEqual([])
})

it('looks again when the policy changes, and forgets a list that is in it no more', async () => {
  await policy({ ownBlockLists: { addresses: ['zen.test'], domains: [] } })
  dns.set('1.2.0.192.zen.test', { A: ['127.0.0.2'] })
  expect(await turn()).toEqual(['192.0.2.1@zen.test'])
  await policy({ ownBlockLists: { addresses: [], domains: ['dbl.test'] } })
  expect(await turn(1)).toEqual([])
})

it('does not take a silent DNS for a clean name', async () => {
  await policy({ ownBlockLists: { addresses: ['zen.test'], domains: [] } })
  dns.set('1.2.0.192.zen.test', { A: ['127.0.0.2'] })
  expect(await turn()).toEqual(['192.0.2.1@zen.test'])
  dns.fail('mx.one.test', 'A', 'timeout')
  expect(await turn(DAY)).toEqual(['192.0.2.1@zen.test'])
})
