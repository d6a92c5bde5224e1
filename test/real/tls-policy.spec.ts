import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemResolver } from '#infra/dns/system-resolver'
import { type Certificate, chainOf, makeCertificate, tlsaOf } from '#test/dsl/certificates'
import { PASSWORD, startDemo, type Demo } from '#test/dsl/mailkeep'
import { policyHost, stsPolicyText } from '#test/dsl/policy-host'
import { as, done, eventually, trace } from '#test/dsl/story'
import { startDns, type Dns } from './dns.ts'
import { startPostfix, type Postfix } from './postfix.ts'
import { swaks } from './swaks.ts'

/*
 * Postfix as the MX of several domains, found through an unbound that validates: a signed zone `sec.test` with DANE, good and bad,
 * and unsigned ones whose MTA-STS policies are on a host with a CA of its own.
 */
const ANN = 'ann@mailkeep.test'
const MX = 'mx1.real.test'
const authority = makeCertificate('authority', { ca: true })
const host = makeCertificate('host', { names: [MX, 'mx.ta.sec.test'], issuer: authority })
const stranger = makeCertificate('stranger', { names: [MX], issuer: authority })

const signedNames = ['ee', 'ta', 'wrong', 'bogus', 'without']
const unsigned = ['plain.test', 'sts.test', 'sts-wrong.test', 'sts-other.test', 'sts-testing.test']

let postfix: Postfix
let dns: Dns
beforeAll(async () => {
  const before = getCACertificates('default')
  setDefaultCACertificates([...before, authority.cert])
  const domains = [...signedNames.map((name) => `${name}.sec.test`), ...unsigned]
  postfix = await startPostfix({ domains, tls: chainOf(host, authority) })
  const tlsa = (name: string, certificate: Certificate, form: string): string => {
    const { certUsage, selector, match, data } = tlsaOf(certificate, form)
    return `_${postfix.port}._tcp.mx.${name} TLSA ${certUsage} ${selector} ${match} ${data}`
  }
  const sts = ['mta-sts A 127.0.0.1', '_mta-sts TXT "v=STSv1; id=1;"']
  const there = `@ MX 10 ${MX}.`
  const ownName = ['@ MX 10 mx', 'mx A 127.0.0.1']
  dns = await startDns(
    {
      'real.test': ['mx1 A 127.0.0.1'],
      'plain.test': [there],
      'sts.test': [there, ...sts],
      'sts-wrong.test': [...ownName, ...sts],
      'sts-other.test': [there, ...sts],
      'sts-testing.test': [...ownName, ...sts],
      'sec.test': [
        ...signedNames.flatMap((name) => [`${name} MX 10 mx.${name}`, `mx.${name} A 127.0.0.1`]),
        tlsa('ee', host, '3 1 1'),
        tlsa('ta', authority, '2 0 1'),
        tlsa('wrong', stranger, '3 1 1'),
        tlsa('bogus', host, '3 1 1'),
        ...Array.from({ length: 40 }, (_, at) => tlsa('large', host, `3 1 1`).replace(/..$/, `${10 + at}`)),
      ],
    },
    { signed: { 'sec.test': [`_${postfix.port}._tcp.mx.bogus.sec.test`] } },
  )
  return () => setDefaultCACertificates(before)
})
afterAll(async () => {
  postfix?.stop()
  await dns?.stop()
})

describe('unbound', () => {
  it('vouches for what is signed, there or not, and for nothing else', async () => {
    const resolver = systemResolver({ servers: [dns.address], timeoutMs: 2_000 })
    const at = (name: string): string => `_${postfix.port}._tcp.mx.${name}.sec.test`
    expect(await resolver.resolve('ee.sec.test', 'MX')).toMatchObject({
      outcome: 'ok',
      authentic: true,
      records: [{ exchange: 'mx.ee.sec.test', priority: 10 }],
    })
    expect(await resolver.resolve(at('ee'), 'TLSA')).toMatchObject({
      authentic: true,
      records: [tlsaOf(host, '3 1 1')],
    })
    expect(await resolver.resolve(at('without'), 'TLSA')).toMatchObject({ outcome: 'nxdomain', authentic: true })
    expect(await resolver.resolve('ee.sec.test', 'A')).toMatchObject({ outcome: 'nodata', authentic: true })
    expect(await resolver.resolve('plain.test', 'MX')).toMatchObject({ outcome: 'ok', authentic: false })
    expect(await resolver.resolve('absent.plain.test', 'A')).toMatchObject({ outcome: 'nxdomain', authentic: false })
    expect(await resolver.resolve(at('bogus'), 'TLSA')).toMatchObject({ outcome: 'servfail', authentic: false })
    const large = await resolver.resolve(at('large'), 'TLSA')
    expect(large).toMatchObject({ outcome: 'ok', authentic: true })
    expect(large.records).toHaveLength(40)
  })
})

