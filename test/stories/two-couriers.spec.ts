import { setTimeout as sleep } from 'node:timers/promises'
import { pino } from 'pino'
import { expect, it, onTestFinished, vi } from 'vitest'
import { isDeclined } from '#domain/kernel/decider'
import { DAY } from '#domain/kernel/instant'
import type { MailCommand } from '#domain/mail/commands'
import { mailStream, type MailEvent } from '#domain/mail/events'
import { Courier } from '#apps/courier/courier'
import { dueDeliveries } from '#apps/courier/due-deliveries'
import { RecordingQueue } from '#apps/courier/recording-queue'
import { openFoundation, type Foundation } from '#apps/mailkeep/foundation'
import { loadConfig } from '#infra/config/load'
import type { MailboxDelivery, MailboxHosts } from '#infra/mailbox-host/port'
import type { EventStoreDouble } from '#test/dsl/eventstore-double/server'
import { startEventStore } from '#test/dsl/eventstore-double/start'
import { accept, clean, judge, recipients, recordScan } from '#test/dsl/mail'
import { eventStoreSettings } from '#test/dsl/mailkeep'
import { temporaryFolder } from '#test/dsl/temporary'

const ANN = 'ann@one.test'
const LEASE_MS = 6_000
/** The group's: a delivery that isn't answered by then is another consumer's too. */
const TIMEOUT_MS = 500
const silent = pino({ level: 'silent' })

const openNode = async (name: string, server: EventStoreDouble): Promise<Foundation> => {
  const data = await temporaryFolder()
  const loaded = loadConfig({
    cwd: data,
    env: {
      MAILKEEP_DATA: data,
      MAILKEEP_HOSTNAME: 'mx.one.test',
      MAILKEEP_NODE_NAME: name,
      MAILKEEP_EVENTSTORE_MESSAGETIMEOUT: '1',
      ...eventStoreSettings(server),
    },
  })
  if (!('ok' in loaded)) throw new Error(JSON.stringify(loaded.problems))
  const foundation = await openFoundation({ config: loaded.ok, logger: silent })
  onTestFinished(() => foundation.close())
  return foundation
}

type Hand = (delivery: MailboxDelivery) => Promise<void>

/** A node's courier; `hand` is what its host does with a mail before it takes it. Contents are the first node's: the nodes share them. */
const startCourier = async (node: Foundation, contents: Foundation, hand: Hand, lease = LEASE_MS): Promise<Courier> => {
  const hosts: MailboxHosts = {
    state: () => 'up',
    deliver: async (_route, delivery) => {
      await hand(delivery)
      const reply = { code: 250, enhancedCode: '2.0.0', text: 'Taken' }
      return { reply, host: node.config.node.name, away: false, uncertain: false, attempted: true }
    },
  }
  const courier = new Courier({
    ...node,
    log: {
      ...node.log,
      subscribeGroup: (name, filter, options) =>
        node.log.subscribeGroup(name, filter, { ...options, timeoutMs: TIMEOUT_MS }),
    },
    content: contents.content,
    domains: node.hostedDomains,
    hosts,
    passwordOf: () => null,
    reportAddresses: () => [],
    due: (now, limit, domains, claimant) => dueDeliveries(node.views, now, limit, domains, claimant),
    node: node.config.node.name,
    lease,
    records: new RecordingQueue(node),
    metrics: { delivered: () => {} },
  })
  await courier.start()
  return courier
}

const asked = () => {
  const commandId = crypto.randomUUID()
  return {
    actor: { kind: 'system', part: 'story' } as const,
    now: Date.now(),
    commandId,
    correlationId: commandId,
  }
}

/** A domain whose mailboxes are on another host. */
const addDomain = async ({ commands }: Foundation): Promise<void> => {
  const settings = { mailboxHost: 'lmtp://127.0.0.1:1?tls=off' }
  const added = await commands.hostedDomain('one.test', { kind: 'add-domain', name: 'one.test', settings }, asked())
  if (isDeclined(added)) throw new Error(added.reason)
}

/** Mails that inspection has cleared for Ann. */
const addMails = async ({ commands, content }: Foundation, count: number): Promise<string[]> => {
  const ids: string[] = []
  for (let number = 1; number <= count; number++) {
    const id = `01JNC${String(number).padStart(21, '0')}`
    const { hash, size } = await content.put(Buffer.from(`Subject: number ${number}\r\n\r\nHello\r\n`))
    const now = Date.now()
    const story: MailCommand[] = [
      accept(recipients(ANN), 'inbound', { acceptedAt: now, contentHash: hash, size }),
      recordScan(clean, now),
      { ...judge({ recipient: ANN, verdict: 'exempt' }), now } as MailCommand,
    ]
    for (const command of story) {
      const outcome = await commands.mail(id, command, asked())
      if (isDeclined(outcome)) throw new Error(outcome.reason)
    }
    ids.push(id)
  }
  return ids
}

