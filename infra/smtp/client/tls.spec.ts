import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { type Certificate, chainOf, makeCertificate, tlsaOf } from '#test/dsl/certificates'
import { scriptedServer, type ScriptedServer } from '#test/dsl/smtp/scripted-server'
import { SmtpPool } from './pool.ts'
import type { Sent, TargetTls, Transaction } from './port.ts'

const HOST = 'mx.remote.test'
const authority = makeCertificate('authority', { ca: true })
const trusted = makeCertificate('host', { names: [HOST], issuer: authority })
const wrongName = makeCertificate('host', { names: ['other.test'], issuer: authority })
const expired = makeCertificate('host', { names: [HOST], issuer: authority, from: -60, to: -30 })
const nameless = makeCertificate(HOST, { issuer: authority })
const unknown = makeCertificate('host', { names: [HOST] })

beforeAll(() => {
  const before = getCACertificates('default')
  setDefaultCACertificates([...before, authority.cert])
  return () => setDefaultCACertificates(before)
})

const offering = String.raw`
  <- 220 double
  -> EHLO mail.test
  <- 250-double\n250 STARTTLS`
const intoTls = `${offering}
  -> STARTTLS
  <- 220 go
  .. starttls
  -> EHLO mail.test
  <- 250 double`
const takes = `
  .. here
  -> MAIL
  <- 250 2.1.0 ok
  -> RCPT
  <- 250 2.1.5 ok
  -> DATA
  <- 354 go on
  .. message
  <- 250 2.0.0 saved
  .. again`
const inPlain = `<- 220 double\n-> EHLO mail.test\n<- 250 double${takes}`

const serving = (certificate: Certificate, dialogues: readonly string[] = [`${intoTls}${takes}`]) =>
  scriptedServer(dialogues, { tls: chainOf(certificate, authority) })

const mail: Transaction = {
  reversePath: 'cara@outside.test',
  recipients: ['ann@remote.test'],
  size: null,
  async *open() {
    yield Buffer.from('Subject: x\r\n\r\nx\r\n')
  },
}

const pool = (): SmtpPool => {
  const deadlines = { connect: 2_000, greeting: 500, command: 500, data: 500, block: 500, final: 500 }
  const made = new SmtpPool({ name: 'mail.test', deadlines })
  onTestFinished(() => made.close())
  return made
}

const send = ({ port }: ScriptedServer, tls: TargetTls, by = pool()): Promise<Sent> =>
  by.send({ protocol: 'smtp', at: { host: HOST, port }, address: '127.0.0.1', tls, auth: null, connections: 2 }, mail)

const dane = (...records: readonly [Certificate, string][]): TargetTls => ({
  by: 'dane',
  base: HOST,
  names: [HOST, 'remote.test'],
  records: records.map(([certificate, form]) => tlsaOf(certificate, form)),
})
const enforce: TargetTls = { by: 'mta-sts', mode: 'enforce' }
const testing: TargetTls = { by: 'mta-sts', mode: 'testing' }

/** What came of a mail that must not have been said anything about. */
const refusal = (server: ScriptedServer, { away, transport }: Sent): unknown => ({
  away,
  transport: { ...transport, remark: null },
  mails: server.said.filter((line) => line.startsWith('MAIL')).length,
})
const refusedFor = (why: RegExp): unknown => ({
  away: { code: 451, enhancedCode: '4.7.5', text: expect.stringMatching(why) },
  transport: { address: expect.stringMatching(/^127\.0\.0\.1:\d+$/), tls: null, verifiedBy: null, remark: null },
  mails: 0,
})

