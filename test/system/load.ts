import { setTimeout as sleep } from 'node:timers/promises'
import { SERVER_PASSWORD, type Server } from '#test/dsl/server'
import { SmtpClient } from '#test/dsl/smtp/client'

/** A mail that got its 250. */
export interface Acknowledged {
  readonly id: string
  readonly key: string
  readonly from: string
  readonly recipients: readonly string[]
}

export interface Load {
  readonly acknowledged: readonly Acknowledged[]
  /** Resolves when every client has ended (the server is gone, or `stop` was called). */
  stop(): Promise<void>
}

/** One of those who send. */
interface Sender {
  readonly address: string
  /** Some of them get each mail. */
  readonly people: readonly string[]
  /** A connection that is ready for MAIL. */
  open(): Promise<SmtpClient>
}

const PEOPLE = ['ann', 'ben', 'admin', 'officer'].map((name) => `${name}@mailkeep.test`)

/** From the Internet to people here. */
export const fromOutside =
  ({ mx }: Pick<Server, 'mx'>) =>
  (): Sender => ({
    address: 'load@outside.test',
    people: PEOPLE,
    open: async () => hello(await SmtpClient.connect(mx)),
  })

/** Ann and ben in turn, over one listener and the other, to people here and `outside`. */
export const fromUsers =
  (server: Pick<Server, 'submission' | 'submissions'>, outside: readonly string[]) =>
  (number: number): Sender => ({
    address: PEOPLE[number % 2]!,
    people: [...PEOPLE, ...outside],
    open: () => signedIn(server, PEOPLE[number % 2]!, number % 4 < 2 ? 'submission' : 'submissions'),
  })

/** A user's connection after AUTH. */
export const signedIn = async (
  server: Pick<Server, 'submission' | 'submissions'>,
  user: string,
  listener: 'submission' | 'submissions',
): Promise<SmtpClient> => {
  const client = await hello(await SmtpClient.connect(server[listener], listener === 'submissions' ? { tls: {} } : {}))
  if (listener === 'submission') {
    await said(client, 'STARTTLS')
    await client.startTls()
    await said(client, EHLO)
  }
  await said(client, `AUTH PLAIN ${Buffer.from(`\0${user}\0${SERVER_PASSWORD}`).toString('base64')}`)
  return client
}

const EHLO = 'EHLO load.test'

const hello = async (client: SmtpClient): Promise<SmtpClient> => {
  await client.reply()
  await said(client, EHLO)
  return client
}

const said = async (client: SmtpClient, command: string): Promise<void> => {
  const reply = await client.say(command, 30_000)
  if (reply?.startsWith('2') === true) return
  client.destroy()
  throw new Error(reply === null ? 'closed' : `${command.split(' ')[0]}: ${reply}`)
}

/** Mail like `npm test` never sends it: `clients` connections, one mail after the other on each, until stopped or cut off. */
export const startLoad = (
  senderOf: (client: number) => Sender,
  clients: number,
  prefix: string,
  random: () => number,
): Load => {
  const acknowledged: Acknowledged[] = []
  const stopping = new AbortController()
  let counter = 0
  const run = async ({ address, people, open }: Sender): Promise<void> => {
    const client = await open()
    try {
      while (!stopping.signal.aborted) {
        const key = `${prefix}-${++counter}`
        const recipients = people.filter(() => random() < 0.5)
        if (recipients.length === 0) recipients.push(people[0]!)
        const reply = await deliver(client, { key, from: address, recipients }, random)
        if (reply === null) return
        const id = /^250 2\.0\.0 Ok: (\w+)/.exec(reply)?.[1]
        if (id !== undefined) acknowledged.push({ id, key, from: address, recipients })
      }
    } finally {
      client.destroy()
    }
  }
  const running = Array.from({ length: clients }, (_, number) => run(senderOf(number)).catch(connectionLost))
  return {
    acknowledged,
    async stop() {
      stopping.abort()
      await Promise.all(running)
    },
  }
}

/** Waits for so many mails with a 250, half a minute at most. */
export const acknowledgedBy = async ({ acknowledged }: Load, mails: number): Promise<void> => {
  const deadline = Date.now() + 30_000
  while (acknowledged.length < mails) {
    if (Date.now() > deadline) throw new Error(`only ${acknowledged.length} mails acknowledged in half a minute`)
    await sleep(5)
  }
}

const deliver = async (
  client: SmtpClient,
  { key, from, recipients }: Omit<Acknowledged, 'id'>,
  random: () => number,
): Promise<string | null> => {
  if ((await client.say(`MAIL FROM:<${from}>`)) === null) return null
  for (const address of recipients) if ((await client.say(`RCPT TO:<${address}>`)) === null) return null
  if ((await client.say('DATA')) === null) return null
  // Now and then one that is too large to be packed with others.
  const body = `${'x'.repeat(70)}\r\n`.repeat(random() < 0.05 ? 3_000 : 10)
  return client.say(
    `From: <${from}>\r\nTo: people:;\r\nSubject: ${key}\r\nMessage-ID: <${key}@outside.test>\r\nDate: Tue, 24 Nov 2026 04:00:00 +0000\r\n\r\n${body}.`,
  )
}

/** The server was killed under us: that is what this is for. */
const connectionLost = (error: unknown): void => {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (!['ECONNRESET', 'EPIPE', 'ECONNREFUSED'].includes(code) && !/no reply|closed/.test(String(error))) throw error
}

/** mulberry32: the same seed, the same run. */
export const seeded = (seed: number): (() => number) => {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
