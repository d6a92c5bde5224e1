import { pino } from 'pino'
import { afterEach, expect, it, vi } from 'vitest'
import { DAY, HOUR } from '#domain/kernel/instant'
import type { MailEvent, Recipient } from '#domain/mail/events'
import { mailStream } from '#domain/mail/events'
import type { Reply } from '#domain/message/reply'
import type { MailboxHosts } from '#infra/mailbox-host/port'
import { installation } from '#test/dsl/api-installation'
import { clean, recordScan } from '#test/dsl/mail'
import { Courier, type CourierParts } from '../courier.ts'
import { dueDeliveries } from '../due-deliveries.ts'
import { RecordingQueue } from '../recording-queue.ts'

const here = installation()
const running: Courier[] = []
afterEach(async () => {
  for (const courier of running.splice(0)) await courier.stop()
})

const ANN = 'ann@one.test'
const BEN = 'ben@one.test'
const later: Reply = { code: 451, enhancedCode: '4.3.0', text: 'Come again' }
const never: Reply = { code: 550, enhancedCode: '5.1.1', text: 'Nobody' }
const taken: Reply = { code: 250, enhancedCode: '2.0.0', text: 'Taken' }

const start = async (reply: Reply): Promise<void> => {
  const { parts, clock } = here.api
  const logger = pino({ level: 'silent' })
  // Reports are for ben, who takes everything.
  const hosts: MailboxHosts = {
    state: () => 'up',
    deliver: async (_route, { mailbox }) => ({
      reply: mailbox === BEN ? taken : reply,
      host: 'scripted',
      away: false,
      uncertain: false,
      attempted: true,
    }),
  }
  const courier = new Courier({
    ...parts,
    log: parts.events,
    domains: parts.hostedDomains,
    hosts,
    passwordOf: () => null,
    reportAddresses: (mailbox) => [{ mailbox, route: mailbox.endsWith('@one.test') ? 'mailbox' : 'relay' }],
    due: (now, limit, domains, claimant) => dueDeliveries(parts.views, now, limit, domains, claimant),
    node: 'spec',
    clock: () => clock.now,
    logger,
    records: new RecordingQueue({ commands: parts.commands, clock: () => clock.now, logger }),
    metrics: { delivered: () => {} },
  } satisfies CourierParts)
  await courier.start()
  running.push(courier)
}

type Notification = NonNullable<Recipient['notification']>

const submit = async (
  notification: Notification | undefined,
  { header = '', ...changes }: { header?: string; reversePath?: string | null; dsn?: object } = {},
): Promise<string> => {
  const raw = `${header}From: Ben <${BEN}>\r\nTo: ${ANN}\r\nSubject: Hello\r\n\r\nThe words\r\n`
  const { hash, size } = await here.api.parts.content.put(Buffer.from(raw))
  const recipient = { address: ANN, mailbox: ANN, route: 'mailbox' as const }
  return here.api.mail(
    [recipient],
    {
      flow: 'submission',
      reversePath: BEN,
      contentHash: hash,
      size,
      recipients: [{ ...recipient, ...(notification === undefined ? {} : { notification }) }],
      ...changes,
    } as Parameters<typeof here.api.mail>[1],
    recordScan(clean, here.api.clock.now),
  )
}

const told = async (id: string): Promise<readonly string[]> =>
  ((await here.api.parts.events.readStream(mailStream(id))) as unknown as MailEvent[]).map(({ type }) => type)

const reports = async (about: string) => {
  const { events } = await here.api.parts.events.readAll(null, { types: ['Accepted'] }, 1_000)
  const accepted = events as unknown as Extract<MailEvent, { type: 'Accepted' }>[]
  const all = await Promise.all(
    accepted
      .filter(({ data }) => data.flow === 'system' && data.headerFrom?.name === 'Mail Delivery')
      .map(async ({ data }) => {
        const parts: Uint8Array[] = []
        for await (const chunk of here.api.parts.content.open(data.contentHash)) parts.push(chunk)
        const text = Buffer.concat(parts).toString('utf8')
        return { ...data, text, words: text.replaceAll('=\r\n', '') }
      }),
  )
  return all.filter(({ text }) => text.includes(`report-${about}`))
}
const oneReport = async (about: string) => {
  await vi.waitFor(async () => expect(await reports(about)).toHaveLength(1), 15_000)
  return (await reports(about))[0]!
}
const comesTo = (id: string, type: string) => vi.waitFor(async () => expect(await told(id)).toContain(type), 15_000)

it('warns once when a mail is late, and says how long it is tried', async () => {
  await start(later)
  const id = await submit(undefined)
  await comesTo(id, 'Deferred')
  await here.api.settled()
  here.api.clock.now += 4 * HOUR
  const { subject, text, words, reversePath } = await oneReport(id)
  expect({ subject, reversePath }).toEqual({ subject: 'Delayed: Hello', reversePath: null })
  expect(text).toMatch(/^Action: delayed\r\nStatus: 4\.3\.0\r\n/m)
  expect(text).toMatch(/^Will-Retry-Until: .+ \+0000\r$/m)
  expect(words).toContain('has not been delivered to ann@one.test yet')
  here.api.clock.now += HOUR
  await vi.waitFor(async () => expect((await told(id)).filter((type) => type === 'Deferred')).toHaveLength(2), 15_000)
  expect((await told(id)).filter((type) => type === 'DelayReported')).toHaveLength(1)
  expect(await reports(id)).toHaveLength(1)
})

it('tells who asked that it was delivered, by the names they gave it', async () => {
  await start(taken)
  const id = await submit(
    { notify: ['SUCCESS'], orcpt: 'rfc822;first+2Blast@one.test' },
    { dsn: { ret: 'HDRS', envid: 'a+2Bb+3D1' } },
  )
  const { subject, text } = await oneReport(id)
  expect(subject).toBe('Delivered: Hello')
  expect(text).toMatch(/^Original-Envelope-Id: a\+b=1\r$/m)
  expect(text).toMatch(/^Original-Recipient: rfc822; first\+last@one\.test\r$/m)
  expect(text).toMatch(/^Action: delivered\r\nStatus: 2\.0\.0\r\n/m)
})

it('gives the whole mail back to who wants it back, else its header', async () => {
  await start(never)
  const id = await submit(undefined, { dsn: { ret: 'FULL', envid: null } })
  const { text, words } = await oneReport(id)
  expect(text).toMatch(/^Content-Type: message\/rfc822\r$/m)
  expect(text).toContain('The words')
  expect(words).toContain('There is no mailbox of that name.')
})

it('says nothing of failures to who does not want to hear of them', async () => {
  await start(never)
  const id = await submit({ notify: ['NEVER'], orcpt: null })
  await comesTo(id, 'Bounced')
  const other = await submit(undefined)
  await comesTo(other, 'Bounced')
  const { text } = await oneReport(other)
  expect(await reports(id)).toEqual([])
  expect(text).not.toContain('The words')
  expect(text).toMatch(/^Content-Type: text\/rfc822-headers/m)
})

it.each([
  ['a machine wrote it', { header: 'Auto-Submitted: auto-replied\r\n' }],
  ['it is a bounce itself', { reversePath: null }],
  ['it is from a robot', { reversePath: 'owner-list@one.test' }],
])('tells nobody where %s, and keeps it for the administrator', async (_, how) => {
  await start(never)
  const id = await submit(undefined, how)
  await comesTo(id, 'Undeliverable')
  here.api.clock.now += DAY
  await here.api.settled()
  expect(await reports(id)).toEqual([])
})
