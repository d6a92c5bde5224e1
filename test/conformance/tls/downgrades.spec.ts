import { join } from 'node:path'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { relayPolicy } from '#domain/policy/documents'
import { systemResolver } from '#infra/dns/system-resolver'
import { SmtpPool } from '#infra/smtp/client/pool'
import { StsCache } from '#infra/tls-policy/mta-sts-cache'
import { fetchStsPolicy } from '#infra/tls-policy/mta-sts-fetch'
import { StsPolicies } from '#infra/tls-policy/mta-sts'
import { RelayTls } from '#infra/tls-policy/policies'
import { transportWith } from '#infra/tls-policy/port'
import type { Transport } from '#domain/mail/events'
import { type Certificate, chainOf, makeCertificate, tlsaOf } from '#test/dsl/certificates'
import { scriptedDns, type ScriptedDns } from '#test/dsl/dns'
import { dnsServer } from '#test/dsl/dns-server'
import { policyHost, stsPolicyText } from '#test/dsl/policy-host'
import { scriptedServer, type ScriptedServer } from '#test/dsl/smtp/scripted-server'
import { temporaryFolder } from '#test/dsl/temporary'

/*
 * A domain, its DNS, its policy host and its mail exchanger, all over sockets, and somebody on the way who takes things away:
 * RFC 7672, RFC 8461.
 */
const HOST = 'mx.remote.test'
const authority = makeCertificate('authority', { ca: true })
const good = makeCertificate('host', { names: [HOST], issuer: authority })
const wrong = makeCertificate('host', { names: ['other.test'], issuer: authority })

beforeAll(() => {
  const before = getCACertificates('default')
  setDefaultCACertificates([...before, authority.cert])
  return () => setDefaultCACertificates(before)
})

const takes = `
  -> MAIL
  <- 250 2.1.0 ok
  -> RCPT
  <- 250 2.1.5 ok
  -> DATA
  <- 354 go on
  .. message
  <- 250 2.0.0 saved`
const inTls = `
  <- 220 mx
  -> EHLO
  <- 250-mx\\n250 STARTTLS
  -> STARTTLS
  <- 220 go
  .. starttls
  -> EHLO
  <- 250 mx${takes}`
const stripped = `<- 220 mx\n-> EHLO\n<- 250 mx${takes}`

interface Attempt {
  readonly dns: ScriptedDns
  readonly server: ScriptedServer
  readonly policies: Awaited<ReturnType<typeof policyHost>>
  /** Resolves the MX, asks for what it demands, and sends. */
  send(): Promise<{ readonly reply: string; readonly transport: Transport | null }>
}

const attempt = async (
  certificate: Certificate,
  { dialogue = inTls, trusted = false }: { dialogue?: string; trusted?: boolean } = {},
): Promise<Attempt> => {
  const server = await scriptedServer([dialogue], { tls: chainOf(certificate, authority) })
  const dns = scriptedDns({
    'remote.test': { MX: [{ exchange: HOST, priority: 10 }] },
    [HOST]: { A: ['127.0.0.1'] },
    'mta-sts.remote.test': { A: ['127.0.0.1'] },
  })
  const names = await dnsServer(dns)
  onTestFinished(() => names.close())
  const own = makeCertificate('policies', { names: ['mta-sts.remote.test'], issuer: authority })
  const policies = await policyHost(chainOf(own, authority))
  const plain = systemResolver({ servers: [names.address], timeoutMs: 200, tries: 1 })
  const resolver = systemResolver({ servers: [names.address], timeoutMs: 200, tries: 1 })
  const onProblem = (error: Error): never => {
    throw error
  }
  const cache = await StsCache.open({ folder: join(await temporaryFolder(), 'mta-sts'), onProblem }, Date.now())
  const sts = new StsPolicies({
    dns: plain,
    cache,
    clock: Date.now,
    fetch: (domain, closed) => fetchStsPolicy(domain, { dns: plain, port: policies.port, allows: () => true }, closed),
  })
  const tls = new RelayTls({
    policy: () => relayPolicy.parse({ resolverIsTrusted: trusted }),
    resolver,
    sts,
    port: server.port,
  })
  const pool = new SmtpPool({ name: 'mail.test', deadlines: { connect: 1_000, greeting: 1_000, command: 1_000 } })
  onTestFinished(() => pool.close())
  return {
    dns,
    server,
    policies,
    async send() {
      const { authentic } = await resolver.resolve('remote.test', 'MX')
      const { hosts, deferral } = await tls.for('remote.test', [HOST], authentic)
      await cache.close()
      const [host] = hosts
      if (deferral !== null || host === undefined) return { reply: deferral?.text ?? '', transport: null }
      const sent = await pool.send(
        {
          protocol: 'smtp',
          at: { host: HOST, port: server.port },
          address: '127.0.0.1',
          tls: host.tls,
          auth: null,
          connections: 1,
        },
        {
          reversePath: 'ann@here.test',
          recipients: ['x@remote.test'],
          size: null,
          async *open() {
            yield Buffer.from('Subject: x\r\n\r\nx\r\n')
          },
        },
      )
      const reply = sent.away ?? sent.outcomes[0]?.reply
      return {
        reply: `${reply?.code} ${reply?.enhancedCode} ${reply?.text}`,
        transport: transportWith(sent.transport, host),
      }
    },
  }
}

