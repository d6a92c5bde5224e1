import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { MINUTE } from '#domain/kernel/instant'
import { chainOf, makeCertificate } from '#test/dsl/certificates'
import { startDemo, type Demo } from '#test/dsl/mailkeep'
import { recordingListener, type RecordingListener } from '#test/dsl/smtp/recording-listener'
import { as, eventually, trace } from '#test/dsl/story'
import { idIn, submit } from '#test/dsl/submit'
import { temporaryFolder } from '#test/dsl/temporary'
import { startDns, type Dns } from './dns.ts'
import { startPostfix, type Postfix } from './postfix.ts'

/*
 * All mail for the world through a Postfix of somebody's own: its submission service, with TLS and AUTH, which hands on to a next hop. No domain
 * that mail goes to is in the DNS.
 */
const SMARTHOST = 'smart.real.test'
const USER = 'mailkeep'
const PASSWORD = 'zwölf Ritter, 12 Burgen'
const authority = makeCertificate('authority', { ca: true })
const certificate = makeCertificate('smart', { names: [SMARTHOST], issuer: authority })

let postfix: Postfix
let stranger: Postfix
let dns: Dns
let nextHop: RecordingListener
beforeAll(async () => {
  const before = getCACertificates('default')
  setDefaultCACertificates([...before, authority.cert])
  nextHop = await recordingListener()
  const submission = { user: USER, password: PASSWORD, nextHop: nextHop.port }
  postfix = await startPostfix({ submission, tls: chainOf(certificate, authority) })
  stranger = await startPostfix({ submission })
  dns = await startDns({ 'real.test': ['smart A 127.0.0.1'] })
  return () => setDefaultCACertificates(before)
})
afterAll(async () => {
  postfix?.stop()
  stranger?.stop()
  await dns?.stop()
  await nextHop?.close(0)
})
beforeEach(() => void nextHop.mails.splice(0))

const start = (
  settings: Readonly<Record<string, string>> = {},
  { through = postfix, clock = Date.now }: { through?: Postfix; clock?: () => number } = {},
): Promise<Demo> =>
  startDemo(
    {
      MAILKEEP_SUBMISSION_PORT: '0',
      MAILKEEP_DNS_SERVERS: dns.address,
      MAILKEEP_RELAY_SMARTHOST: `${SMARTHOST}:${through.submission}`,
      MAILKEEP_RELAY_SMARTHOSTTLS: 'verify',
      MAILKEEP_RELAY_SMARTHOSTUSER: USER,
      MAILKEEP_RELAY_SMARTHOSTPASSWORD: PASSWORD,
      ...settings,
    },
    { clock },
  )

/** What the trace says of a mail's ways out. */
const outcomes = async (demo: Demo, id: string) =>
  (await trace(await as(demo, 'admin'), id)).events.filter(({ type }) =>
    ['Delivered', 'Deferred', 'Bounced', 'QueueExpired'].includes(type),
  )

it('relays mail for any domain, signed in and in TLS', async () => {
  const demo = await start()
  const to = ['x@remote.test', 'Y.Z@other.test', 'ben@mailkeep.test']
  const id = idIn(await submit(demo, { to, subject: 'Through a smarthost' }))
  await eventually(async () => expect(await outcomes(demo, id)).toHaveLength(3))
  const all = await outcomes(demo, id)
  expect(all.map(({ type }) => type)).toEqual(['Delivered', 'Delivered', 'Delivered'])
  for (const { data } of all.filter((one) => one.data['recipient'] !== 'ben@mailkeep.test'))
    expect(data).toMatchObject({
      host: `${SMARTHOST}:${postfix.submission}`,
      reply: { code: 250, enhancedCode: '2.0.0' },
      transport: {
        address: `127.0.0.1:${postfix.submission}`,
        tls: expect.stringContaining('TLSv1.3') as unknown,
        verifiedBy: 'certificate',
      },
    })
  await eventually(() => expect(nextHop.mails.flatMap(({ recipients }) => recipients)).toHaveLength(2))
  expect(nextHop.mails.flatMap(({ recipients }) => recipients).toSorted()).toEqual(['Y.Z@other.test', 'x@remote.test'])
  for (const { headerBlock, reversePath } of nextHop.mails) {
    expect(reversePath).toBe('ann@mailkeep.test')
    expect(headerBlock).toMatch(/^DKIM-Signature: /m)
    // Postfix's own word for it.
    expect(headerBlock).toMatch(
      /^Received: from mx\.mailkeep\.test [^]*?using TLSv1\.3 [^]*?\(Authenticated sender: mailkeep@mx1\.real\.test\)[^]*?with ESMTPSA/m,
    )
  }
})

