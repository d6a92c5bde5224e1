import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterEach, expect, it, vi } from 'vitest'
import { DAY, HOUR, MINUTE } from '#domain/kernel/instant'
import type { MailCommand } from '#domain/mail/commands'
import type { MailEvent } from '#domain/mail/events'
import { mailStream } from '#domain/mail/events'
import type { Reply } from '#domain/message/reply'
import type { Commands } from '#infra/commands/commands'
import { LogUnavailable } from '#infra/event-log/port'
import { MaildirHost } from '#infra/mailbox-host/maildir'
import type { MailboxHost, MailboxHosts } from '#infra/mailbox-host/port'
import { installation } from '#test/dsl/api-installation'
import { clean, judge, recordScan } from '#test/dsl/mail'
import { temporaryFolder } from '#test/dsl/temporary'
import { Courier, type CourierParts } from './courier.ts'
import { dueDeliveries } from './due-deliveries.ts'
import { RecordingQueue } from './recording-queue.ts'

const here = installation()
const running: Courier[] = []
afterEach(async () => {
  for (const courier of running.splice(0)) await courier.stop()
})

const ANN = 'ann@one.test'
const BEN = 'ben@one.test'
const later: Reply = { code: 451, enhancedCode: '4.3.0', text: 'Come again' }
const never: Reply = { code: 550, enhancedCode: '5.2.1', text: 'Closed' }

/** A mailbox host that answers what the spec says, then takes everything. */
const answering = (...replies: Reply[]): MailboxHost & { readonly asked: string[] } => {
  const asked: string[] = []
  return {
    name: 'scripted',
    asked,
    deliver: async ({ mailbox, open }) => {
      for await (const chunk of open({ addsReturnPath: false }))
        if (chunk.length === 0) throw new Error('an empty chunk')
      asked.push(mailbox)
      const reply = replies.shift() ?? { code: 250, enhancedCode: '2.0.0', text: 'Taken' }
      return { reply, host: 'scripted', away: false, uncertain: false }
    },
  }
}

/** One host for all domains, always up. */
const all = (host: MailboxHost): MailboxHosts => ({
  state: () => 'up',
  deliver: async (_route, delivery) => ({ ...(await host.deliver(delivery)), attempted: true }),
})

const start = async (
  host: MailboxHost,
  commands: Pick<Commands, 'mail'> = here.api.parts.commands,
): Promise<{ counted: string[] }> => {
  const { parts, clock } = here.api
  const logger = pino({ level: 'silent' })
  const counted: string[] = []
  const courier = new Courier({
    ...parts,
    log: parts.events,
    domains: parts.hostedDomains,
    hosts: all(host),
    passwordOf: () => null,
    reportAddresses: (address) => (address.endsWith('@one.test') ? [{ mailbox: address, route: 'mailbox' }] : []),
    due: (now, limit, domains, claimant) => dueDeliveries(parts.views, now, limit, domains, claimant),
    node: 'spec',
    clock: () => clock.now,
    logger,
    records: new RecordingQueue({ commands, clock: () => clock.now, logger }),
    metrics: { delivered: (_host, outcome) => counted.push(outcome) },
  } satisfies CourierParts)
  await courier.start()
  running.push(courier)
  return { counted }
}

/** A mail that inspection cleared for all, now. */
const cleared = (...mailboxes: string[]): Promise<string> => {
  const { now } = here.api.clock
  const verdicts = mailboxes.map((recipient) => ({ recipient, verdict: 'exempt' }) as const)
  return here.api.mail(
    mailboxes.map((mailbox) => ({ address: mailbox, mailbox })),
    {},
    recordScan(clean, now),
    { ...judge(...verdicts), now } as MailCommand,
  )
}

const told = async (id: string): Promise<MailEvent[]> =>
  (await here.api.parts.events.readStream(mailStream(id))) as unknown as MailEvent[]
const comesTo = (id: string, expected: readonly string[]) =>
  vi.waitFor(
    async () =>
      expect(
        (await told(id))
          .map(({ type }) => type)
          .filter((type) => /Delivered|Deferred|Bounced|Undeliverable|Expired|held$/i.test(type)),
      ).toEqual(expected),
    15_000,
  )

it('tries again when the time has come that an event named, until it is delivered', async () => {
  const host = answering(later, later)
  const { counted } = await start(host)
  const id = await cleared(ANN)
  await comesTo(id, ['Deferred'])
  const [deferred] = (await told(id)).filter((event) => event.type === 'Deferred')
  expect(deferred?.data).toMatchObject({ attempt: 1, reply: later, dueAt: here.api.clock.now + MINUTE })

  here.api.clock.now += MINUTE - 1_000
  await here.api.settled()
  expect(host.asked).toHaveLength(1)
  here.api.clock.now += 1_000
  await comesTo(id, ['Deferred', 'Deferred'])
  here.api.clock.now += HOUR
  await comesTo(id, ['Deferred', 'Deferred', 'Delivered'])
  expect(counted).toEqual(['deferred', 'deferred', 'delivered'])
})

