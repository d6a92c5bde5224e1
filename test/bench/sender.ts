import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/*
 * The load: so many connections, one mail after the other on each, each reply waited for (no pipelining). Raw sockets and a switch, in a
 * process of its own, so that its cost is small and its own.
 */

export interface Round {
  readonly port: number
  readonly mails: number
  readonly connections: number
  /** Mails before QUIT and a new connection. */
  readonly perConnection: number
  readonly recipient: string
  /** A submission: in TLS from the first octet, with AUTH PLAIN. */
  readonly login?: { readonly user: string; readonly password: string }
}

export interface Sent {
  readonly milliseconds: number
  readonly accepted: number
  /** Replies other than 250 to a mail, with how often. */
  readonly refused: Readonly<Record<string, number>>
}

/** A sender process; `source` is the size of the mails it makes, or a folder of mails, ready for DATA. `from`: in envelope and header. */
export interface Sender {
  send(round: Round): Promise<Sent>
  readonly pid: number
  stop(): void
}

export const startSender = async (source: number | string, from = SENDER): Promise<Sender> => {
  const child = fork(new URL(import.meta.url), [String(source), from], { execArgv: ['--conditions=source'] })
  await told(child)
  return {
    pid: child.pid ?? 0,
    async send(round) {
      child.send(round)
      const answer = (await told(child, ROUND_WITHIN_MS)) as Sent | { readonly failed: string }
      if ('failed' in answer) throw new Error(answer.failed)
      return answer
    },
    stop: () => void child.kill(),
  }
}

const ROUND_WITHIN_MS = 300_000
const SENDER = 'sender@outside.test'

const told = async (child: ChildProcess, withinMs = 10_000): Promise<unknown> => {
  const over = new AbortController()
  const { signal } = over
  const gone = once(child, 'exit', { signal }).then(() => {
    throw new Error('the sender ended')
  })
  const late = sleep(withinMs, undefined, { signal }).then(() => {
    throw new Error(`the server did not take the mails within ${withinMs} ms`)
  })
  try {
    const [message]: unknown[] = await Promise.race([once(child, 'message', { signal }), gone, late])
    return message
  } finally {
    over.abort()
    await Promise.allSettled([gone, late])
  }
}

const CRLF = '\r\n'
const NUMBER_DIGITS = 12

/** A mail of so many octets that differs from all others by its number, ready for DATA. */
export const makeMails = (size: number, from = SENDER): ((number: number) => Buffer) => {
  const header = `From: <${from}>\r\nTo: <ann@mailkeep.test>\r\nSubject: Minutes of the meeting\r\nDate: Tue, 24 Nov 2026 04:00:00 +0000\r\nMessage-ID: <${'0'.repeat(NUMBER_DIGITS)}@outside.test>\r\n\r\n`
  const line = `${'The quick brown fox jumps over it. '.repeat(2)}\r\n`
  const mail = Buffer.from(
    `${(header + line.repeat(Math.ceil(size / line.length))).slice(0, size - 5).replace(/\r?$/, '')}${CRLF}.${CRLF}`,
  )
  const at = header.indexOf('0'.repeat(NUMBER_DIGITS))
  return (number) => {
    const own = Buffer.from(mail)
    own.write(String(number).padStart(NUMBER_DIGITS, '0'), at, 'latin1')
    return own
  }
}

const readMails = (folder: string): ((number: number) => Buffer) => {
  const mails = readdirSync(folder)
    .toSorted()
    .map((name) => readFileSync(join(folder, name)))
  return (number) => mails[number % mails.length] ?? Buffer.from(`.${CRLF}`)
}

const serveRounds = (source: string, from: string): void => {
  const mail = /^\d+$/.test(source) ? makeMails(Number(source), from) : readMails(source)
  let sent = 0
  process.on('message', (round: Round) => {
    const refused: Record<string, number> = {}
    let accepted = 0
    const began = performance.now()
    const end = sent + round.mails
    const next = (): Buffer | null => (sent < end ? mail(sent++) : null)
    const count = (reply: string): void => {
      if (reply.startsWith('250')) accepted += 1
      else refused[reply] = (refused[reply] ?? 0) + 1
    }
    Promise.all(Array.from({ length: round.connections }, () => converse(round, from, next, count))).then(
      () => process.send?.({ milliseconds: performance.now() - began, accepted, refused } satisfies Sent),
      (error: unknown) => process.send?.({ failed: String(error) }),
    )
  })
  process.send?.('ready')
}

/** One sender: a connection, and after `perConnection` mails another, until there is no next mail. */
const converse = (
  { port, perConnection, recipient, login }: Round,
  from: string,
  next: () => Buffer | null,
  count: (reply: string) => void,
): Promise<void> =>
  new Promise((resolve, reject) => {
    let mail = next()
    const mailFrom = `MAIL FROM:<${from}>${CRLF}`
    const credentials = Buffer.from(`\0${login?.user}\0${login?.password}`).toString('base64')
    const rcptTo = `RCPT TO:<${recipient}>${CRLF}`
    const open = (): void => {
      if (mail === null) return resolve()
      let step = 0
      let left = perConnection
      let held = ''
      let quitting = false
      let loggedIn = login === undefined
      const socket = loggedIn
        ? connect({ port, host: '127.0.0.1', noDelay: true })
        : connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false })
      socket.on('error', (error) => (quitting ? undefined : reject(error)))
      socket.on('close', () =>
        quitting ? undefined : reject(new Error(`closed by the server, step ${step}: ${held}`)),
      )
      const quit = (): void => {
        quitting = true
        socket.end(`QUIT${CRLF}`)
        open()
      }
      const afterMail = (reply: string): void => {
        count(reply)
        mail = next()
        left -= 1
        if (mail === null || left === 0) return quit()
        step = 2
        socket.write(mailFrom)
      }
      socket.on('data', (chunk: Buffer) => {
        if (quitting) return
        held += chunk.toString('latin1')
        if (!held.endsWith('\n')) return
        const last = held.slice(held.lastIndexOf('\n', held.length - 2) + 1)
        if (last[3] === '-') return
        held = ''
        switch (step++) {
          case 0:
            socket.write(`EHLO bench.outside.test${CRLF}`)
            return
          case 1:
            if (!loggedIn) {
              loggedIn = true
              step = 1
              socket.write(`AUTH PLAIN ${credentials}${CRLF}`)
              return
            }
            socket.write(mailFrom)
            return
          case 2:
            if (!last.startsWith('250')) return void reject(new Error(`MAIL: ${last}`))
            socket.write(rcptTo)
            return
          case 3:
            if (!last.startsWith('250')) return void reject(new Error(`RCPT: ${last}`))
            socket.write(`DATA${CRLF}`)
            return
          case 4:
            if (!last.startsWith('354')) return void reject(new Error(`DATA: ${last}`))
            socket.write(mail ?? '')
            return
          default:
            afterMail(last.startsWith('250') ? last : last.trimEnd().slice(0, 160))
        }
      })
    }
    open()
  })

if (import.meta.main && process.send !== undefined) serveRounds(process.argv[2] ?? '4096', process.argv[3] ?? SENDER)
