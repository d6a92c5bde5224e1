import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it, onTestFinished } from 'vitest'
import { scriptedDns } from '#test/dsl/dns'
import { dnsServer } from '#test/dsl/dns-server'
import { signIn, type HttpClient } from '#test/dsl/http-client'
import { SERVER_PASSWORD, startServer, type Server } from '#test/dsl/server'
import { temporaryFolder } from '#test/dsl/temporary'
import { acknowledgedBy, fromUsers, seeded, startLoad, type Acknowledged, type Load } from './load.ts'
import { exportedEvents, outcomesOf, sendWithoutLimits, setPolicy, subjectsIn, until } from './observing.ts'
import { startSink, type Sink, type SinkWatch } from './sink.ts'
import { lostOutside, outcomeFaults, reservedBy, submittedIn, takenTwice, twiceFaults } from './way-out.ts'

const FULL = process.env['MAILKEEP_TEST_FULL'] === '1'
const POINTS = Number(process.env['MAILKEEP_TEST_CRASHES_OUT'] ?? (FULL ? 150 : 15))
const SEED = 20_261_125
const CLIENTS = 8
const PER_DESTINATION = 5
/** Acknowledged mails of each life before its end is near. */
const FIRST = 8

const SENDERS = ['ann@mailkeep.test', 'ben@mailkeep.test']
const NOBODY = 'nobody@remote.test'
const OUTSIDE = ['xena@remote.test', 'yves@remote.test', 'zoe@other.test', NOBODY]
const isOutside = (address: string): boolean => !address.endsWith('@mailkeep.test')

/** Two next hops on one port, each the MX of a domain, and the DNS that says so. */
const nextHops = async (
  random: () => number,
): Promise<{ sinks: readonly Sink[]; settings: Record<string, string> }> => {
  const first = await startSink({ address: '127.0.0.1', port: 0, random })
  const second = await startSink({ address: '127.0.0.2', port: first.port, random })
  const dns = await dnsServer(
    scriptedDns({
      'remote.test': { MX: [{ priority: 10, exchange: 'mx.remote.test' }] },
      'mx.remote.test': { A: ['127.0.0.1'] },
      'other.test': { MX: [{ priority: 10, exchange: 'mx.other.test' }] },
      'mx.other.test': { A: ['127.0.0.2'] },
    }),
  )
  onTestFinished(async () => {
    await Promise.all([first.close(), second.close()])
    dns.close()
  })
  return {
    sinks: [first, second],
    settings: {
      MAILKEEP_SUBMISSION_PORT: '0',
      MAILKEEP_SUBMISSIONS_PORT: '0',
      MAILKEEP_DNS_SERVERS: dns.address,
      MAILKEEP_RELAY_PORT: String(first.port),
    },
  }
}

/** When a life ends: at any time, as a next hop reads its nth mail or has taken it, as a client hears its nth 250. */
const MOMENTS = ['time', 'begins', 'takes', 'acknowledged'] as const

class Life {
  readonly #random: () => number
  readonly #moment: (typeof MOMENTS)[number]
  readonly #nth: number
  #killed: Promise<void> | null = null
  #kill: (() => Promise<void>) | null = null
  #seen = 0

  constructor(random: () => number) {
    this.#random = random
    this.#moment = MOMENTS[Math.floor(random() * MOMENTS.length)]!
    this.#nth = 1 + Math.floor(random() * 40)
  }

  /** For the next hops of this life. */
  get watch(): SinkWatch {
    return this.#moment === 'begins' || this.#moment === 'takes' ? { [this.#moment]: () => this.#count() } : {}
  }

