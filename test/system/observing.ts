import { randomUUID } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { HttpClient } from '#test/dsl/http-client'
import { SmtpClient } from '#test/dsl/smtp/client'
import { runMailkeep, type Server } from '#test/dsl/server'

/** Asks again and again until there is an answer; says what was waited for when there is none. */
export const until = async <Answer>(
  what: string,
  ask: () => Promise<Answer | null | undefined | false> | Answer | null | undefined | false,
  withinMs = 30_000,
): Promise<Answer> => {
  const deadline = Date.now() + withinMs
  for (;;) {
    const answer = await ask()
    if (answer !== null && answer !== undefined && answer !== false) return answer
    if (Date.now() > deadline) throw new Error(`${what}: not within ${withinMs} ms`)
    await sleep(25)
  }
}

/** The id in `250 2.0.0 Ok: <id>`; null for any other reply. */
export const mailIdIn = (reply: string | null): string | null => /^250 2\.0\.0 Ok: (\w+)/.exec(reply ?? '')?.[1] ?? null

/** A connection that has said EHLO. */
export const greeted = async (port: number): Promise<SmtpClient> => {
  const client = await SmtpClient.connect(port)
  await client.reply(20_000)
  await client.say('EHLO client.test', 20_000)
  return client
}

const OUTSIDE = 'sender@outside.test'

/** One mail on an open connection; the reply that decided, 250 or not. */
export const mailOn = async (
  client: SmtpClient,
  recipients: readonly string[],
  message: string | Uint8Array,
  from = OUTSIDE,
): Promise<string | null> => {
  const mail = `MAIL FROM:<${from}>`
  for (const command of [mail, ...recipients.map((to) => `RCPT TO:<${to}>`), 'DATA']) {
    const reply = await client.say(command, 30_000)
    if (reply === null || Number(reply[0]) > 3) {
      if (reply !== null && command !== mail) await client.say('RSET')
      return reply
    }
  }
  client.write(dotStuffed(message))
  return client.reply(60_000)
}

/** One mail on a connection of its own. */
export const sendMail = async (
  port: number,
  recipients: readonly string[],
  message: string | Uint8Array,
): Promise<string | null> => {
  const client = await greeted(port)
  try {
    return await mailOn(client, recipients, message)
  } finally {
    client.destroy()
  }
}

/** RFC 5321 4.5.2, with the end of data. */
export const dotStuffed = (message: string | Uint8Array): Uint8Array => {
  const text = (typeof message === 'string' ? Buffer.from(message) : Buffer.from(message)).toString('latin1')
  const stuffed = text.replaceAll('\r\n.', '\r\n..').replace(/^\./, '..')
  return Buffer.from(`${stuffed}${stuffed.endsWith('\r\n') ? '' : '\r\n'}.\r\n`, 'latin1')
}

export const plainMail = (subject: string, body = 'Hello.', from = OUTSIDE): string =>
  [
    `From: <${from}>`,
    'To: people:;',
    `Subject: ${subject}`,
    `Message-ID: <${subject}@outside.test>`,
    'Date: Tue, 24 Nov 2026 04:00:00 +0000',
    '',
    body,
    '',
  ].join('\r\n')

/** Subjects in a mailbox of the demo, read or not, sorted. */
export const subjectsIn = async (server: Server, address: string): Promise<string[]> => {
  const [local = ''] = address.split('@')
  const found: string[] = []
  for (const part of ['new', 'cur']) {
    const folder = join(server.data, 'mailboxes', 'mailkeep.test', local, part)
    for (const name of await readdir(folder).catch(nothingThere))
      found.push(/^Subject: (.*)\r$/m.exec(await readFile(join(folder, name), 'latin1'))?.[1] ?? name)
  }
  return found.toSorted()
}

const nothingThere = (error: NodeJS.ErrnoException): string[] => {
  if (error.code === 'ENOENT') return []
  throw error
}

export interface SeenRecipient {
  readonly mailbox: string
  readonly state: string
  readonly reason: string | null
}