describe('opportunistic TLS', () => {
  it('takes any certificate and says what was used', async () => {
    const server = await serving(unknown)
    const { away, transport } = await send(server, 'opportunistic')
    expect(away).toBeNull()
    expect(transport).toEqual({
      address: `127.0.0.1:${server.port}`,
      tls: expect.stringMatching(/^TLSv1\.3 TLS_/),
      verifiedBy: null,
      remark: null,
    })
    expect(server.askedFor).toEqual([HOST])
  })

  it('goes on in plain where there is none, and says why', async () => {
    const refusing = `${offering}\n-> STARTTLS\n<- 454 4.7.0 not now${takes}`
    for (const [dialogue, remark] of [
      [inPlain, 'the host does not offer STARTTLS'],
      [refusing, 'the host refuses STARTTLS: 454 4.7.0 not now'],
    ] as const) {
      const { away, transport } = await send(await serving(trusted, [dialogue]), 'opportunistic')
      expect(away).toBeNull()
      expect(transport).toMatchObject({ tls: null, verifiedBy: null, remark })
    }
  })

  it('that fails is followed by a new connection in plain, for a while without another try', async () => {
    const failing = `${offering}\n-> STARTTLS\n<- 220 go\n<- no tls at all\n.. hang`
    const server = await serving(trusted, [failing, `${offering}${takes}`])
    const by = pool()
    for (const connections of [2, 2]) {
      const { away, transport } = await send(server, 'opportunistic', by)
      expect(away).toBeNull()
      expect(transport).toMatchObject({ tls: null, remark: expect.stringMatching(/^TLS was offered and failed: /) })
      expect(server.connections).toBe(connections)
    }
    expect(server.said.filter((line) => line === 'STARTTLS')).toHaveLength(1)
  })

  it('is not taken below TLS 1.2', async () => {
    const old = {
      ...chainOf(trusted),
      minVersion: 'TLSv1',
      maxVersion: 'TLSv1.1',
      ciphers: 'DEFAULT@SECLEVEL=0',
    } as const
    const server = await scriptedServer([intoTls, `${offering}${takes}`], { tls: old })
    expect(await send(server, 'opportunistic')).toMatchObject({ away: null, transport: { tls: null } })
    const strict = await scriptedServer([intoTls], { tls: old })
    expect(refusal(strict, await send(strict, 'required'))).toEqual(refusedFor(/TLS is required/))
  })

  it('believes nothing that was said in plain behind the answer to STARTTLS', async () => {
    const injecting = `${offering}\n-> STARTTLS\n<= 220 go\\r\\n250 injected\\r\\n\n.. starttls\n.. hang`
    const server = await serving(trusted, [injecting, `${offering}${takes}`])
    const { away, transport } = await send(server, 'opportunistic')
    expect(away).toBeNull()
    expect(transport).toMatchObject({ tls: null, remark: expect.stringMatching(/in plain behind its reply/) })
    for (const tls of [enforce, dane([trusted, '3 1 1'])]) {
      const strict = await serving(trusted, [injecting])
      expect(refusal(strict, await send(strict, tls))).toEqual(refusedFor(/in plain behind its reply/))
    }
  })

  it('that a server insists on and did not get is no refusal of the mail', async () => {
    const insisting = `${offering.replace('STARTTLS', 'HELP')}\n.. here\n-> MAIL\n<- 530 5.7.0 Must issue STARTTLS\n.. again`
    const server = await serving(trusted, [insisting])
    const { away } = await send(server, 'opportunistic')
    expect(away).toMatchObject({ code: 451, enhancedCode: '4.7.5', text: expect.stringMatching(/it wants TLS/) })
    expect((await send(server, 'off')).outcomes[0]?.reply.code).toBe(530)
  })
})

