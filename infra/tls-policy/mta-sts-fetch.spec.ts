import { describe, expect, it } from 'vitest'
import { chainOf, makeCertificate } from '#test/dsl/certificates'
import { scriptedDns } from '#test/dsl/dns'
import { policyHost, stsPolicyText, type PolicyHost } from '#test/dsl/policy-host'
import { fetchStsPolicy, type FetchOptions } from './mta-sts-fetch.ts'

const authority = makeCertificate('authority', { ca: true })
const own = makeCertificate('policy host', { names: ['mta-sts.a.test'], issuer: authority })
const text = stsPolicyText('enforce', ['mx.a.test'])
const policy = { mode: 'enforce', mx: ['mx.a.test'], maxAge: 604_800 }

const serving = (certificate = own): Promise<PolicyHost> => policyHost(chainOf(certificate, authority), text)

const fetching = ({ port }: PolicyHost, changes: Partial<FetchOptions> = {}, closed?: AbortSignal) =>
  fetchStsPolicy(
    'a.test',
    {
      dns: scriptedDns({ 'mta-sts.a.test': { A: ['127.0.0.1'] } }),
      port,
      allows: () => true,
      ca: authority.cert,
      timeoutMs: 2_000,
      ...changes,
    },
    closed,
  )

describe('a policy', () => {
  it('is fetched from its host, found by our own DNS', async () => {
    const host = await serving()
    expect(await fetching(host)).toEqual(policy)
    expect(host.asked).toEqual(['mta-sts.a.test /.well-known/mta-sts.txt'])
  })

  it.each(['text/plain', 'TEXT/PLAIN; charset=utf-8', 'text/plain ;charset=us-ascii'])('may be %s', async (type) => {
    const host = await serving()
    host.answer = { headers: { 'content-type': type }, body: text }
    expect(await fetching(host)).toEqual(policy)
  })

  const refused: readonly [string, PolicyHost['answer'], RegExp][] = [
    [
      'behind a redirect',
      { status: 301, headers: { location: 'https://mta-sts.a.test/other' }, body: text },
      /answers 301/,
    ],
    ['that is not there', { status: 404 }, /answers 404/],
    ['that is not modified', { status: 304 }, /answers 304/],
    ['in part', { status: 206, body: text }, /answers 206/],
    ['in HTML', { headers: { 'content-type': 'text/html' }, body: text }, /not text\/plain/],
    ['in what begins like text', { headers: { 'content-type': 'text/plainer' }, body: text }, /not text\/plain/],
    ['that is too large', { body: `${text}x: ${'y'.repeat(64 * 1024)}` }, /more than 65536 octets/],
    [
      'that breaks off',
      { headers: { 'content-length': '999' }, body: text },
      /aborted|broke off|socket hang up|too long/,
    ],
    ['that is not valid', { body: 'version: STSv1\n' }, /the policy is not valid: mode/],
    ['that never comes', 'hang', /took too long/],
  ]
  it.each(refused)('%s is not taken', async (_, answer, why) => {
    const host = await serving()
    host.answer = answer
    await expect(fetching(host, { timeoutMs: 500 })).rejects.toThrow(why)
    expect(host.asked).toHaveLength(1)
  })

  it('is taken only from a host with a valid certificate', async () => {
    const wrong = await serving(makeCertificate('x', { names: ['a.test'], issuer: authority }))
    await expect(fetching(wrong)).rejects.toThrow(/mta-sts\.a\.test/)
    const expired = await serving(
      makeCertificate('x', { names: ['mta-sts.a.test'], issuer: authority, from: -9, to: -1 }),
    )
    await expect(fetching(expired)).rejects.toThrow(/expired/)
    await expect(fetching(await serving(), { ca: makeCertificate('other', { ca: true }).cert })).rejects.toThrow(
      /certificate/,
    )
    for (const { asked } of [wrong, expired]) expect(asked).toEqual([])
  })

  it('has a host with an address, a public one unless policy says otherwise', async () => {
    const host = await serving()
    const dns = (records: Parameters<typeof scriptedDns>[0]) => scriptedDns(records)
    await expect(fetching(host, { dns: dns({}) })).rejects.toThrow(/no address \(nxdomain, nxdomain\)/)
    await expect(fetching(host, { dns: dns({ 'mta-sts.a.test': 'servfail' }) })).rejects.toThrow(/servfail/)
    await expect(fetching(host, { allows: () => false })).rejects.toThrow(/private addresses only/)
    const privately = dns({
      'mta-sts.a.test': { A: ['10.1.2.3', '169.254.1.1'], AAAA: ['::1', '::ffff:127.0.0.1', 'fd00::1'] },
    })
    await expect(fetching(host, { dns: privately, allows: () => false })).rejects.toThrow(/private addresses only/)
    expect(host.asked).toEqual([])
  })

  it('is not waited for any more when all is closed', async () => {
    const host = await serving()
    host.answer = 'hang'
    const closed = new AbortController()
    const fetched = fetching(host, {}, closed.signal)
    closed.abort()
    await expect(fetched).rejects.toThrow(/given up/)
  })
})
