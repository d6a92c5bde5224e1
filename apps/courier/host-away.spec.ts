import { pino } from 'pino'
import { afterEach, expect, it, vi } from 'vitest'
import { DAY } from '#domain/kernel/instant'
import type { MailCommand } from '#domain/mail/commands'
import { RoutedHosts } from '#infra/mailbox-host/hosts'
import { SmtpPool } from '#infra/smtp/client/pool'
import { installation } from '#test/dsl/api-installation'
import { clean, judge, recordScan } from '#test/dsl/mail'
import { scriptedServer } from '#test/dsl/smtp/scripted-server'
import { Courier } from './courier.ts'
import { dueDeliveries } from './due-deliveries.ts'
import { RecordingQueue } from './recording-queue.ts'

const here = installation()
const running: { stop(): Promise<void> }[] = []
afterEach(async () => {
  for (const one of running.splice(0)) await one.stop()
})

/** 10,000 with MAILKEEP_TEST_FULL=1. */
const MAILS = process.env['MAILKEEP_TEST_FULL'] === '1' ? 10_000 : 100
const PATIENCE = MAILS * 60
const gone = '<- 421 4.3.2 away'
const back = String.raw`
  <- 220 back LMTP
  -> LHLO
  <- 250-back\n250 PIPELINING
  .. here
  -> MAIL
  <- 250 ok
  -> RCPT
  <- 250 ok
  -> DATA
  <- 354 go on
  .. message
  <- 250 2.0.0 saved
  .. again`

const start = async (): Promise<void> => {
  const { parts, clock } = here.api
  const logger = pino({ level: 'silent' })
  const transport = new SmtpPool({ name: 'mx.test' })
  const maildir = { name: 'maildir', deliver: () => Promise.reject(new Error('no Maildir here')) }
  const courier = new Courier({
    ...parts,
    log: parts.events,
    domains: parts.hostedDomains,
    hosts: new RoutedHosts({ maildir, transport }),
    passwordOf: () => null,
    reportAddresses: () => [],
    due: (now, limit, domains, claimant) => dueDeliveries(parts.views, now, limit, domains, claimant),
    node: 'spec',
    clock: () => clock.now,
    logger,
    records: new RecordingQueue({ commands: parts.commands, clock: () => clock.now, logger }),
    metrics: { delivered: () => {} },
  })
  await courier.start()
  running.push({ stop: () => courier.stop() }, { stop: () => transport.close() })
}

const cleared = async (): Promise<string> => {
  const { now } = here.api.clock
  return here.api.mail([{ address: 'ann@one.test', mailbox: 'ann@one.test' }], {}, recordScan(clean, now), {
    ...judge({ recipient: 'ann@one.test', verdict: 'exempt' }),
    now,
  } as MailCommand)
}

const rows = () =>
  here.api.parts.views.select<{ state: string; cause: string; attempt: number; dueAt: number }>(
    'delivery-queue',
    'SELECT * FROM {entries}',
  )

it('a backlog for a host that is away costs one event each and hardly a connection, and drains at once when the host is back', async () => {
  const server = await scriptedServer([gone])
  const changes = { mailboxHost: `lmtp://127.0.0.1:${server.port}?tls=off` }
  await here.api.parts.commands.hostedDomain('one.test', { kind: 'change-domain', changes }, here.api.asked())
  await start()
  for (let count = 0; count < MAILS; count++) await cleared()
  await vi.waitFor(async () => {
    await here.api.settled()
    expect(rows().filter(({ cause }) => cause === 'host-away')).toHaveLength(MAILS)
  }, 30_000 + PATIENCE)
  expect(rows().every(({ attempt, dueAt }) => attempt === 1 && dueAt > here.api.clock.now + 4 * DAY)).toBe(true)
  expect(server.connections).toBeLessThan(40)

  server.play(back)
  await vi.waitFor(() => expect(server.messages).toHaveLength(MAILS), 40_000 + PATIENCE)
  await vi.waitFor(async () => {
    await here.api.settled()
    expect(rows()).toEqual([])
  }, 20_000 + PATIENCE)
  const [first] = server.messages
  expect(first?.content).toMatch(/^Received: /)
  expect(first?.content).not.toMatch(/^Return-Path/m)
  expect(first?.content).toMatch(/^X-Spam-Status: No/m)
})