  /** Resolves when the server is dead. */
  async end(server: Server, load: Load): Promise<void> {
    await acknowledgedBy(load, FIRST)
    this.#kill = () => server.kill()
    if (this.#moment === 'time') await sleep(this.#random() * 900)
    if (this.#moment === 'acknowledged') await acknowledgedBy(load, FIRST + this.#nth)
    if (this.#moment === 'time' || this.#moment === 'acknowledged') this.#now()
    await until('the end of a life', () => this.#killed !== null)
    await this.#killed
  }

  #count(): void {
    if (this.#kill !== null && ++this.#seen >= this.#nth) this.#now()
  }

  #now(): void {
    this.#killed ??= this.#kill?.() ?? null
  }
}

/** Nothing twice in a Maildir, of what got a 250 everything; reports on what came back like all else. */
const expectMaildirs = async (server: Server, acknowledged: readonly Acknowledged[]): Promise<void> => {
  const subjectsFor = (address: string): string[] =>
    acknowledged.flatMap(({ key, from, recipients }) => [
      ...(recipients.includes(address) ? [key] : []),
      ...(from === address && recipients.includes(NOBODY) ? [`Not delivered: ${key}`] : []),
    ])
  for (const address of ['ann', 'ben', 'admin', 'officer'].map((name) => `${name}@mailkeep.test`)) {
    const there = await subjectsIn(server, address)
    const twice = there.filter((subject, place) => there[place - 1] === subject)
    expect({ address, twice }).toEqual({ address, twice: [] })
    const has = new Set(there)
    const missing = subjectsFor(address).filter((subject) => !has.has(subject))
    expect({ address, missing }).toEqual({ address, missing: [] })
  }
}

const usedToday = async (admin: HttpClient, address: string): Promise<{ mails: number; recipients: number }> => {
  const { body } = await admin.ask('GET', `/usage/${address}`)
  const { mails, recipients } = body as Record<'mails' | 'recipients', { used: number }>
  return { mails: mails.used, recipients: recipients.used }
}

it(`loses nothing that got a 250 on the way out, and sends twice only what was under way, when killed at ${POINTS} points`, async () => {
  const folder = await temporaryFolder()
  const random = seeded(SEED)
  const { sinks, settings } = await nextHops(random)
  const acknowledged: Acknowledged[] = []
  const begins: number[] = []
  const begin = (watch: SinkWatch): Promise<Server> => {
    for (const sink of sinks) sink.nextLife(watch)
    begins.push(Date.now())
    return startServer(folder, settings)
  }
  for (let point = 0; point < POINTS; point++) {
    const life = new Life(random)
    const server = await begin(life.watch)
    if (point === 0) {
      const admin = await signIn(server.http, 'admin@mailkeep.test', SERVER_PASSWORD)
      await sendWithoutLimits(admin)
      await setPolicy(admin, 'relay', { retryDelays: [1_000], perDestination: PER_DESTINATION })
    }
    const load = startLoad(fromUsers(server, OUTSIDE), CLIENTS, `o${point}`, random)
    await life.end(server, load)
    await load.stop()
    acknowledged.push(...load.acknowledged)
  }

  const server = await begin({})
  const admin = await signIn(server.http, 'admin@mailkeep.test', SERVER_PASSWORD)
  // Not only of what got a 250; and the reports on what came back are mails as well.
  const settled = new Set<string>()
  for (let more = true; more;) {
    const ids = [...submittedIn(await exportedEvents(folder, 'Accepted')).keys()].filter((id) => !settled.has(id))
    for (const id of ids) {
      await outcomesOf(admin, id, 180_000)
      settled.add(id)
    }
    more = ids.length > 0
  }
  const events = await exportedEvents(folder)
  const mails = submittedIn(events)
  const taken = sinks.flatMap((sink) => sink.taken)
  expect(acknowledged.length).toBeGreaterThanOrEqual(POINTS * FIRST)
  expect(outcomeFaults(mails, acknowledged, NOBODY)).toEqual([])
  expect(lostOutside(mails, taken, isOutside)).toEqual([])
  for (const sink of sinks) expect(twiceFaults(mails, sink.taken, begins, PER_DESTINATION)).toEqual([])
  await expectMaildirs(server, acknowledged)

  // Each life may leave places in the quota that no mail has, as many as were being submitted; nothing else counts.
  let left = 0
  for (const address of SENDERS) {
    const reserved = reservedBy(address, events, mails)
    expect(await usedToday(admin, address)).toEqual({ mails: reserved.mails, recipients: reserved.recipients })
    const mine = [...mails.values()].filter(({ account }) => account === address)
    expect(reserved.mails - mine.length).toBe(reserved.left.length)
    const byLife = Map.groupBy(reserved.left, (at) => begins.findLastIndex((begun) => begun <= at))
    for (const places of byLife.values()) expect(places.length).toBeLessThanOrEqual(CLIENTS / SENDERS.length)
    left += reserved.left.length
  }
  expect(sinks.flatMap(({ incidents }) => incidents)).toEqual([])
  const twice = takenTwice(taken)
  console.log(
    `crash on the way out: ${POINTS} kills, ${acknowledged.length} mails acknowledged, one outcome for each recipient of ${mails.size} mails with reports; next hops took ${taken.length} and said no ${sinks.reduce((sum, { refusals }) => sum + refusals, 0)} times; twice: ${twice.length} recipients of ${new Set(twice.map(({ id }) => id)).size} mails, all under way at a kill; ${left} places in quotas without a mail`,
  )
  expect(await server.stop()).toBe(0)
})
