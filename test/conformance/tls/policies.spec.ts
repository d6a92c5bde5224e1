import { describe, expect, it, onTestFinished } from 'vitest'
import { relayPolicy } from '#domain/policy/documents'
import type { TlsaRecord } from '#infra/dns/port'
import { systemResolver } from '#infra/dns/system-resolver'
import { scriptedDns, type ScriptedDns, type Zone } from '#test/dsl/dns'
import { dnsServer } from '#test/dsl/dns-server'
import type { FoundPolicy } from '#infra/tls-policy/mta-sts'
import type { StsPolicy } from '#infra/tls-policy/mta-sts-policy'
import { RelayTls } from '#infra/tls-policy/policies'
import type { HostTls } from '#infra/tls-policy/port'

const record = (changes: Partial<TlsaRecord> = {}): TlsaRecord => ({
  certUsage: 3,
  selector: 1,
  match: 1,
  data: 'ab'.repeat(32),
  ...changes,
})
const NO_STS: FoundPolicy = { policy: null, remark: 'no MTA-STS policy' }
const sts = (mode: StsPolicy['mode'], ...mx: readonly string[]): FoundPolicy => ({
  policy: { mode, mx, maxAge: 3_600 },
  remark: null,
})

interface World {
  readonly zone?: Zone
  readonly vouched?: readonly string[]
  readonly found?: FoundPolicy
  readonly policy?: Record<string, unknown>
  readonly prepare?: (dns: ScriptedDns) => void
}

const trusting = { resolverIsTrusted: true }

const relayTls = async ({ zone = {}, vouched = ['a.test'], found = NO_STS, policy = trusting, prepare }: World) => {
  const dns = scriptedDns(zone)
  dns.vouch(...vouched)
  prepare?.(dns)
  const server = await dnsServer(dns)
  onTestFinished(() => server.close())
  const asked: string[] = []
  const tls = new RelayTls({
    policy: () => relayPolicy.parse(policy),
    resolver: systemResolver({ servers: [server.address], timeoutMs: 150, tries: 1 }),
    sts: {
      of: async (domain) => {
        asked.push(domain)
        return found
      },
    },
    port: 25,
  })
  return { tls, dns, asked }
}

const oneHost = async (world: World, authentic = true, host = 'mx.a.test'): Promise<HostTls | undefined> => {
  const { tls } = await relayTls(world)
  return (await tls.for('a.test', [host], authentic)).hosts[0]
}

const signed: Zone = { 'mx.a.test': { A: ['192.0.2.1'] }, '_25._tcp.mx.a.test': { TLSA: [record()] } }

