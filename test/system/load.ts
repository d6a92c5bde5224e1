import { SmtpClient } from '#test/dsl/smtp/client'

/** A mail that got its 250. */
export interface Acknowledged {
  readonly id: string
  readonly key: string
  readonly recipients: readonly string[]
}

export interface Load {
  readonly acknowledged: readonly Acknowledged[]
  /** Resolves when every client has ended (the server is gone, or `stop` was called). */
  stop(): Promise<void>
}

const PEOPLE = ['ann', 'ben', 'admin', 'officer'].map((name) => `${name}@mailkeep.test`)

/** Mail like `npm test` never sends it: `clients` connections, one mail after the other on each, until stopped or cut off. */
export const startLoad = (port: number, clients: number, prefix: string, random: () => number): Load => {
  const acknowledged: Acknowledged[] = []
  const stopping = new AbortController()
  let counter = 0
  const run = async (): Promise<void> => {
    const client = await SmtpClient.connect(port)
    try {
      if ((await client.reply()) === null || !(await client.say('EHLO load.test'))?.startsWith('250')) return
      while (!stopping.signal.aborted) {
        const key = `${prefix}-${++counter}`
        const recipients = PEOPLE.filter(() => random() < 0.5)
        if (recipients.length === 0) recipients.push(PEOPLE[0]!)
        const reply = await deliver(client, key, recipients, random)
        if (reply === null) return
        const id = /^250 2\.0\.0 Ok: (\w+)/.exec(reply)?.[1]
        if (id !== undefined) acknowledged.push({ id, key, recipients })
      }
    } finally {
      client.destroy()
    }
  }
  const running = Array.from({ length: clients }, () => run().catch(connectionLost))
  return {
    acknowledged,
    async stop() {
      stopping.abort()
      await Promise.all(running)
    },
  }
}

const deliver = async (
  client: SmtpClient,
  key: string,
  recipients: readonly string[],
  random: () => number,
): Promise<string | null> => {
  if ((await client.say('MAIL FROM:<load@outside.test>')) === null) return null
  for (const address of recipients) if ((await client.say(`RCPT TO:<${address}>`)) === null) return null
  if ((await client.say('DATA')) === null) return null
  // Now and then one that is too large to be packed with others.
  const body = `${'x'.repeat(70)}\r\n`.repeat(random() < 0.05 ? 3_000 : 10)
  return client.say(
    `From: <load@outside.test>\r\nTo: people:;\r\nSubject: ${key}\r\nMessage-ID: <${key}@outside.test>\r\nDate: Tue, 24 Nov 2026 04:00:00 +0000\r\n\r\n${body}.`,
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
