import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import type { MailCommand } from '#domain/mail/commands'
import { mailStream, type Forward, type MailEvent, type Recipient } from '#domain/mail/events'
import type { MailboxHosts } from '#infra/mailbox-host/port'
import { installation } from '#test/dsl/api-installation'
import { clean, infected, judge, recordScan, requestRelease, scanner } from '#test/dsl/mail'
import { returnAddressesOf } from '#test/dsl/mx'
import { relaying } from '#test/dsl/relaying'
import { recordingListener, type RecordingListener } from '#test/dsl/smtp/recording-listener'
import { scriptedServer } from '#test/dsl/smtp/scripted-server'
import { Courier } from '../courier.ts'
import { RecordingQueue } from '../recording-queue.ts'
import { dueDeliveries } from '../due-deliveries.ts'

const here = installation()
const { start } = relaying(here)
const PATIENCE = { timeout: 10_000, interval: 20 }
const [ANN, BEN, UMA, TEAM] = ['ann@one.test', 'ben@one.test', 'uma@two.test', 'team@one.test']
const [X, Y] = ['x@remote.test', 'y@remote.test']
const CARA = 'cara@outside.example'

const running: Courier[] = []
/** Mailboxes that got a copy. */
let delivered: string[] = []
beforeEach(async () => {
  delivered = []
  const { parts, clock } = here.api
  const hosts: MailboxHosts = {
    state: () => 'up',
    deliver: (_route, { mailbox }) => {
      delivered.push(mailbox)
      const reply = { code: 250, enhancedCode: '2.0.0', text: 'Taken' }
      return Promise.resolve({ reply, host: 'host', away: false, uncertain: false, attempted: true })
    },
  }
  const logger = pino({ level: 'silent' })
  const courier = new Courier({
    ...parts,
    records: new RecordingQueue({ ...parts, clock: () => clock.now, logger }),
    log: parts.events,
    domains: parts.hostedDomains,
    hosts,
    passwordOf: () => null,
    reportAddresses: (mailbox) => [{ mailbox, route: 'mailbox' }],
    due: (now, limit, domains, claimant) => dueDeliveries(parts.views, now, limit, domains, claimant),
    node: 'spec',
    clock: () => clock.now,
    logger,
    metrics: { delivered: () => {} },
  })
  await courier.start()
  running.push(courier)
})
afterEach(async () => {
  for (const courier of running.splice(0)) await courier.stop()
  await policy({})
})

const policy = (forwarding: object) =>
  here.api.parts.commands.policy(
    'accounts',
    { kind: 'set-policy', name: 'accounts', document: { forwarding }, reason: 'spec' },
    here.api.asked(),
  )

/** Where mail to remote.test goes. */
const world = async (): Promise<RecordingListener> => {
  const mx = await recordingListener()
  onTestFinished(() => mx.close(0))
  await startAt(mx.port)
  return mx
}
const startAt = (port: number) =>
  start({
    port,
    zone: {
      'remote.test': { MX: [{ priority: 10, exchange: 'mx1.remote.test' }] },
      'mx1.remote.test': { A: ['127.0.0.1'] },
    },
  })

const forwarding = (mailbox: string, as: Forward['as'], ...to: string[]): Recipient => ({
  address: mailbox,
  mailbox,
  route: 'mailbox',
  forward: { to, as },
})
const plain = (mailbox: string): Recipient => ({ address: mailbox, mailbox, route: 'mailbox' })

interface Came {
  readonly reversePath?: string | null
  readonly text?: string
}
/** A mail from the Internet that inspection cleared for all. */
const came = async (to: readonly Recipient[], { reversePath = CARA, text = TEXT }: Came = {}): Promise<string> => {
  const { now } = here.api.clock
  const { hash, size } = await here.api.parts.content.put(Buffer.from(text))
  const verdicts = to.map(({ mailbox }) => ({ recipient: mailbox, verdict: 'exempt' }) as const)
  return here.api.mail(to, { reversePath, contentHash: hash, size, hostname: 'mx.one.test' }, recordScan(clean, now), {
    ...judge(...verdicts),
    now,
  } as MailCommand)
}
const TEXT = 'X-First: 1\r\nFrom: cara@outside.example\r\nSubject: Hello\r\n\r\nHello.\r\n'