/** A mail's recipients as the API shows them. */
export const recipientsOf = async (admin: HttpClient, id: string): Promise<SeenRecipient[]> => {
  const { status, body } = await admin.ask('GET', `/mails/${id}`)
  if (status !== 200) throw new Error(`mail ${id}: ${status} ${JSON.stringify(body)}`)
  return body['recipients'] as SeenRecipient[]
}

/** States in which a mail has an outcome. */
const OUTCOMES = new Set(['delivered', 'quarantined', 'bounced', 'expired', 'discarded', 'undeliverable'])

/** Waits for an outcome of every recipient. */
export const outcomesOf = (admin: HttpClient, id: string, withinMs = 60_000): Promise<SeenRecipient[]> =>
  until(
    `an outcome of mail ${id}`,
    async () => {
      const { status, body } = await admin.ask('GET', `/mails/${id}`)
      if (status !== 200) return null
      const recipients = body['recipients'] as SeenRecipient[]
      return recipients.length > 0 && recipients.every(({ state }) => OUTCOMES.has(state)) ? recipients : null
    },
    withinMs,
  )

/** An event as `mailkeep log export` writes it. */
export interface ExportedEvent {
  readonly stream: string
  readonly type: string
  readonly occurredAt: string
  readonly data: Readonly<Record<string, unknown>>
}

/** Every event of these types in the log of a server's folder, in its order. */
export const exportedEvents = async (folder: string, ...types: readonly string[]): Promise<ExportedEvent[]> => {
  const file = join(folder, `events-${randomUUID()}.ndjson`)
  const words = ['log', 'export', '-o', file, ...types.flatMap((type) => ['--type', type])]
  const { code, output } = await runMailkeep(words, folder)
  if (code !== 0) throw new Error(`log export: ${code}\n${output}`)
  return (await readFile(file, 'utf8'))
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as ExportedEvent)
}

/** Nothing limits what accounts send, how fast, or how often they sign in. */
export const sendWithoutLimits = async (admin: HttpClient): Promise<void> => {
  const plenty = { connections: 1_000_000, mails: 1_000_000, recipients: 1_000_000 }
  await setPolicy(admin, 'submission', { perMinute: plenty, perMinuteAndAddress: plenty })
  await setPolicy(admin, 'accounts', {
    quota: { mailsPerDay: 1_000_000, recipientsPerDay: 1_000_000 },
    failedSignIns: 1_000_000,
    failedSignInsPerAddress: 1_000_000,
  })
}

/** Replaces a policy's document. */
export const setPolicy = async (admin: HttpClient, name: string, document: object): Promise<void> => {
  const { status, body } = await admin.ask('PUT', `/policies/${name}`, {
    document,
    reason: 'a test of the whole system',
  })
  if (status !== 200) throw new Error(`policy ${name}: ${status} ${JSON.stringify(body)}`)
}

/** Alarms in a state, as `kind subject`. */
export const alarmsIn = async (admin: HttpClient, state: 'raised' | 'over'): Promise<string[]> => {
  const { body } = await admin.ask('GET', `/alarms?limit=500&state=${state}`)
  return (body['items'] as { kind: string; subject: string }[]).map(({ kind, subject }) => `${kind} ${subject}`)
}

/** The body and status of an endpoint outside `/api/v1`. */
export const health = async (server: Server, path: 'live' | 'ready'): Promise<{ status: number; text: string }> => {
  const response = await fetch(`http://127.0.0.1:${server.http}/health/${path}`, {
    signal: AbortSignal.timeout(10_000),
  })
  return { status: response.status, text: await response.text() }
}

/** Bytes of memory of a process that lie in RAM now (`VmRSS`), or did at most (`VmHWM`). */
export const memoryOf = async (pid: number, field: 'VmRSS' | 'VmHWM' = 'VmRSS'): Promise<number> => {
  const status = await readFile(`/proc/${pid}/status`, 'latin1')
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? Number.NaN) * 1024
}