describe('DANE', () => {
  it('holds a host to its TLSA records where all that leads to them is vouched for', async () => {
    expect(await oneHost({ zone: signed })).toEqual({
      name: 'mx.a.test',
      tls: { by: 'dane', base: 'mx.a.test', names: ['mx.a.test', 'a.test'], records: [record()] },
      allowed: true,
      verifiedBy: 'dane',
      remark: null,
    })
  })

  it.each<[string, World, boolean, RegExp]>([
    ['MX record is not vouched for', { zone: signed }, false, /does not vouch for the MX record/],
    [
      'address is not vouched for',
      { zone: signed, vouched: ['_tcp.mx.a.test'] },
      true,
      /does not vouch for its address/,
    ],
    ['resolver is not trusted', { zone: signed, policy: {} }, true, /does not call the resolver trusted/],
    ['policy has it off', { zone: signed, policy: { ...trusting, dane: 'off' } }, true, /policy has it off/],
    ['host has no records', { zone: { 'mx.a.test': { A: ['192.0.2.1'] } } }, true, /no TLSA record/],
    ['records are not vouched for', { zone: signed, vouched: ['mx.b.test'] }, true, /does not vouch/],
  ])('is not used when the %s', async (_, world, authentic, why) => {
    expect(await oneHost(world, authentic)).toEqual({
      name: 'mx.a.test',
      tls: 'opportunistic',
      allowed: true,
      verifiedBy: null,
      remark: expect.stringMatching(why),
    })
  })

  it.each(['servfail', 'timeout', 'refused'] as const)(
    'keeps mail from a host whose records can not be had (%s)',
    async (outcome) => {
      const prepare = (dns: ScriptedDns): void => dns.fail('_25._tcp.mx.a.test', 'TLSA', outcome)
      const found = sts('enforce', 'mx.a.test')
      const { tls } = await relayTls({ zone: signed, prepare, found })
      const { hosts, deferral } = await tls.for('a.test', ['mx.a.test'], true)
      expect(hosts[0]).toMatchObject({ allowed: false, verifiedBy: null })
      expect(deferral).toMatchObject({ code: 451, enhancedCode: '4.7.5' })
      expect(deferral?.text).toMatch(new RegExp(`_25\\._tcp\\.mx\\.a\\.test ends in ${outcome}`))
    },
  )

  it('keeps mail from a host whose address can not be looked up, and lets the others take it', async () => {
    const zone: Zone = { ...signed, 'mx2.a.test': 'servfail' }
    const { tls } = await relayTls({ zone })
    const { hosts, deferral } = await tls.for('a.test', ['mx2.a.test', 'mx.a.test'], true)
    expect(hosts.map(({ allowed, verifiedBy }) => [allowed, verifiedBy])).toEqual([
      [false, null],
      [true, 'dane'],
    ])
    expect(deferral).toBeNull()
  })

  it('takes what can be used of the records, and of digests the stronger', async () => {
    const strong = record({ match: 2, data: 'cd'.repeat(64) })
    const authority = record({ certUsage: 2, selector: 0 })
    const useless = [
      record({ certUsage: 1 }),
      record({ certUsage: 0 }),
      record({ selector: 2 }),
      record({ match: 3 }),
      record({ data: 'abab' }),
      record({ match: 2 }),
      record({ match: 0, data: '' }),
    ]
    const records = [...useless, record(), strong, authority]
    const some = await oneHost({ zone: { ...signed, '_25._tcp.mx.a.test': { TLSA: records } } })
    expect(some?.tls).toMatchObject({ records: [strong, authority] })
    const none = await oneHost({ zone: { ...signed, '_25._tcp.mx.a.test': { TLSA: useless } } })
    expect(none).toMatchObject({ tls: 'required', allowed: true, verifiedBy: null })
    expect(none?.remark).toMatch(/none of its TLSA records .* can be used/)
  })

  it('follows a host that is an alias: its end first, then itself', async () => {
    const alias: Zone = {
      'mx.a.test': { CNAME: ['real.b.test'] },
      'real.b.test': { A: ['192.0.2.1'] },
      '_25._tcp.mx.a.test': { TLSA: [record()] },
    }
    const both = { ...alias, '_25._tcp.real.b.test': { TLSA: [record({ match: 0, data: 'ee' })] } }
    const vouched = ['a.test', 'b.test']
    expect(await oneHost({ zone: both, vouched })).toMatchObject({
      tls: { base: 'real.b.test', names: ['real.b.test', 'mx.a.test', 'a.test'], records: [{ data: 'ee' }] },
    })
    expect(await oneHost({ zone: alias, vouched })).toMatchObject({ tls: { base: 'mx.a.test' } })
    // Only the alias itself is vouched for: what lies behind it is anybody's.
    expect(await oneHost({ zone: both })).toMatchObject({ tls: { base: 'mx.a.test', records: [record()] } })
    expect(await oneHost({ zone: both, vouched: ['b.test'] })).toMatchObject({ tls: 'opportunistic' })
  })
})

