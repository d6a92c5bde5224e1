import { beforeEach, describe, expect, it } from 'vitest'
import type { DkimKey } from '#domain/hosted-domain/dkim'
import { defaultDomainSettings } from '#domain/hosted-domain/state'
import { systemResolver } from '#infra/dns/system-resolver'
import { scriptedDns, type ScriptedDns } from '#test/dsl/dns'
import { dnsServer } from '#test/dsl/dns-server'
import { checkDomain } from './check.ts'

const NOW = Date.UTC(2026, 10, 24, 8)
const key = (selector: string, state: DkimKey['state'], publicKey = 'QUJD'): DkimKey => ({
  selector,
  algorithm: selector.endsWith('ed') ? 'ed25519-sha256' : 'rsa-sha256',
  publicKey,
  privateKey: null,
  state,
  addedAt: NOW,
  since: NOW,
  because: null,
})
const LONG = 'A'.repeat(392)

let dns: ScriptedDns
beforeEach(() => {
  dns = scriptedDns({
    'mx.example.org': { A: ['192.0.2.1'] },
    '1.2.0.192.in-addr.arpa': { PTR: ['mx.example.org'] },
    'example.org': { MX: [{ priority: 10, exchange: 'MX.example.org' }], TXT: [['v=spf1 mx -all'], ['other=1']] },
    '_dmarc.example.org': { TXT: [['v=DMARC1; p=reject; rua=mailto:dmarc@example.org']] },
    '_mta-sts.example.org': { TXT: [['v=STSv1; id=20261124;']] },
    '_smtp._tls.example.org': { TXT: [['v=TLSRPTv1; rua=mailto:tls@example.org']] },
    'mk-1-rsa._domainkey.example.org': { TXT: [['v=DKIM1; k=rsa; p=', LONG.slice(0, 200), LONG.slice(200)]] },
    'mk-1-ed._domainkey.example.org': { TXT: [['v=DKIM1; k=ed25519; p=QUJD']] },
  })
})

const KEYS = [key('mk-1-rsa', 'signing', LONG), key('mk-1-ed', 'waiting')]
const check = (own: Partial<Parameters<typeof checkDomain>[0]> = {}) =>
  checkDomain({
    domain: 'example.org',
    settings: defaultDomainSettings,
    keys: KEYS,
    dns,
    hostname: 'mx.example.org',
    now: NOW,
    ...own,
  })
/** `mx ok` of each, or of one check. */
const statuses = async (only?: string, own: Parameters<typeof check>[0] = {}) =>
  (await check(own)).findings
    .filter((finding) => only === undefined || finding.check === only)
    .map((finding) => `${finding.check} ${finding.status}`)
const found = async (only: string, own: Parameters<typeof check>[0] = {}) => {
  const one = (await check(own)).findings.find((finding) => finding.check === only)
  if (one === undefined) throw new Error(`nothing was found about ${only}`)
  return one
}
const txt = (name: string, ...texts: string[]) => dns.set(name, { TXT: texts.map((text) => [text]) })

describe('a domain whose records', () => {
  it('are all as they should be', async () => {
    const result = await check()
    expect(result.findings.map(({ check: name, status }) => `${name} ${status}`)).toEqual(
      'mx ok,address ok,ptr ok,spf ok,dkim ok,dkim ok,dmarc ok,mta-sts ok,tls-rpt ok'.split(','),
    )
    expect(result).toMatchObject({ ok: true, sendingAddresses: ['192.0.2.1'] })
    expect(result.findings.filter(({ publish }) => publish !== null)).toEqual([])
  })

  it('are not there: says what to publish, ready for a zone file', async () => {
    dns = scriptedDns({ 'mx.example.org': { A: ['192.0.2.1'], AAAA: ['2001:db8::1'] } })
    const result = await check()
    expect(result.ok).toBe(false)
    expect(
      result.findings.filter(({ check: name }) => name !== 'address').every(({ status }) => status === 'missing'),
    ).toBe(true)
    expect(result.findings.flatMap(({ publish }) => publish ?? [])).toEqual([
      'example.org. MX 10 mx.example.org.',
      '1.2.0.192.in-addr.arpa. PTR mx.example.org.',
      `1.0.0.0.${'0.'.repeat(20)}8.b.d.0.1.0.0.2.ip6.arpa. PTR mx.example.org.`,
      'example.org. TXT "v=spf1 ip4:192.0.2.1 ip6:2001:db8::1 -all"',
      `mk-1-rsa._domainkey.example.org. TXT "v=DKIM1; k=rsa; p=${LONG.slice(0, 237)}" "${LONG.slice(237)}"`,
      'mk-1-ed._domainkey.example.org. TXT "v=DKIM1; k=ed25519; p=QUJD"',
      '_dmarc.example.org. TXT "v=DMARC1; p=quarantine; rua=mailto:postmaster@example.org"',
      '_mta-sts.example.org. TXT "v=STSv1; id=20261124080000"',
      '_smtp._tls.example.org. TXT "v=TLSRPTv1; rua=mailto:postmaster@example.org"',
    ])
  })

  it.each(['servfail', 'timeout', 'refused'] as const)(
    'can not be looked up now (%s): unknown, never missing',
    async (outcome) => {
      for (const name of [
        'mx.example.org',
        '1.2.0.192.in-addr.arpa',
        'example.org',
        '_dmarc.example.org',
        '_mta-sts.example.org',
        '_smtp._tls.example.org',
        'mk-1-rsa._domainkey.example.org',
        'mk-1-ed._domainkey.example.org',
      ])
        dns.set(name, outcome)
      const own = { settings: { ...defaultDomainSettings, sendingAddresses: ['192.0.2.1'] } }
      expect(new Set((await statuses(undefined, own)).map((one) => one.split(' ')[1]))).toEqual(new Set(['unknown']))
      expect((await check(own)).ok).toBe(true)
    },
  )

  it('are asked for at a real server', async () => {
    const server = await dnsServer(dns)
    const result = await check({ dns: systemResolver({ servers: [server.address] }) })
    server.close()
    expect(result.ok).toBe(true)
    expect(result.findings.map(({ status }) => status)).toEqual(result.findings.map(() => 'ok'))
  })
})

