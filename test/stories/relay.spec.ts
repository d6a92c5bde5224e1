import type { SendMailOptions } from 'nodemailer'
import { afterEach, expect, it } from 'vitest'
import { DAY, HOUR, MINUTE } from '#domain/kernel/instant'
import { mailStream, type MailEvent } from '#domain/mail/events'
import { scriptedDns, type ScriptedDns } from '#test/dsl/dns'
import { dnsServer } from '#test/dsl/dns-server'
import { startDemo, type Demo } from '#test/dsl/mailkeep'
import { operatorOf } from '#test/dsl/operator'
import { recordingListener } from '#test/dsl/smtp/recording-listener'
import { scriptedServer } from '#test/dsl/smtp/scripted-server'
import { freePort } from '#test/real/daemon'
import { as, eventually, inbox } from '#test/dsl/story'
import { idIn, submit } from '#test/dsl/submit'

const ANN = 'ann@mailkeep.test'
const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0)) await end()
})

/** A demo whose mail to the world goes to `port` on loopback, as its DNS has it. */
const startWith = async (port: number, dns: ScriptedDns): Promise<Demo & { readonly clock: { now: number } }> => {
  const server = await dnsServer(dns)
  ends.push(() => server.close())
  const clock = { now: Date.now() }
  const demo = await startDemo(
    { MAILKEEP_SUBMISSION_PORT: '0', MAILKEEP_DNS_SERVERS: server.address, MAILKEEP_RELAY_PORT: String(port) },
    { clock: () => clock.now },
  )
  return { ...demo, clock }
}

const send = async (demo: Demo, mail: SendMailOptions): Promise<string> =>
  idIn(await submit(demo, { from: `Ann <${ANN}>`, subject: 'Hello', text: 'How are you?', ...mail }))

const told = async ({ foundation }: Demo, id: string): Promise<readonly MailEvent[]> =>
  (await foundation.log.readStream(mailStream(id))) as unknown as readonly MailEvent[]
const outcomes = async (demo: Demo, id: string): Promise<readonly string[]> =>
  (await told(demo, id))
    .map(({ type }) => type)
    .filter((type) => /^(Delivered|Deferred|Bounced|QueueExpired)$/.test(type))

const remote = (address = '127.0.0.1') =>
  scriptedDns({
    'remote.test': { MX: [{ priority: 10, exchange: 'mx1.remote.test' }] },
    'mx1.remote.test': { A: [address] },
  })

it('a mail for the world reaches its MX in TLS, signed, and its way can be read', async () => {
  const mx = await recordingListener()
  ends.push(() => mx.close(0))
  const demo = await startWith(mx.port, remote())
  const id = await send(demo, { to: ['X@remote.test', 'y@remote.test'], bcc: 'z@remote.test' })
  await eventually(async () => expect(await outcomes(demo, id)).toEqual(['Delivered', 'Delivered', 'Delivered']))
  expect(mx.mails).toHaveLength(1)
  const [mail] = mx.mails
  expect(mail).toMatchObject({ reversePath: ANN, recipients: ['X@remote.test', 'y@remote.test', 'z@remote.test'] })
  const header = mail?.headerBlock ?? ''
  expect(header.match(/^DKIM-Signature:/gm)).toHaveLength(2)
  expect(header).toMatch(/a=rsa-sha256/)
  expect(header).toMatch(/a=ed25519-sha256/)
  expect(header).toMatch(/^Received: from .*\r?\n?.*\(Mailkeep\) with ESMTPSA id /m)
  expect(header).not.toMatch(/^Bcc:|z@remote\.test/im)
  const delivered = (await told(demo, id)).find(({ type }) => type === 'Delivered')
  expect(delivered?.data).toMatchObject({
    host: `mx1.remote.test:${mx.port}`,
    transport: { address: `127.0.0.1:${mx.port}`, tls: expect.stringContaining('TLSv1.3'), verifiedBy: null },
  })
  const trace = await (await as(demo, 'admin')).ask('GET', `/mails/${id}`)
  expect(JSON.stringify(trace.body)).toContain('TLSv1.3')
})