const told = async ({ log }: Foundation, id: string): Promise<readonly MailEvent[]> =>
  (await log.readStream(mailStream(id))) as unknown as readonly MailEvent[]
const claimsIn = (events: readonly MailEvent[]) =>
  events.flatMap((event) => (event.type === 'DeliveryClaimed' ? [event.data] : []))
const allDelivered = (node: Foundation, ids: readonly string[]) =>
  vi.waitFor(async () => {
    for (const id of ids) expect((await told(node, id)).map(({ type }) => type)).toContain('Delivered')
  }, 60_000)

it('delivers each mail once, by one node at a time, to a host slower than the time-out and the lease', async () => {
  const server = await startEventStore()
  onTestFinished(() => server.close())
  const [one, two] = [await openNode('one', server), await openNode('two', server)]
  await addDomain(one)
  const deliveries: { readonly id: string; readonly node: string }[] = []
  const slowly =
    (node: string): Hand =>
    async ({ deliveryId }) => {
      deliveries.push({ id: deliveryId, node })
      const until = Date.now() + LEASE_MS + TIMEOUT_MS
      while (Date.now() < until) await sleep(100)
    }
  const couriers = [await startCourier(one, one, slowly('one')), await startCourier(two, one, slowly('two'))]
  const ids = await addMails(one, 8)
  await allDelivered(two, ids)
  for (const courier of couriers) await courier.stop()

  // The views of both said for longer than any time-out that these mails wait, and nobody but who had claimed them went.
  expect(deliveries.map(({ id }) => id).toSorted()).toEqual([...new Set(deliveries.map(({ id }) => id))].toSorted())
  expect(deliveries).toHaveLength(ids.length)
  expect(new Set(deliveries.map(({ node }) => node))).toEqual(new Set(['one', 'two']))
  for (const id of ids) {
    const claims = claimsIn(await told(one, id))
    expect(new Set(claims.map(({ node }) => node)).size).toBe(1)
    expect(claims.length).toBeGreaterThan(1)
  }
}, 90_000)

/** Four mails that a node has claimed; then it loses its log in mid-delivery. */
const dieAtWork = async (one: Foundation, two: Foundation, lease: number): Promise<string[]> => {
  const died = new AbortController()
  const dying = await startCourier(
    one,
    two,
    () =>
      new Promise((_resolve, reject) => {
        died.signal.addEventListener('abort', () => reject(new Error('the node is dead')))
      }),
    lease,
  )
  onTestFinished(async () => {
    died.abort()
    await dying.stop()
  })
  const ids = await addMails(two, 4)
  await vi.waitFor(async () => {
    for (const id of ids) expect(claimsIn(await told(two, id)).length).toBeGreaterThan(0)
  }, 30_000)
  await one.log.close()
  return ids
}

it('takes over what a node was at that died, when its lease has ended', async () => {
  const server = await startEventStore()
  onTestFinished(() => server.close())
  const [one, two] = [await openNode('one', server), await openNode('two', server)]
  await addDomain(one)
  const ids = await dieAtWork(one, two, LEASE_MS)
  const left = new Map<string, number>()
  for (const id of ids) left.set(id, claimsIn(await told(two, id)).at(-1)!.leaseUntil)

  const begun = new Map<string, number>()
  const courier = await startCourier(two, two, async ({ deliveryId }) => {
    const id = ids.find((each) => deliveryId.includes(each))!
    begun.set(id, Date.now())
  })
  await allDelivered(two, ids)
  await courier.stop()
  for (const id of ids) {
    expect(begun.get(id)).toBeGreaterThanOrEqual(left.get(id)!)
    expect(
      claimsIn(await told(two, id))
        .map(({ node }) => node)
        .at(-1),
    ).toBe('two')
  }
}, 90_000)

it('goes on at once with what the same node had claimed before it was started again', async () => {
  const server = await startEventStore()
  onTestFinished(() => server.close())
  const [one, two] = [await openNode('one', server), await openNode('two', server)]
  await addDomain(one)
  const ids = await dieAtWork(one, two, DAY)
  const again = await openNode('one', server)
  const courier = await startCourier(again, two, async () => {}, DAY)
  await allDelivered(two, ids)
  await courier.stop()
  for (const id of ids) expect(new Set(claimsIn(await told(two, id)).map(({ node }) => node))).toEqual(new Set(['one']))
}, 90_000)