const events = async (id: string): Promise<readonly MailEvent[]> =>
  (await here.api.parts.events.readStream(mailStream(id))) as unknown as readonly MailEvent[]
const outcomes = async (id: string): Promise<readonly string[]> =>
  (await events(id)).flatMap((event) => {
    switch (event.type) {
      case 'Forwarded':
        return [`Forwarded ${event.data.recipient}`]
      case 'NotForwarded':
        return [`NotForwarded ${event.data.recipient}: ${event.data.reason}`]
      case 'ForwardingFailed':
      case 'Undeliverable':
      case 'Bounced':
        return [`${event.type} ${event.data.recipient}`]
      case 'Delivered':
        return [`Delivered ${event.data.recipient} ${event.data.host.split(':')[0]}`]
      default:
        return []
    }
  })
const comesTo = async (id: string, expected: readonly string[]): Promise<void> => {
  await expect.poll(async () => (await outcomes(id)).toSorted(), PATIENCE).toEqual(expected.toSorted())
}

describe('a mail from the Internet for who forwards it outside', () => {
  it('goes on under a return address, otherwise unchanged and unsigned, beside the copy', async () => {
    const mx = await world()
    const id = await came([forwarding(ANN, 'copy', X)])
    await comesTo(id, [`Forwarded ${ANN}`, `Delivered ${ANN} host`, `Delivered ${X} mx1.remote.test`])
    const [mail] = mx.mails
    expect(mail?.reversePath).toMatch(/^SRS0=[a-z2-7]{8}=[A-Z2-7]{2}=outside\.example=cara@one\.test$/)
    expect(mail?.recipients).toEqual([X])
    expect(mail?.content.toString()).toMatch(
      new RegExp(`^Received: from [^]*\\(Mailkeep\\) with ESMTP id ${id}\\s+for <${ANN}>;[^]*\r\nX-First: 1\r\n`),
    )
    expect(mail?.content.toString().endsWith(TEXT)).toBe(true)
    expect(await returnAddressesOf(here).whose(mail!.reversePath!)).toEqual({ is: 'address', address: CARA })
    expect(delivered).toEqual([ANN])
  })

  it('leaves nothing in the mailbox where no copy is kept, and has its outcome with the last address', async () => {
    await world()
    const id = await came([forwarding(ANN, 'instead', X, Y)])
    await comesTo(id, [
      `Forwarded ${ANN}`,
      `Delivered ${X} mx1.remote.test`,
      `Delivered ${Y} mx1.remote.test`,
      `Delivered ${ANN} forwarding`,
    ])
    expect(delivered).toEqual([])
  })

  it('keeps its empty reverse-path, and that of a sender here', async () => {
    const mx = await world()
    await came([forwarding(ANN, 'copy', X)], { reversePath: null })
    await came([forwarding(ANN, 'copy', X)], { reversePath: UMA })
    await expect.poll(() => mx.mails.map(({ reversePath }) => reversePath).toSorted(), PATIENCE).toEqual([null, UMA])
  })

  it('goes out under the domain of each who forwards it', async () => {
    const mx = await world()
    const id = await came([forwarding(ANN, 'copy', X), forwarding(UMA, 'copy', Y)])
    await expect.poll(() => mx.mails.length, PATIENCE).toBe(2)
    expect(Object.fromEntries(mx.mails.map(({ reversePath, recipients }) => [recipients, reversePath]))).toMatchObject({
      [X]: expect.stringMatching(/@one\.test$/),
      [Y]: expect.stringMatching(/@two\.test$/),
    })
    expect((await events(id)).filter(({ type }) => type === 'Forwarded')).toHaveLength(2)
  })

  it('is delivered to the mailbox after all when it is refused there, and nobody is told', async () => {
    const mx = await scriptedServer([
      '<- 220 mx\n-> EHLO\n<- 250 mx\n-> MAIL FROM:<SRS0=\n<- 250 ok\n-> RCPT\n<- 550 5.1.1 nobody\n.. again',
    ])
    await startAt(mx.port)
    const id = await came([forwarding(ANN, 'instead', X)])
    await comesTo(id, [`Forwarded ${ANN}`, `Bounced ${X}`, `ForwardingFailed ${ANN}`, `Delivered ${ANN} host`])
    expect(delivered).toEqual([ANN])
    const own = await here.api.parts.events.readAll(null, { types: ['Accepted'] }, 1_000)
    expect(own.events.filter(({ data }) => (data as { flow: string }).flow === 'system')).toEqual([])
  })
})

