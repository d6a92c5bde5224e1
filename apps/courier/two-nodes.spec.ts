import { setTimeout as sleep } from 'node:timers/promises'
import { NestFactory } from '@nestjs/core'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { eventTypes } from '#domain/event-types'
import { MINUTE } from '#domain/kernel/instant'
import { mailStream, type MailEvent } from '#domain/mail/events'
import { Commands } from '#infra/commands/commands'
import { CommandsModule } from '#infra/commands/commands.module'
import { HostedDomains } from '#infra/commands/hosted-domains'
import { Policies } from '#infra/commands/policies'
import { StreamStates } from '#infra/commands/stream-states'
import { openFsContentStore } from '#infra/content-store/fs/store'
import type { ContentStore } from '#infra/content-store/port'
import { createCodec } from '#infra/event-log/codec'
import { openEventStoreLog } from '#infra/event-log/eventstore/open'
import type { MailboxHosts } from '#infra/mailbox-host/port'
import { startEventStore } from '#test/dsl/eventstore-double/start'
import * as a from '#test/dsl/mail'
import { temporaryFolder } from '#test/dsl/temporary'
import { Courier } from './courier.ts'

const { ANN } = a
const ID = '01JNA000000000000000000001'
const ends: (() => Promise<unknown>)[] = []
const here: { url?: string; content?: ContentStore } = {}

beforeEach(async () => {
  const double = await startEventStore()
  ends.push(() => double.close())
  here.url = double.connectionString
  const content = await openFsContentStore({ path: await temporaryFolder(), onProblem: () => {} })
  ends.push(() => content.close())
  here.content = content
})
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

/** One node's view of a host that both share: who is at work on it, and how often. */
const slowHost = (milliseconds: number) => {
  const seen = { atOnce: 0, most: 0, deliveries: [] as string[] }
  const hosts = (node: string): MailboxHosts => ({
    state: () => 'up',
    deliver: async () => {
      seen.atOnce += 1
      seen.most = Math.max(seen.most, seen.atOnce)
      seen.deliveries.push(node)
      await sleep(milliseconds)
      seen.atOnce -= 1
      return { reply: a.ok, host: 'lmtp://slow.test:24', away: false, uncertain: false, attempted: true }
    },
  })
  return { seen, hosts }
}

interface Node {
  readonly commands: Commands
  readonly log: Awaited<ReturnType<typeof openEventStoreLog>>
}

/** A node whose view always says that the mail is due: what is late in a view must do no harm. */
const startNode = async (
  node: string,
  hosts: MailboxHosts,
  { clock = Date.now, lease, run = true }: { clock?: () => number; lease: number; run?: boolean },
): Promise<Node> => {
  const log = await openEventStoreLog({ connectionString: here.url ?? '', codec: createCodec(eventTypes) })
  ends.push(() => log.close())
  const context = await NestFactory.createApplicationContext(CommandsModule.over(log), { logger: false })
  ends.push(() => context.close())
  const commands = context.get(Commands)
  const domains = new HostedDomains(log)
  const courier = new Courier({
    log,
    commands,
    states: context.get(StreamStates),
    content: here.content!,
    policies: new Policies(log),
    domains,
    hosts,
    passwordOf: () => null,
    reportAddress: () => null,
    views: { select: () => [] },
    due: () => [ID],
    node,
    lease,
    clock,
    logger: pino({ level: 'silent' }),
    metrics: { delivered: () => {} },
  })
  if (run) {
    await courier.start()
    ends.push(() => courier.stop())
  }
  return { log, commands }
}

const asked = (id: string) => ({
  actor: { kind: 'system', part: 'spec' } as const,
  now: a.AT,
  commandId: id,
  correlationId: ID,
})

const cleared = async ({ commands }: Node): Promise<void> => {
  const { hash, size } = await here.content!.put(Buffer.from('From: a@b.test\r\n\r\nHello\r\n'))
  await commands.hostedDomain(
    'example.org',
    { kind: 'add-domain', name: 'example.org', settings: { mailboxHost: 'lmtp://slow.test:24' } },
    asked('domain'),
  )
  const accept = { ...a.accept(a.recipients(ANN), 'submission', { contentHash: hash, size }), scanner: a.scanner }
  await commands.mail(ID, accept, asked('accept'))
}

const told = async ({ log }: Node): Promise<readonly MailEvent[]> =>
  (await log.readStream(mailStream(ID))) as unknown as readonly MailEvent[]

it(
  'lets one of two nodes deliver what both have been told of, however long it takes',
  { timeout: 60_000 },
  async () => {
    const { seen, hosts } = slowHost(2_500)
    const one = await startNode('one', hosts('one'), { lease: 900 })
    await startNode('two', hosts('two'), { lease: 900 })
    await cleared(one)
    await vi.waitFor(async () => expect((await told(one)).map(({ type }) => type)).toContain('Delivered'), 30_000)
    const types = (await told(one)).map(({ type }) => type)
    expect(seen).toMatchObject({ most: 1, deliveries: [expect.any(String)] })
    // The claim was renewed while the host took its time.
    expect(types.filter((type) => type === 'DeliveryClaimed').length).toBeGreaterThan(1)
    expect(types.filter((type) => type === 'Delivered')).toHaveLength(1)
  },
)

it('takes over from a node that died with its claim when the lease ends, not before', { timeout: 60_000 }, async () => {
  const clock = { now: a.AT + MINUTE }
  const { seen, hosts } = slowHost(10)
  const dead = await startNode('dead', hosts('dead'), { lease: 5 * MINUTE, run: false })
  await cleared(dead)
  const claim = { recipients: [ANN], node: 'dead', now: a.AT + MINUTE, leaseUntil: a.AT + 6 * MINUTE }
  await dead.commands.mail(ID, { kind: 'claim-delivery', ...claim }, asked('claim'))
  const alive = await startNode('alive', hosts('alive'), { lease: 5 * MINUTE, clock: () => clock.now })
  clock.now = a.AT + 6 * MINUTE - 1
  await sleep(1_500)
  expect(seen.deliveries).toEqual([])
  clock.now = a.AT + 6 * MINUTE
  await vi.waitFor(async () => expect((await told(alive)).map(({ type }) => type)).toContain('Delivered'), 30_000)
  expect(seen.deliveries).toEqual(['alive'])
})
