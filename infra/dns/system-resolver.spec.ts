import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { scriptedDns } from '#test/dsl/dns'
import { dnsServer } from '#test/dsl/dns-server'
import { systemResolver } from './system-resolver.ts'

const script = scriptedDns({
  'mail.example.org': { A: ['192.0.2.1', '192.0.2.2'], TXT: [['v=spf1 ', '-all']] },
  'example.org': { MX: [{ priority: 10, exchange: 'mail.example.org' }] },
  '1.2.0.192.in-addr.arpa': { PTR: ['mail.example.org'] },
  'broken.example.org': 'servfail',
  'silent.example.org': 'timeout',
  'closed.example.org': 'refused',
})
let server: Awaited<ReturnType<typeof dnsServer>>

beforeAll(async () => {
  server = await dnsServer(script)
})
afterAll(() => server.close())

const resolver = (outstanding?: number) =>
  systemResolver({
    servers: [server.address],
    timeoutMs: 100,
    tries: 1,
    ...(outstanding === undefined ? {} : { outstanding }),
  })

describe('the system resolver', () => {
  it('answers each type with its records in JSON form', async () => {
    const dns = resolver()
    expect((await dns.query('mail.example.org', 'A')).records).toEqual(['192.0.2.1', '192.0.2.2'])
    expect((await dns.query('mail.example.org', 'TXT')).records).toEqual([['v=spf1 ', '-all']])
    expect((await dns.query('example.org', 'MX')).records).toEqual([{ exchange: 'mail.example.org', priority: 10 }])
    expect((await dns.query('1.2.0.192.in-addr.arpa', 'PTR')).records).toEqual(['mail.example.org'])
  })

  it.each([
    ['absent.example.org', 'nxdomain'],
    ['mail.example.org', 'nodata'],
    ['broken.example.org', 'servfail'],
    ['silent.example.org', 'timeout'],
    ['closed.example.org', 'refused'],
  ] as const)('says of AAAA %s: %s', async (name, outcome) => {
    expect(await resolver().query(name, 'AAAA')).toEqual({ name, type: 'AAAA', outcome, records: [] })
  })

  it.each([
    'a..example.org',
    `${'a'.repeat(64)}.example.org`,
    `${'abc.'.repeat(64)}org`,
    '',
    'a\\b.example.org',
    'ä.example.org',
  ])('does not ask for a name that cannot be: %s', async (name) => {
    const before = script.asked.length
    expect((await resolver().query(name, 'A')).outcome).toBe('error')
    expect(script.asked).toHaveLength(before)
  })

  it('asks the same question once at a time, and not again while the answer is fresh', async () => {
    const dns = resolver()
    const times = (): number => script.asked.filter((question) => question === 'A mail.example.org').length
    const before = times()
    const answers = await Promise.all(
      ['Mail.Example.org.', 'mail.example.org', 'MAIL.example.org'].map((name) => dns.query(name, 'A')),
    )
    await dns.query('mail.example.org', 'A')
    expect(new Set(answers.map(({ name, records }) => JSON.stringify({ name, records }))).size).toBe(1)
    expect(times()).toBe(before + 1)
  })

  it('refuses questions beyond those it may have outstanding', async () => {
    const dns = resolver(1)
    const [first, second] = await Promise.all([dns.query('mail.example.org', 'A'), dns.query('example.org', 'MX')])
    expect([first?.outcome, second?.outcome]).toEqual(['ok', 'refused'])
  })

  it('waits for a slow name, but not for servers that are not there at all', async () => {
    const silent = scriptedDns({ '': 'timeout', 'any.example.org': 'timeout' })
    const away = await dnsServer(silent)
    const dns = systemResolver({ servers: [away.address], timeoutMs: 100, tries: 1 })
    expect((await dns.query('any.example.org', 'A')).outcome).toBe('timeout')
    const before = silent.asked.length
    for (const name of ['a.example.org', 'b.example.org']) expect((await dns.query(name, 'A')).outcome).toBe('timeout')
    expect(silent.asked).toHaveLength(before)
    away.close()
  })
})