describe('MX', () => {
  const mx = (...hosts: [number, string][]) =>
    dns.set('example.org', { MX: hosts.map(([priority, exchange]) => ({ priority, exchange })) })

  it('is ours by name or by address', async () => {
    mx([5, 'mail.example.net'])
    expect(await found('mx')).toMatchObject({
      status: 'wrong',
      advice: expect.stringContaining('goes to mail.example.net'),
    })
    dns.set('mail.example.net', { A: ['192.0.2.1'] })
    expect(await statuses('mx')).toEqual(['mx ok'])
    dns.fail('mail.example.net', 'A', 'servfail')
    expect(await statuses('mx')).toEqual(['mx unknown'])
  })

  it('leads past us when others are there too, and nowhere when it is null', async () => {
    mx([20, 'backup.example.net'], [10, 'mx.example.org'])
    expect(await found('mx')).toMatchObject({
      status: 'warning',
      published: ['10 mx.example.org', '20 backup.example.net'],
    })
    mx([0, ''])
    expect(await found('mx')).toMatchObject({ status: 'wrong', published: ['0 .'] })
  })
})

describe('SPF', () => {
  const spf = async (...texts: string[]) => {
    txt('example.org', ...texts)
    return found('spf')
  }

  it('lets our addresses send, once, and ends', async () => {
    expect(await spf('v=spf1 ip4:192.0.2.0/24 ~all')).toMatchObject({ status: 'ok' })
    expect(await spf('v=spf1 ip4:198.51.100.1 include:a.test -all')).toMatchObject({
      status: 'wrong',
      advice: expect.stringContaining("can't be evaluated"),
    })
    expect(await spf('v=spf1 ip4:198.51.100.1 -all')).toMatchObject({
      status: 'wrong',
      expected: 'v=spf1 ip4:198.51.100.1 ip4:192.0.2.1 -all',
      advice: expect.stringContaining('192.0.2.1 (fail)'),
    })
    expect(await spf('v=spf1 ip4:192.0.2.1', 'v=spf1 -all')).toMatchObject({ status: 'wrong' })
    expect(await spf('v=spf1 ip4:192.0.2.1')).toMatchObject({
      status: 'warning',
      expected: 'v=spf1 ip4:192.0.2.1 -all',
    })
    expect(await spf('v=spf1 ip4:192.0.2.1 ?all')).toMatchObject({
      status: 'warning',
      expected: 'v=spf1 ip4:192.0.2.1 -all',
    })
    expect(await spf('v=spf1 +all')).toMatchObject({ status: 'wrong', expected: 'v=spf1 -all' })
    expect(await spf('v=spf10 -all')).toMatchObject({ status: 'missing' })
  })

  it('stays within ten look-ups, and is unknown when one of them fails for now', async () => {
    for (let at = 0; at < 12; at++)
      txt(`i${at}.test`, at === 11 ? 'v=spf1 ip4:192.0.2.1 -all' : `v=spf1 include:i${at + 1}.test -all`)
    expect(await spf('v=spf1 include:i0.test -all')).toMatchObject({ status: 'wrong' })
    expect(await spf('v=spf1 include:i5.test -all')).toMatchObject({ status: 'ok' })
    dns.set('i9.test', 'servfail')
    expect(await spf('v=spf1 include:i5.test -all')).toMatchObject({ status: 'unknown', publish: null })
  })

  it('is asked of every address that the domain sends from', async () => {
    txt('example.org', 'v=spf1 ip4:192.0.2.1 -all')
    const settings = { ...defaultDomainSettings, sendingAddresses: ['192.0.2.1', '192.0.2.9'] }
    expect(await found('spf', { settings })).toMatchObject({
      status: 'wrong',
      expected: 'v=spf1 ip4:192.0.2.1 ip4:192.0.2.9 -all',
    })
    expect(await statuses('ptr', { settings })).toEqual(['ptr ok', 'ptr missing'])
    dns.set('mx.example.org', {})
    expect(await statuses('spf')).toEqual(['spf warning'])
    expect(await statuses('address')).toEqual(['address missing'])
  })
})