it('hands over once what it could not record for a while, to a host that would not know it again', async () => {
  const { commands } = here.api.parts
  const host = answering()
  let isFull = true
  let tries = 0
  await start(host, {
    mail: (...asked) => {
      tries += 1
      return isFull ? Promise.reject(new LogUnavailable('disk-full', 'no room')) : commands.mail(...asked)
    },
  })
  const id = await cleared(ANN)
  await expect.poll(() => tries, { timeout: 15_000 }).toBeGreaterThan(2)
  isFull = false
  await comesTo(id, ['Delivered'])
  expect(host.asked).toEqual([ANN])
})

it('keeps it for one recipient, where nobody may be told, and delivers to the other', async () => {
  const { counted } = await start(answering(never))
  const id = await cleared(ANN, BEN)
  await comesTo(id, ['Undeliverable', 'Delivered'])
  expect((await told(id)).find(({ type }) => type === 'Undeliverable')?.data).toMatchObject({
    recipient: ANN,
    reply: never,
  })
  await vi.waitFor(() => expect(counted).toEqual(['failed', 'delivered']))
  await here.api.mailCommand(id, {
    kind: 'redirect',
    recipient: ANN,
    to: BEN,
    by: 'root@one.test',
    now: here.api.clock.now,
  })
  await comesTo(id, ['Undeliverable', 'Delivered', 'Delivered'])
})

it('bounces what its sender, one of ours, may be told of', async () => {
  await start(answering(never))
  const id = await here.api.mail(
    [{ address: ANN, mailbox: ANN }],
    { flow: 'submission', reversePath: BEN },
    recordScan(clean, here.api.clock.now),
  )
  await comesTo(id, ['Bounced'])
  const [accepted] = (await vi.waitFor(async () => {
    const { events } = await here.api.parts.events.readAll(null, { types: ['Accepted'] }, 1_000)
    const reports = events.filter((event) => (event.data as { subject: string }).subject === 'Not delivered: Hello')
    expect(reports).toHaveLength(1)
    return reports
  }, 15_000)) as unknown as Extract<MailEvent, { type: 'Accepted' }>[]
  expect(accepted?.data).toMatchObject({ flow: 'system', reversePath: null, recipients: [{ mailbox: BEN }] })
  const parts: Uint8Array[] = []
  for await (const chunk of here.api.parts.content.open(accepted!.data.contentHash)) parts.push(chunk)
  const text = Buffer.concat(parts).toString('utf8')
  expect(text).toMatch(/^Content-Type: multipart\/report; report-type=delivery-status;/m)
  expect(text).toMatch(/^Final-Recipient: rfc822; ann@one\.test\r\nAction: failed\r\nStatus: 5\.2\.1\r\n/m)
  expect(text).toMatch(/^Diagnostic-Code: smtp; 550 5\.2\.1 Closed\r\n/m)
  expect(text).toMatch(/^From: Sender <sender@example\.net>\r\n/m)
})

it('gives up when the time in the queue is over', async () => {
  const host = answering(...Array.from({ length: 50 }, () => later))
  await start(host)
  const id = await cleared(ANN)
  await comesTo(id, ['Deferred'])
  here.api.clock.now += 5 * DAY
  await comesTo(id, ['Deferred', 'Undeliverable'])
  expect(host.asked).toEqual([ANN, ANN])
})

it('attempts nothing while an administrator holds it', async () => {
  const host = answering(later)
  await start(host)
  const id = await cleared(ANN)
  await comesTo(id, ['Deferred'])
  await here.api.mailCommand(id, { kind: 'hold', recipient: ANN, by: 'root@one.test' })
  await here.api.settled()
  here.api.clock.now += DAY
  await cleared(BEN).then((other) => comesTo(other, ['Delivered']))
  expect(host.asked).toEqual([ANN, BEN])
  await here.api.mailCommand(id, { kind: 'unhold', recipient: ANN, by: 'root@one.test' })
  await comesTo(id, ['Deferred', 'DeliveryHeld', 'DeliveryUnheld', 'Delivered'])
})

it('finds what an earlier life delivered and could not record: there is one copy', async () => {
  const root = await temporaryFolder()
  const maildir = new MaildirHost(root)
  // The copy is in place, and the process dies before it can say so.
  const dying: MailboxHost = {
    name: 'maildir',
    deliver: async (delivery) => {
      await maildir.deliver(delivery)
      throw new Error('the process died')
    },
  }
  await start(dying)
  const id = await cleared(ANN)
  const folder = join(root, 'one.test', 'ann', 'new')
  await vi.waitFor(async () => expect(await readdir(folder)).toHaveLength(1), 15_000)
  for (const courier of running.splice(0)) await courier.stop()

  here.api.clock.now += 1_000
  await start(maildir)
  await comesTo(id, ['Delivered'])
  const [name, ...others] = await readdir(folder)
  expect(others).toEqual([])
  const copy = await readFile(join(folder, name!), 'utf8')
  expect(copy).toContain(`id ${id}`)
  expect((await told(id)).find(({ type }) => type === 'Delivered')?.data).toMatchObject({
    reply: { text: expect.stringContaining('was there already') },
  })
})