describe('it stays in the mailbox, with the reason,', () => {
  it('where policy lets none go outside', async () => {
    await policy({ outside: 'allow', domains: { 'one.test': 'refuse' } })
    const id = await came([forwarding(ANN, 'instead', X)])
    const why = 'policy lets no mail of one.test be forwarded outside'
    await comesTo(id, [`NotForwarded ${ANN}: ${why}`, `Delivered ${ANN} host`])
    expect(delivered).toEqual([ANN])
  })

  it('of an account that is suspended', async () => {
    const change = (command: object) =>
      here.api.parts.commands.account(BEN, { ...command, asker: { kind: 'system' } } as never, here.api.asked())
    await change({ kind: 'suspend', reason: 'spec', now: here.api.clock.now })
    const id = await came([forwarding(BEN, 'instead', X)])
    await comesTo(id, [`NotForwarded ${BEN}: ${BEN} is suspended`, `Delivered ${BEN} host`])
    await change({ kind: 'reinstate', held: 'release' })
    expect(delivered).toEqual([BEN])
  })

  it('when it has forwarded as many in a day as it may', async () => {
    await world()
    await policy({ mailsPerDay: 2 })
    for (let mail = 0; mail < 2; mail++) {
      const id = await came([forwarding('flood@one.test', 'copy', X)])
      await expect.poll(() => outcomes(id), PATIENCE).toHaveLength(3)
      await here.api.settled()
    }
    const over = await came([forwarding('flood@one.test', 'copy', X)])
    const why = 'flood@one.test has forwarded as many mails as it may in a day (2)'
    await comesTo(over, [`NotForwarded flood@one.test: ${why}`, 'Delivered flood@one.test host'])
    here.api.clock.now += 25 * 60 * 60_000
    const next = await came([forwarding('flood@one.test', 'copy', X)])
    await expect.poll(() => outcomes(next), PATIENCE).toContain(`Delivered ${X} mx1.remote.test`)
  })

  it('when it came round: what is sent back from outside is not sent there again', async () => {
    const mx = await world()
    await came([forwarding(ANN, 'copy', X)])
    await expect.poll(() => mx.mails.length, PATIENCE).toBe(1)
    const back = await came([forwarding(ANN, 'copy', X)], { text: mx.mails[0]!.content.toString() })
    const why = 'it came round in a circle: it was forwarded from here before'
    await comesTo(back, [`NotForwarded ${ANN}: ${why}`, `Delivered ${ANN} host`])
    // Somebody else may have it, and a line that nobody here wrote is no reason.
    const other = await came([forwarding(BEN, 'copy', X)], { text: mx.mails[0]!.content.toString() })
    await expect.poll(() => outcomes(other), PATIENCE).toContain(`Delivered ${X} mx1.remote.test`)
    const forged = `Received: from x by mx.one.test (Mailkeep) with ESMTP id 01JNAZZZZZZZZZZZZZZZZZZZZZ; now\r\n${TEXT}`
    const made = await came([forwarding(ANN, 'copy', X)], { text: forged })
    await expect.poll(() => outcomes(made), PATIENCE).toContain(`Delivered ${X} mx1.remote.test`)
  })

  it('with a virus that an administrator released', async () => {
    const release = requestRelease(ANN, { privileged: true, reason: 'a false alarm' })
    const id = await here.api.mail([forwarding(ANN, 'instead', X)], {}, recordScan(infected), release)
    await comesTo(id, [`NotForwarded ${ANN}: it was released with a virus in it`, `Delivered ${ANN} host`])
    expect(delivered).toEqual([ANN])
  })
})