/** A demo that trusts this resolver, in a world of policies. */
const start = async (): Promise<Demo> => {
  const names = unsigned.map((name) => `mta-sts.${name}`)
  const policies = await policyHost(chainOf(makeCertificate('policies', { names, issuer: authority }), authority))
  const publish = (domain: string, mode: string, mx: string): void =>
    void policies.answers.set(`mta-sts.${domain}`, { body: stsPolicyText(mode, [mx]) })
  publish('sts.test', 'enforce', MX)
  publish('sts-wrong.test', 'enforce', 'mx.sts-wrong.test')
  publish('sts-other.test', 'enforce', '*.elsewhere.test')
  publish('sts-testing.test', 'testing', 'mx.sts-testing.test')
  const demo = await startDemo({
    MAILKEEP_SUBMISSION_PORT: '0',
    MAILKEEP_DNS_SERVERS: dns.address,
    MAILKEEP_RELAY_PORT: String(postfix.port),
    MAILKEEP_RELAY_MTASTSPORT: String(policies.port),
  })
  await done(await as(demo, 'admin'), 'PUT', '/policies/relay', {
    document: { resolverIsTrusted: true },
    reason: 'an unbound on this machine',
  })
  return demo
}

/** What the trace says became of a mail to a domain. */
const outcome = async (demo: Demo, domain: string): Promise<unknown> => {
  const login = { mechanism: 'PLAIN', user: ANN, password: PASSWORD } as const
  const mail = { subject: `to ${domain}`, to: [`anna@${domain}`], from: ANN, login }
  const id = await swaks(demo.port('submission'), mail)
  return eventually(async () => {
    const { events } = await trace(await as(demo, 'admin'), id)
    const event = events.find(({ type }) => type === 'Delivered' || type === 'Deferred' || type === 'Bounced')
    expect(event).toBeDefined()
    return { type: event?.type, ...(event?.data as object) }
  })
}

const delivered = (verifiedBy: string | null, remark: RegExp | null): unknown => ({
  type: 'Delivered',
  transport: {
    tls: expect.stringContaining('TLSv1.3') as unknown,
    verifiedBy,
    remark: remark === null ? null : (expect.stringMatching(remark) as unknown),
  },
})
const deferred = (why: RegExp): unknown => ({
  type: 'Deferred',
  reply: { code: 451, enhancedCode: '4.7.5', text: expect.stringMatching(why) as unknown },
})

it('mail goes as DANE and MTA-STS ask, or waits', { timeout: 180_000 }, async () => {
  const demo = await start()
  const expected: Readonly<Record<string, unknown>> = {
    'ee.sec.test': delivered('dane', null),
    'ta.sec.test': delivered('dane', null),
    'wrong.sec.test': deferred(/matches none of the TLSA records/),
    'bogus.sec.test': deferred(/ends in servfail, so DANE can't be ruled out/),
    'without.sec.test': delivered(null, /^no DANE: no TLSA record; no MTA-STS policy$/),
    'plain.test': delivered(null, /^no DANE: DNSSEC does not vouch for the MX record; no MTA-STS policy$/),
    'sts.test': delivered('mta-sts', /^no DANE/),
    'sts-wrong.test': deferred(/MTA-STS requires TLS with a valid certificate/),
    'sts-other.test': deferred(/mx1\.real\.test is none of the hosts of the MTA-STS policy/),
    'sts-testing.test': delivered(null, /^MTA-STS, were it enforced, would have failed: ERR_TLS_CERT_ALTNAME_INVALID/),
  }
  const outcomes: Record<string, unknown> = {}
  for (const domain of Object.keys(expected)) outcomes[domain] = await outcome(demo, domain)
  expect(outcomes).toMatchObject(expected)
})