it(
  'a remote that asks to wait is tried again when it is time; one that never takes it makes a delay warning, then a report',
  { timeout: 90_000 },
  async () => {
    const later =
      '<- 220 mx1.remote.test\n-> EHLO\n<- 250 hello\n-> MAIL\n<- 250 ok\n-> RCPT\n<- 450 4.2.0 come again\n.. close'
    const mx = await scriptedServer([later])
    const demo = await startWith(mx.port, remote())
    const id = await send(demo, { to: 'x@remote.test' })
    await eventually(async () => expect(await outcomes(demo, id)).toEqual(['Deferred']))
    demo.clock.now += 5 * MINUTE
    await eventually(async () => expect(await outcomes(demo, id)).toEqual(['Deferred', 'Deferred']))
    // Or when the operator says so, who may also lose patience.
    const mailkeep = operatorOf(demo.data)
    const other = await send(demo, { to: 'y@remote.test', subject: 'Too late' })
    await eventually(async () => expect(await outcomes(demo, other)).toEqual(['Deferred']))
    expect((await mailkeep('queue destinations --json')).json()).toMatchObject({
      items: [{ destination: 'remote.test', waiting: 2, due: 0, awaySince: null, reply: { text: 'come again' } }],
    })
    const { results } = (await mailkeep('queue retry --reply come --recipient x@remote.test --json')).json()
    expect(results).toMatchObject([{ mail: id, recipient: 'x@remote.test', state: 'due' }])
    await eventually(async () => expect(await outcomes(demo, id)).toEqual(['Deferred', 'Deferred', 'Deferred']))
    await mailkeep(`queue hold ${other}`)
    expect((await mailkeep('queue list --held --json')).json()).toMatchObject({ items: [{ mail: other, held: true }] })
    expect(await mailkeep(`queue retry ${other}`)).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/unhold it/),
    })
    expect((await mailkeep(`queue unhold ${other}`)).stdout).toMatch(/y@remote\.test +unheld/)
    const bounce = 'queue bounce --sender ann@mailkeep.test --recipient y@remote.test'
    expect(await mailkeep(bounce)).toMatchObject({ code: 2, stderr: expect.stringContaining('1 delivery would') })
    expect((await mailkeep(`${bounce} --yes --json`)).json()).toMatchObject({
      results: [{ mail: other, state: 'bounced' }],
      more: false,
    })
    const given = /^Subject: Not delivered: Too late[^]*was stopped by an administrator/m
    await eventually(async () => expect((await inbox(demo, 'ann')).join('')).toMatch(given))
    demo.clock.now += 4 * HOUR
    await eventually(async () => expect((await inbox(demo, 'ann')).join('')).toMatch(/^Subject: Delayed: Hello/m))
    demo.clock.now += 5 * DAY
    await eventually(async () => expect(await outcomes(demo, id)).toContain('QueueExpired'))
    await eventually(async () => expect((await inbox(demo, 'ann')).join('')).toMatch(/^Subject: Not delivered: Hello/m))
    expect((await mailkeep('queue destinations')).stdout).toBe('Nothing waits for delivery.\n')
    const reports = (await inbox(demo, 'ann')).join('')
    expect(reports).toMatch(/^Diagnostic-Code: smtp; 450 4\.2\.0 come again/m)
    expect(reports).toMatch(/^Remote-MTA: dns; mx1\.remote\.test/m)
  },
)

it('a mail for a domain that takes none, is not there or lies in a private network comes back at once with the reason', async () => {
  const dns = scriptedDns({
    'none.test': { MX: [{ priority: 0, exchange: '' }] },
    'private.test': { MX: [{ priority: 10, exchange: 'mx1.private.test' }] },
    'mx1.private.test': { A: ['10.1.2.3'] },
  })
  const demo = await startWith(1, dns)
  for (const [domain, code] of [
    ['none.test', '5.1.10'],
    ['missing.test', '5.1.2'],
    ['private.test', '5.4.4'],
  ]) {
    const id = await send(demo, { to: `x@${domain}` })
    await eventually(async () => expect(await outcomes(demo, id)).toEqual(['Bounced']))
    const told = async () => (await inbox(demo, 'ann')).find((report) => report.includes(`x@${domain}`))
    await eventually(async () => expect(await told()).toContain(`Status: ${code}`))
  }
})

it('what would come round to ourselves is not sent', async () => {
  const dns = remote()
  const port = await freePort()
  const server = await dnsServer(dns)
  ends.push(() => server.close())
  const demo = await startDemo({
    MAILKEEP_MX_PORT: String(port),
    MAILKEEP_SUBMISSION_PORT: '0',
    MAILKEEP_DNS_SERVERS: server.address,
    MAILKEEP_RELAY_PORT: String(port),
  })
  const id = await send(demo, { to: 'x@remote.test' })
  await eventually(async () => expect(await outcomes(demo, id)).toEqual(['Bounced']))
  expect((await told(demo, id)).find(({ type }) => type === 'Bounced')?.data).toMatchObject({
    reply: { enhancedCode: '5.4.6' },
  })
})

it('one recipient that is refused does not keep the mail from the other', async () => {
  const mx = await scriptedServer([
    '<- 220 mx\n-> EHLO\n<- 250 hello\n-> MAIL\n<- 250 ok\n-> RCPT TO:<a@remote.test>\n<- 550 5.1.1 nobody\n-> RCPT TO:<b@remote.test>\n<- 250 ok\n-> DATA\n<- 354 go on\n.. message\n<- 250 2.0.0 taken',
  ])
  const demo = await startWith(mx.port, remote())
  const id = await send(demo, { to: ['a@remote.test', 'b@remote.test'] })
  await eventually(async () => expect([...(await outcomes(demo, id))].sort()).toEqual(['Bounced', 'Delivered']))
  expect(mx.messages).toHaveLength(1)
})
