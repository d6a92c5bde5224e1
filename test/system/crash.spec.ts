import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it, onTestFinished } from 'vitest'
import { startEventStore } from '#test/dsl/eventstore-double/start'
import { signIn, type HttpClient } from '#test/dsl/http-client'
import { SERVER_PASSWORD, startServer, type Server } from '#test/dsl/server'
import { temporaryFolder } from '#test/dsl/temporary'
import { acknowledgedBy, fromOutside, seeded, startLoad, type Acknowledged } from './load.ts'
import { subjectsIn } from './observing.ts'

const FULL = process.env['MAILKEEP_TEST_FULL'] === '1'
const POINTS = Number(process.env['MAILKEEP_TEST_CRASHES'] ?? (FULL ? 200 : 20))
const EVENTSTORE_POINTS = Number(process.env['MAILKEEP_TEST_CRASHES_EVENTSTORE'] ?? (FULL ? 60 : 6))
const SEED = 20_261_124

/** Whose mail the demo archives. */
const SUBSCRIBED = 'ann@mailkeep.test'

const settled = async (admin: HttpClient, mails: readonly Acknowledged[]): Promise<void> => {
  const deadline = Date.now() + 120_000
  for (const { id, recipients } of mails) {
    for (;;) {
      const { status, body } = await admin.ask('GET', `/mails/${id}`)
      expect(status, `mail ${id} was acknowledged`).toBe(200)
      const states = (body['recipients'] as { mailbox: string; state: string }[]).map(
        ({ mailbox, state }) => `${mailbox} ${state}`,
      )
      const copies = (body['events'] as { type: string; data: { account?: string } }[]).flatMap(({ type, data }) =>
        type === 'Archived' ? [data.account] : [],
      )
      const owed = recipients.filter((mailbox) => mailbox === SUBSCRIBED)
      if (states.every((state) => state.endsWith(' delivered')) && copies.length >= owed.length) {
        expect(states.toSorted()).toEqual(recipients.map((mailbox) => `${mailbox} delivered`).toSorted())
        expect(copies, `copies of ${id}`).toEqual(owed)
        break
      }
      if (Date.now() > deadline)
        throw new Error(
          `mail ${id} has no outcome: ${states.join(', ')}\n${JSON.stringify((body['events'] as { type: string; occurredAt: string }[]).map(({ type, occurredAt }) => [type, occurredAt]))}`,
        )
      await sleep(50)
    }
  }
}

/** What the archive lists it has, each mail once, and gives it back. */
const readable = async (server: Server, mails: readonly Acknowledged[]): Promise<void> => {
  const ann = await signIn(server.http, SUBSCRIBED, SERVER_PASSWORD)
  const items: { id: string; mail: string; size: number; subject: string }[] = []
  for (let cursor: string | null = ''; cursor !== null;) {
    const { body } = await ann.ask('GET', `/archive/mails?limit=500${cursor === '' ? '' : `&cursor=${cursor}`}`)
    items.push(...(body['items'] as typeof items))
    cursor = body['next'] as string | null
  }
  const owed = mails.filter(({ recipients }) => recipients.includes(SUBSCRIBED))
  const listed = new Set(items.map(({ mail }) => mail))
  expect(listed.size).toBe(items.length)
  expect(owed.filter(({ id }) => !listed.has(id))).toEqual([])
  for (const { id, size, subject } of items.filter((_, place) => place % 10 === 0)) {
    const { text } = await ann.ask('GET', `/archive/mails/${id}/content`)
    expect([text.length, text.includes(`\r\nSubject: ${subject}\r\n`)]).toEqual([size, true])
  }
}

interface Crashes {
  readonly points: number
  readonly clients: number
  /** Mails with a 250 before the time counts: with few clients on a busy machine there would be none else. */
  readonly first: number
  /** Milliseconds under load before each kill: at least, and up to so many more. */
  readonly underLoad: { readonly least: number; readonly spread: number }
  readonly settings: Readonly<Record<string, string>>
}

/** Kills and starts again, then looks at what became of every mail with a 250. Answers these. */
const crash = async ({ points, clients, first, underLoad, settings }: Crashes): Promise<readonly Acknowledged[]> => {
  const folder = await temporaryFolder()
  const random = seeded(SEED)
  const all: Acknowledged[] = []
  for (let point = 0; point < points; point++) {
    const server = await startServer(folder, settings)
    const load = startLoad(fromOutside(server), clients, `p${point}`, random)
    await acknowledgedBy(load, first)
    await sleep(underLoad.least + Math.floor(random() * underLoad.spread))
    await server.kill()
    await load.stop()
    all.push(...load.acknowledged)
  }
  const server = await startServer(folder, settings)
  const admin = await signIn(server.http, 'admin@mailkeep.test', SERVER_PASSWORD)
  await settled(admin, all).catch((error: Error) => {
    throw new Error(`${error.message}\n${server.output().slice(-4_000)}`)
  })

  for (const address of new Set(all.flatMap(({ recipients }) => recipients))) {
    const subjects = await subjectsIn(server, address)
    const counted = new Map<string, number>()
    for (const subject of subjects) counted.set(subject, (counted.get(subject) ?? 0) + 1)
    expect(
      [...counted].filter(([, times]) => times > 1),
      `twice in the Maildir of ${address}`,
    ).toEqual([])
    const missing = all.filter(({ key, recipients }) => recipients.includes(address) && !counted.has(key))
    expect(missing, `missing in the Maildir of ${address}`).toEqual([])
  }
  await readable(server, all)
  expect(await server.stop()).toBe(0)
  return all
}

it(`loses nothing that got a 250, and delivers and archives nothing twice, when killed at ${POINTS} points under load`, async () => {
  const mails = await crash({
    points: POINTS,
    clients: 8,
    // Of each life at least so many, whatever else the machine is doing.
    first: 11,
    underLoad: { least: 0, spread: 900 },
    settings: {},
  })
  expect(mails.length).toBeGreaterThan(POINTS * 10)
  console.log(
    `crash: ${POINTS} kills, ${mails.length} mails acknowledged, every one delivered once per recipient and archived once for ann`,
  )
})

it(`loses and doubles nothing either with its log on EventStoreDB, when killed at ${EVENTSTORE_POINTS} points`, async () => {
  // In this process, which outlives the server: what the server had appended is there, its calls are cut off in the middle.
  const eventStore = await startEventStore()
  onTestFinished(() => eventStore.close())
  const mails = await crash({
    points: EVENTSTORE_POINTS,
    clients: 4,
    first: 25,
    underLoad: { least: 0, spread: 600 },
    settings: { MAILKEEP_LOG_ENGINE: 'eventstore', MAILKEEP_EVENTSTORE_URL: eventStore.connectionString },
  })
  expect(mails.length).toBeGreaterThanOrEqual(EVENTSTORE_POINTS * 25)
  // And it is there that they are.
  expect(mails.filter(({ id }) => eventStore.log.stream(`mail-${id}`) === undefined)).toEqual([])
  console.log(
    `crash on EventStoreDB: ${EVENTSTORE_POINTS} kills, ${mails.length} mails acknowledged, all delivered once`,
  )
})