describe('a DKIM record', () => {
  const NAME = 'mk-1-ed._domainkey.example.org'
  it.each([
    ['v=DKIM1; k=ed25519; p=REVG', 'another key'],
    ['v=DKIM1; k=ed25519; p=', 'revoked'],
    ['v=DKIM1; p=QUJD', 'another kind'],
    ['v=DKIM2; k=ed25519; p=QUJD', 'no DKIM record'],
    ['v=DKIM1; k=ed25519; h=sha1; p=QUJD', 'sha256'],
    ['v=DKIM1; k=ed25519; s=tlsrpt; p=QUJD', 'not for mail'],
    ['v=DKIM1; k=ed25519; t=y:s; p=QUJD', 'test'],
    ['hello', 'no DKIM record'],
  ])('%s is not ours: %s', async (text, why) => {
    txt(NAME, text)
    const [, second] = (await check()).findings.filter((finding) => finding.check === 'dkim')
    expect(second).toMatchObject({ status: 'wrong', published: [text], advice: expect.stringContaining(why) })
  })

  it('may be written otherwise; two are one too many', async () => {
    txt(NAME, 'k=ED25519 ; s=email ; h=sha1:sha256; t=s; p= QU JD ;')
    expect(await statuses('dkim')).toEqual(['dkim ok', 'dkim ok'])
    txt(NAME, 'v=DKIM1; k=ed25519; p=QUJD', 'v=DKIM1; k=ed25519; p=QUJD')
    expect(await statuses('dkim')).toEqual(['dkim ok', 'dkim wrong'])
  })

  it('of a key that was replaced has to stay for a while, of a retired one not', async () => {
    const keys = [key('mk-0-ed', 'replaced'), key('old-ed', 'retired')]
    expect(await found('dkim', { keys })).toMatchObject({
      status: 'warning',
      advice: expect.stringContaining('2026-12-01'),
    })
    expect(await statuses('dkim', { keys })).toHaveLength(1)
  })
})

describe('a policy', () => {
  it('of DMARC is its own or inherited, and better strict than not', async () => {
    const dmarc = async (text: string, own = {}) => {
      txt('_dmarc.example.org', text)
      return (await found('dmarc', own)).status
    }
    expect(await dmarc('v=DMARC1; p=none; rua=mailto:a@b.test')).toBe('warning')
    expect(await dmarc('v=DMARC1; p=reject')).toBe('warning')
    expect(await dmarc('v=DMARC1; p=perhaps')).toBe('wrong')
    expect(await dmarc('v=DMARC1; p=quarantine; rua=mailto:a@b.test')).toBe('ok')
    const domain = 'lists.example.org'
    expect(await dmarc('v=DMARC1; p=reject; rua=mailto:a@b.test', { domain })).toBe('ok')
    expect(await dmarc('v=DMARC1; p=reject; sp=none; rua=mailto:a@b.test', { domain })).toBe('warning')
    txt('_dmarc.example.org', 'v=DMARC1; p=reject', 'v=DMARC1; p=none')
    expect((await found('dmarc')).status).toBe('wrong')
  })

  it('of TLS is good to have, and has its form', async () => {
    txt('_mta-sts.example.org', 'v=STSv1; id=not-so')
    expect(await found('mta-sts')).toMatchObject({ status: 'wrong', needed: false })
    txt('_smtp._tls.example.org', 'v=TLSRPTv1; rua=tls@example.org')
    expect(await found('tls-rpt')).toMatchObject({ status: 'wrong', needed: false })
    expect((await check()).ok).toBe(true)
  })
})

describe('PTR', () => {
  it('leads back, whatever the name', async () => {
    const ptr = async (name: string) => {
      dns.set('1.2.0.192.in-addr.arpa', { PTR: [name] })
      return (await found('ptr')).status
    }
    dns.set('host.isp.test', { A: ['192.0.2.1'] })
    dns.set('other.isp.test', { A: ['192.0.2.2'] })
    dns.set('slow.isp.test', 'timeout')
    expect([await ptr('host.isp.test'), await ptr('other.isp.test'), await ptr('slow.isp.test')]).toEqual([
      'ok',
      'wrong',
      'unknown',
    ])
  })
})