const publishSts = ({ dns, policies }: Attempt, mode: string, mx = HOST): void => {
  dns.set('_mta-sts.remote.test', { TXT: [['v=STSv1; id=1;']] })
  policies.answer = { body: stsPolicyText(mode, [mx]) }
}

const publishDane = ({ dns, server }: Attempt, certificate: Certificate, form: string): void => {
  dns.vouch('remote.test')
  dns.set(`_${server.port}._tcp.${HOST}`, { TLSA: [tlsaOf(certificate, form)] })
}

describe('a domain with neither', () => {
  it('is sent mail in TLS, and the trace says why nothing was verified', async () => {
    const { send } = await attempt(wrong)
    const { reply, transport } = await send()
    expect(reply).toBe('250 2.0.0 saved')
    expect(transport).toMatchObject({ tls: expect.stringMatching(/^TLS/), verifiedBy: null })
    expect(transport?.remark).toBe('no DANE: the relay policy does not call the resolver trusted; no MTA-STS policy')
  })

  it('is sent mail in plain when STARTTLS is taken away: nobody can know better', async () => {
    const { send } = await attempt(good, { dialogue: stripped })
    expect((await send()).transport).toMatchObject({
      tls: null,
      remark: expect.stringMatching(/^the host does not offer STARTTLS; no DANE/),
    })
  })
})

describe('a domain that enforces MTA-STS', () => {
  it('is sent mail by a host with a valid certificate', async () => {
    const world = await attempt(good)
    publishSts(world, 'enforce')
    const { reply, transport } = await world.send()
    expect(reply).toBe('250 2.0.0 saved')
    expect(transport).toMatchObject({ tls: expect.stringMatching(/^TLS/), verifiedBy: 'mta-sts' })
  })

  it.each<[string, Certificate, string, string, RegExp]>([
    [
      'the certificate is for another',
      wrong,
      inTls,
      HOST,
      /^451 4\.7\.5 .*MTA-STS requires TLS with a valid certificate/,
    ],
    ['STARTTLS is taken away', good, stripped, HOST, /^451 4\.7\.5 .*MTA-STS requires TLS .* offers none/],
    ['the MX is not of the policy', good, inTls, 'mx.elsewhere.test', /mx\.remote\.test is none of the hosts/],
  ])('is sent nothing when %s', async (_, certificate, dialogue, mx, why) => {
    const world = await attempt(certificate, { dialogue })
    publishSts(world, 'enforce', mx)
    expect((await world.send()).reply).toMatch(why)
    expect(world.server.said.filter((line) => line.startsWith('MAIL'))).toEqual([])
  })

  it('stays so when the record and the policy host are taken away after the first mail', async () => {
    const world = await attempt(wrong)
    publishSts(world, 'enforce')
    await world.send()
    world.dns.set('_mta-sts.remote.test', 'timeout')
    world.policies.answer = 'hang'
    expect((await world.send()).reply).toMatch(/MTA-STS requires TLS/)
    expect(world.server.messages).toEqual([])
  })
})

describe('a domain that tests MTA-STS', () => {
  it('is sent mail all the same, and the trace says what would have failed', async () => {
    const world = await attempt(wrong)
    publishSts(world, 'testing')
    const { reply, transport } = await world.send()
    expect(reply).toBe('250 2.0.0 saved')
    expect(transport).toMatchObject({ tls: expect.stringMatching(/^TLS/), verifiedBy: null })
    expect(transport?.remark).toMatch(/^MTA-STS, were it enforced, would have failed: ERR_TLS_CERT_ALTNAME_INVALID/)
  })
})

describe('a domain with DANE', () => {
  it.each([
    ['the server', wrong, '3 1 1'],
    ['its authority', authority, '2 0 1'],
  ])('is sent mail when a record matches %s', async (_, certificate, form) => {
    const world = await attempt(certificate === authority ? good : certificate, { trusted: true })
    publishDane(world, certificate, form)
    const { reply, transport } = await world.send()
    expect(reply).toBe('250 2.0.0 saved')
    expect(transport).toMatchObject({ verifiedBy: 'dane', remark: null })
  })

  it.each<[string, string, (world: Attempt) => void, RegExp]>([
    [
      'another server answers',
      inTls,
      (world) => publishDane(world, authority, '3 1 1'),
      /matches none of the TLSA records/,
    ],
    [
      'STARTTLS is taken away',
      stripped,
      (world) => publishDane(world, good, '3 1 1'),
      /DANE requires TLS.*offers none/,
    ],
    [
      'its records are taken away',
      inTls,
      (world) => {
        publishDane(world, good, '3 1 1')
        world.dns.set(`_${world.server.port}._tcp.${HOST}`, 'servfail')
      },
      /ends in servfail, so DANE can't be ruled out/,
    ],
  ])('is sent nothing when %s, whatever MTA-STS says', async (_, dialogue, prepare, why) => {
    const world = await attempt(good, { dialogue, trusted: true })
    publishSts(world, 'none')
    prepare(world)
    expect((await world.send()).reply).toMatch(why)
    expect(world.server.said.filter((line) => line.startsWith('MAIL'))).toEqual([])
  })

  it('is not held to it where the resolver is not trusted', async () => {
    const world = await attempt(wrong)
    publishDane(world, good, '3 1 1')
    expect(await world.send()).toMatchObject({ reply: '250 2.0.0 saved', transport: { verifiedBy: null } })
  })
})
