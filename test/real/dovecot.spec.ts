import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { parseMailboxRoute, type RemoteMailboxHost } from '#domain/hosted-domain/mailbox-route'
import { RemoteHost } from '#infra/mailbox-host/remote-host'
import { SmtpPool } from '#infra/smtp/client/pool'
import { delivery, mailboxHostContract, type MailboxUnderTest } from '#test/contract/mailbox-host/contract'
import { startDovecot, type Dovecot } from './dovecot.ts'

let dovecot: Dovecot
beforeAll(async () => {
  dovecot = await startDovecot({
    mailboxes: { 'anna@example.test': null, 'bert@example.test': 1, 'ann@example.org': null, 'zoe@example.test': null },
  })
})
afterAll(() => dovecot?.stop())

const pool = (): SmtpPool => {
  const made = new SmtpPool({ name: 'mail.test' })
  onTestFinished(() => made.close())
  return made
}
const hostOf = (text: string): RemoteMailboxHost => {
  const route = parseMailboxRoute(text)
  if (route?.kind !== 'hosts') throw new Error(`${text} is no route to a host`)
  return route.hosts[0]!
}
const overTcp = () => hostOf(`lmtp://127.0.0.1:${dovecot.lmtp}`)
const overSocket = () => hostOf(`lmtp://${dovecot.socket}`)

describe.each([
  ['TCP', overTcp],
  ['a unix socket', overSocket],
])('Dovecot over %s', (_, host) => {
  it('answers for each recipient: taken, unknown, full', async () => {
    const { protocol, at, tls } = host()
    const transport = pool()
    const text = 'Subject: three\r\n\r\n.dot\r\n..\r\nbytes: \u00e4\r\n'
    const send = () =>
      transport.send(
        { protocol, at, tls, auth: null, connections: 2 },
        {
          reversePath: 'cara@outside.test',
          recipients: ['anna@example.test', 'nobody@example.test', 'bert@example.test'],
          size: Buffer.byteLength(text),
          async *open() {
            yield Buffer.from(text)
          },
        },
      )
    await send()
    const { outcomes, away } = await send()
    expect(away).toBeNull()
    expect(outcomes.map(({ reply }) => `${reply.code} ${reply.enhancedCode}`)).toEqual([
      '250 2.0.0',
      '550 5.1.1',
      '552 5.2.2',
    ])
    const [first] = await dovecot.messages('anna@example.test')
    expect(first?.endsWith(text)).toBe(true)
    expect(first).toMatch(/^Return-Path: <cara@outside\.test>\r\n/)
    expect(await dovecot.messages('bert@example.test')).toHaveLength(1)
  })
})

/** What arrived, without what Dovecot put on top: Return-Path, Delivered-To, Received. */
const asSent = (text: string): string =>
  text.replace(/^(?:(?:Return-Path|Delivered-To|Received):[^\n]*\n(?:[ \t][^\n]*\n)*)+/, '')

it('a mail arrives byte for byte, however large and whatever its lines are', async () => {
  const host = new RemoteHost(overTcp(), { transport: pool(), password: null, connections: 1 })
  const body = Array.from({ length: 60_000 }, (_, at) => `${'.'.repeat(at % 4)}line ${at}\r\n`).join('')
  const text = `Subject: large\r\nX-Long: ${'x'.repeat(900)}\r\n\r\n${body}`
  const handedOver = await host.deliver(delivery(text, { mailbox: 'zoe@example.test' }))
  expect(handedOver.reply).toMatchObject({ code: 250, enhancedCode: '2.0.0' })
  expect((await dovecot.messages('zoe@example.test')).map(asSent)).toEqual([text])
})

describe('Dovecot killed in the middle of deliveries', () => {
  it('loses nothing: every mail that was taken is there, every other one is known to be owed', async () => {
    const host = new RemoteHost(overTcp(), { transport: pool(), password: null, connections: 4 })
    const outcomes = new Map<number, string>()
    const deliverOne = async (number: number): Promise<void> => {
      const { reply, away, uncertain } = await host.deliver(
        delivery(`Subject: k${number}\r\n\r\nx\r\n`, { mailbox: 'ann@example.org' }),
      )
      outcomes.set(number, reply.code === 250 ? 'taken' : uncertain ? 'uncertain' : away ? 'away' : String(reply.code))
    }
    const work = (async () => {
      for (let number = 0; number < 400; number += 4)
        await Promise.all([0, 1, 2, 3].map((more) => deliverOne(number + more)))
    })()
    while (outcomes.size < 100) await new Promise((resolve) => setTimeout(resolve, 2))
    await dovecot.kill()
    await work
    const known = [...outcomes.values()]
    expect(known.filter((outcome) => outcome === 'away').length).toBeGreaterThan(0)
    expect(known.filter((outcome) => outcome.startsWith('5'))).toEqual([])

    await dovecot.restart()
    for (const [number, outcome] of outcomes) if (outcome !== 'taken') await deliverOne(number)
    expect([...outcomes.values()].every((outcome) => outcome === 'taken')).toBe(true)
    const there = (await dovecot.messages('ann@example.org')).map((text) => /^Subject: k(\d+)/m.exec(text)?.[1])
    expect(new Set(there).size).toBe(400)
  })
})

const open = async (): Promise<MailboxUnderTest> => {
  const fresh = await startDovecot({
    mailboxes: { 'ann@example.org': null, 'b@example.org': null },
  })
  onTestFinished(() => fresh.stop())
  return {
    host: new RemoteHost(hostOf(`lmtp://127.0.0.1:${fresh.lmtp}`), {
      transport: pool(),
      password: null,
      connections: 2,
    }),
    contents: async (mailbox) => (await fresh.messages(mailbox)).map(asSent),
    markAllRead: async () => {},
  }
}

mailboxHostContract('Dovecot', open, { seesRepeats: false, lastLineEnd: '\r\n', strangeNames: false })