describe('MTA-STS', () => {
  it('enforced holds the hosts it names to their certificates, and lets no other take mail', async () => {
    const { tls } = await relayTls({ found: sts('enforce', 'mx.a.test', '*.b.test') })
    const { hosts, deferral } = await tls.for('A.test', ['mx.a.test', 'one.b.test', 'other.test'], false)
    expect(hosts.map(({ name, tls: how, allowed, verifiedBy }) => [name, how, allowed, verifiedBy])).toEqual([
      ['mx.a.test', { by: 'mta-sts', mode: 'enforce' }, true, 'mta-sts'],
      ['one.b.test', { by: 'mta-sts', mode: 'enforce' }, true, 'mta-sts'],
      ['other.test', 'verify', false, null],
    ])
    expect(deferral).toBeNull()
    expect((await tls.for('a.test', ['other.test'], false)).deferral).toEqual({
      code: 451,
      enhancedCode: '4.7.5',
      text: 'No host of a.test may be used: other.test is none of the hosts of the MTA-STS policy',
    })
  })

  it.each<[string, World, object, RegExp]>([
    ['in testing', { found: sts('testing', 'mx.a.test') }, { by: 'mta-sts', mode: 'testing' }, /policy is "testing"/],
    ['in testing, of another host', { found: sts('testing', 'x.test') }, {}, /would have failed: mx\.a\.test is none/],
    [
      'only recorded',
      { found: sts('enforce', 'mx.a.test'), policy: { mtaSts: 'record' } },
      { mode: 'testing' },
      /only recorded/,
    ],
    [
      'only recorded, of another host',
      { found: sts('enforce', 'x.test'), policy: { mtaSts: 'record' } },
      {},
      /would have failed/,
    ],
    ['"none"', { found: sts('none') }, {}, /policy is "none"/],
    ['absent', {}, {}, /no DANE: .*; no MTA-STS policy$/],
    ['off', { found: sts('enforce', 'x.test'), policy: { mtaSts: 'off' } }, {}, /MTA-STS is off/],
  ])('%s keeps no mail back', async (_, world, tls, remark) => {
    const host = await oneHost({ policy: {}, ...world })
    const demanded = host?.tls === 'opportunistic' ? {} : host?.tls
    expect(demanded).toMatchObject(tls)
    expect(host).toMatchObject({ allowed: true, verifiedBy: null, remark: expect.stringMatching(remark) })
  })

  it('is not asked where DANE speaks for every host, and speaks for those where it does not', async () => {
    const zone: Zone = { ...signed, 'mx2.a.test': { A: ['192.0.2.2'] } }
    const { tls, asked } = await relayTls({ zone, found: sts('enforce', 'mx2.a.test') })
    expect((await tls.for('a.test', ['mx.a.test'], true)).hosts[0]?.verifiedBy).toBe('dane')
    expect(asked).toEqual([])
    const { hosts } = await tls.for('a.test', ['mx.a.test', 'mx2.a.test'], true)
    expect(hosts.map(({ verifiedBy }) => verifiedBy)).toEqual(['dane', 'mta-sts'])
    expect(asked).toEqual(['a.test'])
  })

  it('verifies where DANE has nothing that can be used, and never makes less of it', async () => {
    const zone: Zone = { ...signed, '_25._tcp.mx.a.test': { TLSA: [record({ certUsage: 1 })] } }
    expect(await oneHost({ zone, found: sts('enforce', 'mx.a.test') })).toMatchObject({ verifiedBy: 'mta-sts' })
    expect(await oneHost({ zone, found: sts('testing', 'mx.a.test') })).toMatchObject({ tls: 'required' })
  })
})

describe('the relay policy', () => {
  it.each(['opportunistic', 'required', 'verify'] as const)('has the last word on a destination: %s', async (wish) => {
    const policy = { ...trusting, destinations: { 'a.test': { tls: wish } } }
    const { tls, dns, asked } = await relayTls({ zone: signed, policy, found: sts('enforce', 'x.test') })
    expect(await tls.for('a.test', ['mx.a.test'], true)).toEqual({
      hosts: [
        {
          name: 'mx.a.test',
          tls: wish,
          allowed: true,
          verifiedBy: null,
          remark: `TLS is ${wish} by the relay policy for a.test`,
        },
      ],
      deferral: null,
    })
    expect([...dns.asked, ...asked]).toEqual([])
  })

  it('is read anew for each mail', async () => {
    const document = { current: relayPolicy.parse({ mtaSts: 'off' }) }
    const found = sts('enforce', 'mx.a.test')
    const tls = new RelayTls({
      policy: () => document.current,
      resolver: systemResolver({ servers: ['127.0.0.1:9'] }),
      sts: { of: async () => found },
      port: 25,
    })
    expect((await tls.for('a.test', ['mx.a.test'], false)).hosts[0]?.verifiedBy).toBeNull()
    document.current = relayPolicy.parse({})
    expect((await tls.for('a.test', ['mx.a.test'], false)).hosts[0]?.verifiedBy).toBe('mta-sts')
  })

  it('has nothing to say where there is no host, or only an address', async () => {
    const { tls, asked } = await relayTls({})
    expect(await tls.for('a.test', [], true)).toEqual({ hosts: [], deferral: null })
    expect((await tls.for('[192.0.2.1]', ['192.0.2.1'], false)).hosts[0]).toMatchObject({ tls: 'opportunistic' })
    expect(asked).toEqual([])
  })
})
