import { pino } from 'pino'
import { beforeEach, expect, it } from 'vitest'
import { DAY, HOUR, MINUTE } from '#domain/kernel/instant'
import { dkimKeyOf, dkimRecord, type DkimKey } from '#domain/hosted-domain/dkim'
import { rotateDkimKeys } from '#infra/commands/dkim-keys'
import { installation } from '#test/dsl/api-installation'
import { scriptedDns, type ScriptedDns } from '#test/dsl/dns'
import { dkimWatch } from './dkim-watch.ts'

const here = installation({}, {})
let dns: ScriptedDns
let demo = false
let watch: ReturnType<typeof dkimWatch>
let count = 0
let domain: string
beforeEach(async () => {
  dns = scriptedDns()
  demo = false
  watch = dkimWatch(new AbortController().signal)
  domain = `d${++count}.test`
  await here.api.domain(domain)
})

/** One turn, `later` ms after the one before. */
const turn = async (later = 0): Promise<void> => {
  const { parts, clock } = here.api
  clock.now += later
  await watch({
    ...parts,
    clock: () => clock.now,
    logger: pino({ level: 'silent' }),
    freshDns: () => dns,
    demo: () => demo,
  })
  await here.api.settled()
  await parts.dkimKeys.fresh()
}
const keys = (): readonly DkimKey[] => here.api.parts.dkimKeys.of(domain)
const states = () =>
  keys().map(({ selector, state, because }) => `${selector.replace(/^mk-\d+-\d+-/, '')} ${state} ${because}`)
const publish = (...ends: readonly string[]) => {
  for (const key of keys().filter(({ selector }) => ends.some((end) => selector.endsWith(end)))) {
    const { name, text } = dkimRecord(domain, key)
    dns.set(name, { TXT: [[text]] })
  }
}
const alarms = () =>
  here.api.parts.views
    .select<{ subject: string; detail: string }>(
      'alarms',
      `SELECT subject, detail FROM {alarms} WHERE state <> 'over' AND kind = 'dkim-record'`,
    )
    .filter(({ subject }) => subject.startsWith(`${domain} `))

it('makes the keys of a domain that has none, sealed, once', async () => {
  await turn()
  const made = keys()
  expect(states()).toEqual(['rsa waiting null', 'ed waiting null'])
  for (const { privateKey, selector } of made) {
    expect(privateKey).toMatch(/^sealed:1:/)
    const opened = here.api.parts.secrets.open(privateKey ?? '', dkimKeyOf(domain, selector))
    expect(opened).toMatch(/^-----BEGIN PRIVATE KEY-----/)
    expect(() => here.api.parts.secrets.open(privateKey ?? '', dkimKeyOf('other.test', selector))).toThrow('sealed')
  }
  await turn(HOUR)
  expect(keys()).toEqual(made)
})

it('signs with a key when its record is seen, and never before', async () => {
  await turn()
  const ed = keys().find(({ algorithm }) => algorithm === 'ed25519-sha256')!
  dns.set(dkimRecord(domain, ed).name, 'servfail')
  await turn(2 * MINUTE)
  dns.set(dkimRecord(domain, ed).name, { TXT: [['v=DKIM1; k=ed25519; p=QUJD']] })
  await turn(2 * MINUTE)
  expect(states()).toEqual(['rsa waiting null', 'ed waiting null'])
  publish('-ed')
  await turn(2 * MINUTE)
  expect(states()).toEqual(['rsa waiting null', 'ed signing published'])
  publish('-rsa')
  await turn(30 * 1000)
  expect(states()[0]).toBe('rsa waiting null')
  await turn(MINUTE)
  expect(states()[0]).toBe('rsa signing published')
})

it('asks less often for a record that does not come', async () => {
  await turn()
  const asked = () => dns.asked.filter((question) => question.includes(`.${domain}`)).length
  const before = asked()
  for (let minute = 0; minute < 600; minute++) await turn(MINUTE)
  expect(asked() - before).toBeLessThan(120)
}, 60_000)

it('lets keys take turns: the old record stays for the overlap, then its key is retired', async () => {
  await turn()
  publish('-rsa', '-ed')
  await turn(MINUTE)
  const asked = { actor: { kind: 'system', part: 'spec' }, now: here.api.clock.now, correlationId: 'x' } as const
  await rotateDkimKeys(here.api.parts, domain, asked)
  await turn(MINUTE)
  expect(states()).toEqual(['rsa signing published', 'ed signing published', '2-rsa waiting null', '2-ed waiting null'])
  publish('-2-rsa', '-2-ed')
  await turn(2 * MINUTE)
  const replaced = [
    'rsa replaced published',
    'ed replaced published',
    '2-rsa signing published',
    '2-ed signing published',
  ]
  expect(states()).toEqual(replaced)
  await turn(7 * DAY - 1)
  expect(states()).toEqual(replaced)
  await turn(1)
  expect(states().slice(0, 2)).toEqual(['rsa retired published', 'ed retired published'])
  expect(
    keys()
      .slice(0, 2)
      .map(({ privateKey }) => privateKey),
  ).toEqual([null, null])
})

it('raises an alarm while the record of a key that signs is gone, not while the DNS is silent', async () => {
  await turn()
  publish('-rsa', '-ed')
  await turn(MINUTE)
  const { name } = dkimRecord(domain, keys()[0]!)
  dns.set(name, 'timeout')
  await turn(HOUR)
  expect(alarms()).toEqual([])
  dns.set(name, 'nxdomain')
  await turn(HOUR)
  expect(alarms()).toMatchObject([
    { subject: `${domain} ${keys()[0]!.selector}`, detail: expect.stringContaining('is gone') },
  ])
  dns.set(name, 'timeout')
  await turn(HOUR)
  expect(alarms()).toHaveLength(1)
  publish('-rsa')
  await turn(HOUR)
  expect(alarms()).toEqual([])
})

it('signs at once in a demo, with new keys too', async () => {
  demo = true
  await turn()
  expect(states()).toEqual(['rsa signing demo', 'ed signing demo'])
  const asked = { actor: { kind: 'system', part: 'spec' }, now: here.api.clock.now, correlationId: 'x' } as const
  await rotateDkimKeys(here.api.parts, domain, asked)
  await turn()
  expect(states().slice(2)).toEqual(['2-rsa signing demo', '2-ed signing demo'])
  await turn(2 * HOUR)
  expect(alarms()).toEqual([])
})