it('is refused by it without AUTH, and what it says comes back', async () => {
  const demo = await start({ MAILKEEP_RELAY_SMARTHOSTUSER: '', MAILKEEP_RELAY_SMARTHOSTPASSWORD: '' })
  const id = idIn(await submit(demo, { to: 'x@remote.test' }))
  await eventually(async () => expect(await outcomes(demo, id)).toMatchObject([{ type: 'Bounced' }]))
  expect(await outcomes(demo, id)).toMatchObject([{ data: { reply: { code: 554, enhancedCode: '5.7.1' } } }])
  expect(nextHop.mails).toEqual([])
})

it(
  'keeps what it can not send with a wrong password, and sends it once with the right one',
  { timeout: 60_000 },
  async () => {
    const data = await temporaryFolder()
    let ahead = 0
    const clock = (): number => Date.now() + ahead
    const wrong = await start({ MAILKEEP_DATA: data, MAILKEEP_RELAY_SMARTHOSTPASSWORD: 'another one' }, { clock })
    const id = idIn(await submit(wrong, { to: 'x@remote.test' }))
    const deferred = {
      type: 'Deferred',
      data: {
        recipient: 'x@remote.test',
        host: `${SMARTHOST}:${postfix.submission}`,
        reply: {
          code: 451,
          enhancedCode: '4.7.0',
          text: expect.stringMatching(/does not take our password: 535 5\.7\.8 /) as unknown,
        },
      },
    }
    await eventually(async () => expect(await outcomes(wrong, id)).toMatchObject([deferred]))
    expect(JSON.stringify(await outcomes(wrong, id))).not.toContain('another one')
    ahead += 5 * MINUTE
    await eventually(async () => expect(await outcomes(wrong, id)).toMatchObject([deferred, deferred]))
    await wrong.stop()
    expect(nextHop.mails).toEqual([])

    ahead += 15 * MINUTE
    const right = await start({ MAILKEEP_DATA: data }, { clock })
    await eventually(async () =>
      expect(await outcomes(right, id)).toMatchObject([deferred, deferred, { type: 'Delivered' }]),
    )
    await eventually(() => expect(nextHop.mails).toHaveLength(1))
  },
)

it('says no password to a host that nobody vouches for, unless any certificate will do', async () => {
  const strict = await start({}, { through: stranger })
  const kept = idIn(await submit(strict, { to: 'x@remote.test' }))
  await eventually(async () => expect(await outcomes(strict, kept)).toMatchObject([{ type: 'Deferred' }]))
  expect(await outcomes(strict, kept)).toMatchObject([
    { data: { reply: { enhancedCode: '4.7.5', text: expect.stringMatching(/self-signed/) as unknown } } },
  ])
  expect(nextHop.mails).toEqual([])
  const lenient = await start({ MAILKEEP_RELAY_SMARTHOSTTLS: 'required' }, { through: stranger })
  const sent = idIn(await submit(lenient, { to: 'x@remote.test' }))
  await eventually(async () => expect(await outcomes(lenient, sent)).toMatchObject([{ type: 'Delivered' }]))
  await eventually(() => expect(nextHop.mails).toHaveLength(1))
})
