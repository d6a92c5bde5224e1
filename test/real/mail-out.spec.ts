import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { HOUR, MINUTE } from '#domain/kernel/instant'
import { mailkeep } from '#test/dsl/command-line'
import { PASSWORD, startDemo, type Demo } from '#test/dsl/mailkeep'
import { as, done, eventually, inbox, trace, types } from '#test/dsl/story'
import { verifyByDkimpy } from './dkimpy.ts'
import { startDns, type Dns } from './dns.ts'
import { startPostfix, type Postfix } from './postfix.ts'
import { startPostgrey, type Postgrey } from './postgrey.ts'
import { parseReport, type ParsedReport } from './python-email.ts'
import { smtplib, type SmtplibMail } from './smtplib.ts'
import { swaks, type SwaksMail } from './swaks.ts'

const ANN = 'ann@mailkeep.test'
const BEN = 'ben@mailkeep.test'
const ANNA = 'anna@real.test'
const BERT = 'bert@real.test'
const GREYLISTED_SECONDS = 3

let postfix: Postfix
let dns: Dns
let postgrey: Postgrey
beforeAll(async () => {
  postgrey = await startPostgrey(GREYLISTED_SECONDS)
  postfix = await startPostfix({ greylist: postgrey.port })
  dns = await startDns({ 'real.test': ['@ MX 10 mx1.real.test.', 'mx1 A 127.0.0.1'] })
})
afterAll(async () => {
  postfix?.stop()
  await postgrey?.stop()
  await dns?.stop()
})

/** A demo in this mail world; its clock is moved by hand, and goes on by itself besides. */
const start = async () => {
  let ahead = 0
  const demo = await startDemo(
    {
      MAILKEEP_SUBMISSION_PORT: '0',
      MAILKEEP_DNS_SERVERS: dns.address,
      MAILKEEP_RELAY_PORT: String(postfix.port),
    },
    { clock: () => Date.now() + ahead },
  )
  const pass = (time: number): void => void (ahead += time)
  return { demo, pass }
}

/** The ways in: each client of its own making. */
interface Submission {
  readonly subject: string
  readonly to: readonly string[]
  readonly body?: string
  readonly headerFrom?: string
  readonly password?: string
}
type Client = (demo: Demo, mail: Submission) => Promise<string>

const bySwaks =
  (mechanism: 'PLAIN' | 'LOGIN'): Client =>
  async (demo, { password = PASSWORD, ...mail }) => {
    const whole: SwaksMail = { from: ANN, ...mail, login: { mechanism, user: ANN, password } }
    return swaks(demo.port('submission'), whole).then(
      (id) => `250 2.0.0 Ok: ${id}`,
      (error: Error) => /<\S*\s+([45]\d\d [^-].*)/.exec(error.message)?.[1] ?? error.message,
    )
  }

const bySmtplib: Client = (demo, { subject, to, body = 'Hello.', headerFrom = ANN, password = PASSWORD }) => {
  const header = { headerFrom: `Ann <${headerFrom}>`, headerTo: to.join(', '), subject }
  const whole: SmtplibMail = { user: ANN, password, from: ANN, to, ...header, body: `${body}\n` }
  return smtplib(demo.port('submission'), whole)
}

const clients: readonly (readonly [string, Client])[] = [
  ['swaks with AUTH PLAIN', bySwaks('PLAIN')],
  ['swaks with AUTH LOGIN', bySwaks('LOGIN')],
  ["Python's smtplib", bySmtplib],
]

const idIn = (reply: string): string => {
  const id = /^250 2\.0\.0 Ok: (\w{26})/.exec(reply)?.[1]
  if (id === undefined) throw new Error(`not taken: ${reply}`)
  return id
}

const about = (subject: string, mails: readonly string[]): readonly string[] =>
  mails.filter((mail) => new RegExp(`^Subject: .*${subject}\r?$`, 'm').test(mail))
const there = (subject: string): readonly string[] => about(subject, postfix.messages('anna'))
const here = async (demo: Demo, subject: string, local = 'ben'): Promise<readonly string[]> =>
  about(subject, await inbox(demo, local))

const eventsOf = async (demo: Demo, id: string, type: string) =>
  (await trace(await as(demo, 'admin'), id)).events.filter((event) => event.type === type)

const states = async (demo: Demo, id: string): Promise<Readonly<Record<string, string>>> =>
  Object.fromEntries(
    (await trace(await as(demo, 'admin'), id)).recipients.map(({ mailbox, state }) => [mailbox, state]),
  )