describe('MTA-STS', () => {
  it('enforced takes a certificate for the host, and says so', async () => {
    const { away, transport } = await send(await serving(trusted), enforce)
    expect(away).toBeNull()
    expect(transport).toMatchObject({ verifiedBy: 'mta-sts', remark: null, tls: expect.stringMatching(/^TLS/) })
  })

  const wrong: Readonly<Record<string, [Certificate, RegExp]>> = {
    'for another name': [wrongName, /altnames|Altname/i],
    'that expired': [expired, /expired/],
    'by nobody known': [unknown, /self.signed/],
    'whose name is no DNS name': [nameless, /names no DNS name/],
  }
  it.each(Object.entries(wrong))(
    'enforced takes no certificate %s; in testing it is remarked',
    async (_, [bad, why]) => {
      const strict = await serving(bad)
      expect(refusal(strict, await send(strict, enforce))).toEqual(refusedFor(why))
      const { away, transport } = await send(await serving(bad), testing)
      expect(away).toBeNull()
      expect(transport).toMatchObject({ verifiedBy: null, tls: expect.stringMatching(/^TLS/) })
      expect(transport?.remark).toMatch(/^MTA-STS, were it enforced, would have failed: /)
    },
  )

  it('enforced is not talked out of TLS by whoever takes STARTTLS away', async () => {
    const server = await serving(trusted, [inPlain])
    expect(refusal(server, await send(server, enforce))).toEqual(refusedFor(/MTA-STS requires TLS.*offers none/))
    const refusing = await serving(trusted, [`${offering}\n-> STARTTLS\n<- 502 no${takes}`])
    expect(refusal(refusing, await send(refusing, enforce))).toEqual(refusedFor(/refuses STARTTLS/))
    const { away, transport } = await send(await serving(trusted, [inPlain]), testing)
    expect(away).toBeNull()
    expect(transport?.remark).toBe('MTA-STS, were it enforced, would have failed: the host does not offer STARTTLS')
  })

  it('does not use a connection that was made for less', async () => {
    const server = await serving(wrongName)
    const by = pool()
    expect((await send(server, 'opportunistic', by)).away).toBeNull()
    expect((await send(server, enforce, by)).away).toMatchObject({ enhancedCode: '4.7.5' })
    expect(server.messages).toHaveLength(1)
  })
})

describe('DANE', () => {
  const good: Readonly<Record<string, [Certificate, TargetTls]>> = {
    'the server itself': [unknown, dane([unknown, '3 1 1'])],
    'an expired one': [expired, dane([expired, '3 1 1'])],
    'one of another name': [wrongName, dane([authority, '3 1 1'], [wrongName, '3 0 2'])],
    'its authority': [trusted, dane([authority, '2 0 1'])],
    'the key of its authority': [trusted, dane([authority, '2 1 2'])],
  }
  it.each(Object.entries(good))('takes %s when a record matches', async (_, [certificate, tls]) => {
    const server = await serving(certificate)
    const { away, transport } = await send(server, tls)
    expect(away).toBeNull()
    expect(transport).toMatchObject({ verifiedBy: 'dane', remark: null })
    expect(server.askedFor).toEqual([HOST])
  })

  const bad: Readonly<Record<string, [Certificate, TargetTls, RegExp]>> = {
    'another server': [trusted, dane([unknown, '3 1 1']), /matches none of the TLSA records/],
    'another authority': [trusted, dane([unknown, '2 0 1']), /no authority/],
    'another name below its authority': [wrongName, dane([authority, '2 0 1']), /is for none of mx\.remote\.test/],
    'an expired server below its authority': [expired, dane([authority, '2 1 1']), /has expired/],
  }
  it.each(Object.entries(bad))('does not take %s', async (_, [certificate, tls, why]) => {
    const server = await serving(certificate)
    expect(refusal(server, await send(server, tls))).toEqual(refusedFor(why))
  })

  it('takes an authority that the server does not present when the record holds it whole', async () => {
    const server = await scriptedServer([`${intoTls}${takes}`], { tls: chainOf(trusted) })
    expect((await send(server, dane([authority, '2 0 0']))).transport?.verifiedBy).toBe('dane')
  })

  it('is not talked out of TLS by whoever takes STARTTLS away', async () => {
    const server = await serving(trusted, [inPlain])
    expect(refusal(server, await send(server, dane([trusted, '3 1 1'])))).toEqual(
      refusedFor(/DANE requires TLS.*offers none/),
    )
  })
})

describe('an address', () => {
  it('is connected to instead of the name, and one of our own from', async () => {
    const server = await serving(trusted)
    const by = pool()
    const at = { host: HOST, port: server.port }
    const target = { protocol: 'smtp', at, tls: 'verify', auth: null, connections: 1 } as const
    const sent = await by.send({ ...target, address: '127.0.0.1', localAddress: '127.0.0.1' }, mail)
    expect(sent.transport).toMatchObject({ address: `127.0.0.1:${server.port}`, verifiedBy: 'certificate' })
    const elsewhere = await by.send({ ...target, address: '127.0.0.2', localAddress: '127.0.0.2' }, mail)
    expect(elsewhere).toMatchObject({ away: { enhancedCode: '4.4.1' }, transport: null })
    expect(server.connections).toBe(1)
  })
})
