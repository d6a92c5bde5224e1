import { pino } from 'pino'
import { beforeEach, expect, it } from 'vitest'
import { isDeclined } from '#domain/kernel/decider'
import { HOUR } from '#domain/kernel/instant'
import { installation } from '#test/dsl/api-installation'
import { scriptedDns, type ScriptedDns } from '#test/dsl/dns'
import { blockListWatch } from './block-list-watch.ts'

const here = installation({}, {})
let dns: ScriptedDns
let look: ReturnType<typeof blockListWatch>
beforeEach(() => {
  dns = scriptedDns()
  look = blockListWatch(new AbortController().signal)
})

const policy = async (document: object) => {
  const { parts } = here.api
  const command = { kind: 'set-policy', name: 'inspection', document: { ...document }, reason: 'spec' } as const
  const outcome = await parts.commands.policy('inspection', command, here.api.asked())
  if (isDeclined(outcome)) throw new Error(outcome.reason)
}
/** One turn, `later` ms after the one before; answers the alarms that are raised then. */
const turn = async (later = 0): Promise<string[]> => {
  const { parts, clock } = here.api
  clock.now += later
  await look({ ...parts, clock: () => clock.now, logger: pino({ level: 'silent' }), freshDns: () => dns })
  await here.api.settled()
  return parts.views
    .select<{ subject: string }>(
      'alarms',
      `SELECT subject FROM {alarms} WHERE state <> 'over' AND kind = 'block-list' ORDER BY subject`,
    )
    .map(({ subject }) => subject)
}

const list = (zone: string) => ({ zone, name: zone.split('.')[0]!.toUpperCase() })

it('raises an alarm for a list that lists everything or nothing, every hour, and clears it when it is well', async () => {
  await policy({ uriBlockLists: [list('well.test'), list('sold.test'), list('dead.test'), list('slow.test')] })
  dns.set('test.well.test', { A: ['127.0.0.2'] })
  for (const name of ['test', 'invalid']) dns.set(`${name}.sold.test`, { A: ['127.0.0.2'] })
  dns.set('test.slow.test', 'timeout')
  expect(await turn()).toEqual(['dead.test', 'sold.test'])
  const before = dns.asked.length
  expect(await turn(HOUR - 1)).toEqual(['dead.test', 'sold.test'])
  expect(dns.asked).toHaveLength(before)

  dns.set('invalid.sold.test', 'nxdomain')
  // Its silence says nothing.
  dns.set('test.dead.test', 'servfail')
  expect(await turn(1)).toEqual(['dead.test'])
  await policy({ uriBlockLists: [list('well.test')] })
  expect(await turn(1)).toEqual([])
})