/** The one report about a mail, as Python reads it. */
const reportOn = async (demo: Demo, subject: string): Promise<ParsedReport> => {
  const [report] = await eventually(async () => {
    const reports = await here(demo, `: ${subject}`, 'ann')
    expect(reports).toHaveLength(1)
    return reports
  })
  return parseReport(report ?? '')
}

describe.each(clients)('%s', (name, submit) => {
  const tag = name.replaceAll(/\W+/g, '-')

  it('sends to a colleague, to the world, and to both at once', { timeout: 120_000 }, async () => {
    const { demo } = await start()

    const local = idIn(await submit(demo, { subject: `local-${tag}`, to: [BEN] }))
    await eventually(async () => expect(await here(demo, `local-${tag}`)).toHaveLength(1))
    expect((await here(demo, `local-${tag}`))[0]).toMatch(new RegExp(`with ESMTPSA id ${local}`))
    await eventually(async () => expect(await states(demo, local)).toEqual({ [BEN]: 'delivered' }))
    // Nobody looked for spam, nor took it over from an MX.
    const told = types(await trace(await as(demo, 'admin'), local))
    expect(told.filter((type) => type !== 'Archived')).toEqual(['Accepted', 'ScanCleared', 'Cleared', 'Delivered'])

    const remote = idIn(await submit(demo, { subject: `remote-${tag}`, to: [ANNA] }))
    await eventually(() => expect(there(`remote-${tag}`)).toHaveLength(1))
    const [arrived = ''] = there(`remote-${tag}`)
    expect(arrived).toMatch(/^Return-Path: <ann@mailkeep\.test>\n/)
    // Postfix's own word for it.
    expect(arrived).toMatch(/^Received: from mx\.mailkeep\.test [^]*?using TLSv1\.3/m)
    await eventually(async () => expect(await states(demo, remote)).toEqual({ [ANNA]: 'delivered' }))
    expect(await eventsOf(demo, remote, 'Delivered')).toMatchObject([
      {
        data: {
          host: `mx1.real.test:${postfix.port}`,
          transport: { address: `127.0.0.1:${postfix.port}`, tls: expect.stringContaining('TLSv1.3') as unknown },
        },
      },
    ])

    const both = idIn(await submit(demo, { subject: `both-${tag}`, to: [BEN, ANNA] }))
    await eventually(async () => expect(await states(demo, both)).toEqual({ [BEN]: 'delivered', [ANNA]: 'delivered' }))
    expect(await here(demo, `both-${tag}`)).toHaveLength(1)
    await eventually(() => expect(there(`both-${tag}`)).toHaveLength(1))
  })

  it('is refused with a wrong password, and as somebody else', { timeout: 60_000 }, async () => {
    const { demo } = await start()
    expect(await submit(demo, { subject: 'x', to: [BEN], password: 'not it at all' })).toMatch(/^535 5\.7\.8 /)
    expect(await submit(demo, { subject: 'x', to: [BEN], headerFrom: BEN })).toMatch(
      /^550 5\.7\.1 .*ben@mailkeep\.test/,
    )
    expect(await inbox(demo, 'ben')).toEqual([])
  })
})

it(
  'what Postfix refuses comes back as a report that Python reads, to its sender only',
  { timeout: 60_000 },
  async () => {
    const { demo } = await start()
    const id = idIn(await bySmtplib(demo, { subject: 'never', to: ['perm@real.test', ANNA] }))
    const report = await reportOn(demo, 'never')
    expect(report).toMatchObject({
      type: 'multipart/report',
      reportType: 'delivery-status',
      parts: ['text/plain', 'message/delivery-status', 'text/rfc822-headers'],
      subject: 'Not delivered: never',
      returnPath: '<>',
      autoSubmitted: 'auto-replied',
      returnedSubject: 'never',
      defects: [],
    })
    expect(report.text).toContain('perm@real.test')
    expect(report.text).toMatch(/550 5\.7\.1 .*no/)
    expect(report.status).toEqual([
      { 'Reporting-MTA': 'dns; mx.mailkeep.test', 'Arrival-Date': expect.stringMatching(/ \+0000$/) as unknown },
      {
        'Final-Recipient': 'rfc822; perm@real.test',
        Action: 'failed',
        Status: '5.7.1',
        'Remote-MTA': 'dns; mx1.real.test',
        'Diagnostic-Code': expect.stringMatching(/^smtp; 550 5\.7\.1 <perm@real\.test>: .*no$/) as unknown,
        'Last-Attempt-Date': expect.stringMatching(/ \+0000$/) as unknown,
      },
    ])
    expect(await states(demo, id)).toEqual({ 'perm@real.test': 'bounced', [ANNA]: 'delivered' })
    expect(await here(demo, 'never')).toEqual([])
  },
)

