import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, vi } from 'vitest'
import { signIn, type HttpClient } from './http-client.ts'
import { PASSWORD, type Demo } from './mailkeep.ts'
import { SmtpClient } from './smtp/client.ts'
import { conversation } from './smtp/conversation.ts'

/** Steps of stories about a whole running demo. */

export const EICAR = ['X5O!P%@AP[4\\PZX54(P^)7CC)7}$', 'EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*'].join('')
export const GTUBE = 'XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X'

const PATIENCE = { timeout: 20_000, interval: 100 }

/** Until it holds. */
export const eventually = <Result>(look: () => Result | Promise<Result>): Promise<Result> =>
  vi.waitFor(look, PATIENCE) as Promise<Result>

/** Signed in over HTTP; `local` of mailkeep.test. */
export const as = (demo: Demo, local: string): Promise<HttpClient> =>
  signIn(demo.port('http'), `${local}@mailkeep.test`, PASSWORD)

/** What lies in the Maildir, unread, oldest first. */
export const inbox = async ({ data }: Demo, local: string): Promise<string[]> => {
  const folder = join(data, 'mailboxes', 'mailkeep.test', local, 'new')
  if (!existsSync(folder)) return []
  const names = (await readdir(folder)).toSorted()
  return Promise.all(names.map((name) => readFile(join(folder, name), 'latin1')))
}

export interface Sent {
  readonly from?: string
  /** Header From, when it differs from the envelope. */
  readonly headerFrom?: string
  readonly to: readonly string[]
  readonly subject?: string
  readonly body?: string
  /** More header lines. */
  readonly headers?: readonly string[]
  readonly smtputf8?: boolean
}

let sent = 0

/** The lines after 354 of an ordinary mail. */
const ordinary = ({
  from = 'cara@outside.example',
  headerFrom = from,
  subject = 'Hello',
  body = 'Hello.',
  headers = [],
}: Sent) => [
  `From: <${headerFrom}>`,
  'To: undisclosed:;',
  `Subject: ${subject}`,
  `Date: ${new Date().toUTCString().replace('GMT', '+0000')}`,
  `Message-ID: <${++sent}.story@outside.example>`,
  ...headers,
  '',
  ...body.split('\n'),
]

/** One mail in one conversation; answers its id. */
export const send = async (demo: Demo, mail: Sent): Promise<string> => {
  const { from = 'cara@outside.example', to, smtputf8 = false } = mail
  const { replies } = await conversation(
    demo.port('mx'),
    [
      '<- 220',
      '-> EHLO client.outside.example',
      '<- 250',
      `-> MAIL FROM:<${from}>${smtputf8 ? ' SMTPUTF8' : ''}`,
      '<- 250',
      ...to.flatMap((address) => [`-> RCPT TO:<${address}>`, '<- 250']),
      '-> DATA',
      '<- 354',
      ...ordinary(mail).map((line) => `-> ${line}`),
      '-> .',
      '<- 250 2.0.0 Ok:',
    ].join('\n'),
  )
  return idIn(replies)
}

/** These very bytes, dot-stuffed; answers its id. */
export const sendRaw = async (
  demo: Demo,
  {
    from = 'cara@outside.example',
    to,
    raw,
  }: { readonly from?: string; readonly to: readonly string[]; readonly raw: Buffer },
): Promise<string> => {
  const client = await SmtpClient.connect(demo.port('mx'))
  try {
    await client.reply()
    for (const command of [
      'EHLO client.outside.example',
      `MAIL FROM:<${from}>`,
      ...to.map((address) => `RCPT TO:<${address}>`),
    ])
      expect(await client.say(command)).toMatch(/^250/)
    expect(await client.say('DATA')).toMatch(/^354/)
    const stuffed = raw.toString('latin1').replaceAll(/^\./gm, '..')
    client.write(Buffer.from(`${stuffed}${stuffed.endsWith('\r\n') ? '' : '\r\n'}.\r\n`, 'latin1'))
    const reply = await client.reply()
    expect(reply).toMatch(/^250 2\.0\.0 Ok:/)
    return idIn([reply ?? ''])
  } finally {
    client.destroy()
  }
}

export const idIn = (replies: readonly string[]): string => /250 2\.0\.0 Ok: (\w+)/.exec(replies.join('\n'))?.[1] ?? ''

/** The reply to RCPT TO, and nothing is sent. */
export const rcpt = async (demo: Demo, address: string): Promise<string> => {
  const { replies } = await conversation(
    demo.port('mx'),
    `
    <- 220
    -> EHLO client.outside.example
    <- 250
    -> MAIL FROM:<cara@outside.example>
    <- 250
    -> RCPT TO:<${address}>
    <- 
    `,
  )
  return replies.at(-1) ?? ''
}

export interface Trace {
  readonly id: string
  readonly recipients: readonly {
    readonly address: string
    readonly mailbox: string
    readonly state: string
    readonly reason: string | null
    readonly score: number | null
    readonly symbols: readonly { readonly name: string; readonly weight: number }[]
  }[]
  readonly events: readonly { readonly type: string; readonly data: Readonly<Record<string, unknown>> }[]
}

export const trace = async (admin: HttpClient, id: string): Promise<Trace> =>
  (await admin.ask('GET', `/mails/${id}`)).body as unknown as Trace

export const types = (traced: Trace): string[] => traced.events.map(({ type }) => type)

/** Local part of each mailbox: its state, and why it is or was held. */
export const outcomes = async (admin: HttpClient, id: string): Promise<Record<string, string>> =>
  Object.fromEntries(
    ((await trace(admin, id)).recipients ?? []).map(({ mailbox, state, reason }) => [
      mailbox.replace('@mailkeep.test', ''),
      reason === null ? state : `${state}: ${reason}`,
    ]),
  )

/** Until each recipient has come to this. */
export const comesTo = async (
  admin: HttpClient,
  id: string,
  expected: Readonly<Record<string, string>>,
): Promise<Trace> => {
  await eventually(async () => expect(await outcomes(admin, id)).toEqual(expected))
  return trace(admin, id)
}

/** A request that must succeed. */
export const done = async (
  client: HttpClient,
  method: string,
  path: string,
  body?: unknown,
): Promise<Record<string, unknown>> => {
  const answer = await client.ask(method, path, body)
  if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`)
  return answer.body
}