describe('a group with members outside', () => {
  it('sends its mail on to them, under its own domain', async () => {
    const mx = await world()
    const id = await came([plain(BEN), forwarding(TEAM, 'group', X, Y)])
    await comesTo(id, [
      `Delivered ${BEN} host`,
      `Forwarded ${TEAM}`,
      `Delivered ${TEAM} forwarding`,
      `Delivered ${X} mx1.remote.test`,
      `Delivered ${Y} mx1.remote.test`,
    ])
    expect(mx.mails).toMatchObject([{ reversePath: expect.stringMatching(/^SRS0=.*@one\.test$/), recipients: [X, Y] }])
    expect(delivered).toEqual([BEN])
  })

  it('keeps for an administrator what may not go on: it has no mailbox', async () => {
    await policy({ outside: 'refuse' })
    const id = await came([forwarding(TEAM, 'group', X)])
    await comesTo(id, [`Undeliverable ${TEAM}`])
    await policy({})
    const mx = await world()
    await here.api.mailCommand(id, { kind: 'retry-now', recipient: TEAM, by: 'spec', now: here.api.clock.now })
    await comesTo(id, [
      `Undeliverable ${TEAM}`,
      `Forwarded ${TEAM}`,
      `Delivered ${TEAM} forwarding`,
      `Delivered ${X} mx1.remote.test`,
    ])
    expect(mx.mails).toHaveLength(1)
    expect(delivered).toEqual([])
  })
})

it('a bounce goes back to the sender as a bounce; that it can not be passed on is the end of it', async () => {
  const mx = await world()
  const address = await returnAddressesOf(here).rewrite('01JNA000000000000000000001', X, 'one.test')
  const recipient = { ...forwarding(address.toLowerCase(), 'return', X), address }
  const id = await came([recipient], { reversePath: null })
  await expect.poll(() => mx.mails.length, PATIENCE).toBe(1)
  expect(mx.mails).toMatchObject([{ reversePath: null, recipients: [X] }])
  await expect.poll(() => outcomes(id), PATIENCE).toContain(`Delivered ${X} mx1.remote.test`)
  const lost = await came([{ ...recipient, forward: { to: ['x@nowhere.test'], as: 'return' } }], { reversePath: null })
  await expect.poll(() => outcomes(lost), PATIENCE).toContain('Bounced x@nowhere.test')
  expect(delivered).toEqual([])
})

it('what ann sends ben, who forwards it, goes out from her address, and of what becomes of that she hears nothing', async () => {
  const mx = await scriptedServer([
    `<- 220 mx\n-> EHLO\n<- 250 mx\n-> MAIL FROM:<${ANN}>\n<- 250 ok\n-> RCPT\n<- 550 5.1.1 nobody\n.. again`,
  ])
  await startAt(mx.port)
  const { hash, size } = await here.api.parts.content.put(Buffer.from(TEXT))
  const content = { flow: 'submission', account: ANN, reversePath: ANN, contentHash: hash, size } as const
  const id = await here.api.mail([forwarding(BEN, 'copy', X)], content, {
    kind: 'record-scan',
    report: { outcome: 'clean', scanner },
    now: here.api.clock.now,
    expiresAt: here.api.clock.now,
  })
  await comesTo(id, [`Forwarded ${BEN}`, `Delivered ${BEN} host`, `Bounced ${X}`])
  await here.api.settled()
  expect(delivered).toEqual([BEN])
})