it(
  'what Postfix puts off is tried again by the schedule, and its sender is told that it is late',
  { timeout: 90_000 },
  async () => {
    const { demo, pass } = await start()
    const id = idIn(await bySmtplib(demo, { subject: 'later', to: ['temp@real.test'] }))
    const tries = () => eventsOf(demo, id, 'Deferred')
    await eventually(async () => expect(await tries()).toHaveLength(1))
    expect(await tries()).toMatchObject([{ data: { reply: { code: 450, enhancedCode: '4.2.0' } } }])
    pass(5 * MINUTE)
    await eventually(async () => expect(await tries()).toHaveLength(2))
    pass(4 * HOUR)
    const report = await reportOn(demo, 'later')
    expect(report).toMatchObject({ type: 'multipart/report', subject: 'Delayed: later', defects: [] })
    expect(report.status[1]).toMatchObject({
      'Final-Recipient': 'rfc822; temp@real.test',
      Action: 'delayed',
      Status: '4.2.0',
      'Remote-MTA': 'dns; mx1.real.test',
      'Will-Retry-Until': expect.stringMatching(/ \+0000$/) as unknown,
    })
  },
)

it('gets past a greylisting server by coming again, as the policy of the relay says', { timeout: 90_000 }, async () => {
  const { demo } = await start()
  await done(await as(demo, 'admin'), 'PUT', '/policies/relay', {
    document: { retryDelays: [1_000] },
    reason: 'for this test',
  })
  const id = idIn(await bySmtplib(demo, { subject: 'grey', to: [BERT, ANNA] }))
  await eventually(async () => expect(await states(demo, id)).toEqual({ [BERT]: 'delivered', [ANNA]: 'delivered' }))
  const waits = await eventsOf(demo, id, 'Deferred')
  expect(waits.length).toBeGreaterThan(0)
  for (const { data } of waits) {
    expect(data).toMatchObject({
      recipient: BERT,
      reply: { code: 450, enhancedCode: '4.2.0', text: expect.stringContaining('Greylisted') as unknown },
    })
  }
  await eventually(() => expect(about('grey', postfix.messages('bert'))).toHaveLength(1))
  expect(about('grey', postfix.messages('bert'))[0]).toMatch(/^X-Greylist: delayed \d+ seconds/m)
  expect(there('grey')).toHaveLength(1)
})

it('mail waits for a Postfix that is away, and arrives once when it is back', { timeout: 90_000 }, async () => {
  const { demo, pass } = await start()
  postfix.leave()
  onTestFinished(() => postfix.comeBack())
  const id = idIn(await bySmtplib(demo, { subject: 'patience', to: [ANNA, BEN] }))
  await eventually(async () => expect(await states(demo, id)).toEqual({ [ANNA]: 'deferred', [BEN]: 'delivered' }))
  pass(5 * MINUTE)
  await eventually(async () => expect((await eventsOf(demo, id, 'Deferred')).length).toBeGreaterThanOrEqual(2))
  await postfix.comeBack()
  pass(15 * MINUTE)
  await eventually(async () => expect(await states(demo, id)).toEqual({ [ANNA]: 'delivered', [BEN]: 'delivered' }))
  await eventually(() => expect(there('patience')).toHaveLength(1))
})

it('dkimpy verifies what arrived, with the records that the command line prints', { timeout: 90_000 }, async () => {
  const { demo } = await start()
  const printed = await mailkeep(['domain', 'dkim', 'mailkeep.test'], {
    env: { MAILKEEP_DATA: demo.data },
    cwd: demo.data,
  })
  const records = printed.stdout.split('\n').filter((line) => /^\S+\._domainkey\.mailkeep\.test\. TXT /.test(line))
  expect(records).toHaveLength(2)
  const published = await startDns({ 'mailkeep.test': records })
  onTestFinished(() => published.stop())
  const port = Number(published.address.split(':')[1])

  await bySmtplib(demo, { subject: 'signed', to: [ANNA], body: 'Grüße aus Wien\n\n.\n..\n  blanks  \n\n' })
  await eventually(() => expect(there('signed')).toHaveLength(1))
  // Postfix keeps UTF-8 octets and LF line ends.
  const mail = Buffer.from(there('signed')[0] ?? '')
    .toString('latin1')
    .replaceAll('\n', '\r\n')
  expect(mail).toContain('\r\n.\r\n..\r\n')
  expect(await verifyByDkimpy(mail, port)).toEqual(['rsa-sha256 True', 'ed25519-sha256 True'])
  const altered = await verifyByDkimpy(mail.replace('Wien', 'Graz'), port)
  expect(altered).toHaveLength(2)
  expect(altered.join()).not.toMatch(/True/)
})
