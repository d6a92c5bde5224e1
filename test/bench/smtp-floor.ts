import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { SMTPServer } from 'smtp-server'
import { listenSmtp } from '#infra/smtp/listen'
import type { MailSession, SmtpLimits } from '#infra/smtp/port'

/*
 * What our listener costs on top of bare smtp-server: the same client, a session that only counts, 4 kB mails by 20 senders. Each server
 * has a process of its own; besides the rates, which other load disturbs, its CPU time per mail is compared.
 */
const senders = 20
const crlf = '\r\n'
const mail = (size: number): Buffer => {
  const header = `From: <ann@sender.test>${crlf}To: <ben@mailkeep.test>${crlf}Subject: floor${crlf}Date: Tue, 24 Nov 2026 04:00:00 +0000${crlf}Message-ID: <floor@sender.test>${crlf}${crlf}`
  const line = `${'mailkeep '.repeat(8)}${crlf}`
  return Buffer.from(header + line.repeat(Math.ceil((size - header.length) / line.length)) + `.${crlf}`)
}

const limits: SmtpLimits = {
  messageSize: 50 * 1024 * 1024,
  recipientsPerMail: 1_000,
  mailsPerConnection: 1_000_000,
  errorsPerConnection: 20,
  connections: 2_000,
  connectionsPerAddress: 2_000,
  commandLine: 4_096,
  dataLine: 100_000,
  headerSize: 1024 * 1024,
  headerCount: 2_000,
  receivedHops: 30,
  idleTimeout: 60_000,
  dataTimeout: 60_000,
  sessionTimeout: 600_000,
  bareLineEnds: 'reject',
}

const session: MailSession = {
  mail: async () => {},
  rcpt: async () => {},
  data: async (message) => {
    let size = 0
    for await (const octets of message) size += octets.length
    return { code: 250, enhancedCode: '2.0.0', text: `Ok: ${size}` }
  },
  reset: () => {},
  logout: () => {},
}

const ours = async (): Promise<number> => {
  const listener = await listenSmtp({
    bind: '127.0.0.1',
    port: 0,
    hostname: 'floor.test',
    tls: null,
    mode: 'mx',
    sessions: { connect: async () => session },
    limits: () => limits,
    log: { warn: console.error, error: console.error },
  })
  return listener.port
}

const bare = async (): Promise<number> => {
  const server = new SMTPServer({
    disableReverseLookup: true,
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    logger: false,
    onData(stream, _session, callback) {
      stream.on('data', () => {})
      stream.on('end', () => callback(null, 'Ok: bare'))
    },
  })
  server.listen(0, '127.0.0.1')
  await once(server.server, 'listening')
  const bound = server.server.address()
  if (bound === null || typeof bound === 'string') throw new Error('no port')
  return bound.port
}

/** Reads replies of one line or several; `last` resolves with the code of a whole reply. */
const replies = (socket: Socket): (() => Promise<string>) => {
  let held = ''
  let waiting: ((line: string) => void) | null = null
  const look = (): void => {
    const whole = /^(?:\d{3}-.*\r\n)*(\d{3}) ?.*\r\n/.exec(held)
    if (whole === null || waiting === null) return
    held = held.slice(whole[0].length)
    const resolve = waiting
    waiting = null
    resolve(whole[1] ?? '')
  }
  socket.on('data', (chunk) => {
    held += chunk.toString('latin1')
    look()
  })
  return () =>
    new Promise((resolve) => {
      waiting = resolve
      look()
    })
}

const say = async (socket: Socket, next: () => Promise<string>, text: string | Buffer, code: string): Promise<void> => {
  socket.write(text)
  const got = await next()
  if (got !== code) throw new Error(`${code} expected, got ${got}`)
}

const deliver = async (port: number, body: Buffer, take: () => boolean, persistent: boolean): Promise<void> => {
  for (let go = take(); go;) {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    const next = replies(socket)
    if ((await next()) !== '220') throw new Error('no greeting')
    await say(socket, next, `EHLO bench.test${crlf}`, '250')
    do {
      await say(socket, next, `MAIL FROM:<ann@sender.test>${crlf}`, '250')
      await say(socket, next, `RCPT TO:<ben@mailkeep.test>${crlf}`, '250')
      await say(socket, next, `DATA${crlf}`, '354')
      await say(socket, next, body, '250')
      go = take()
      if (!persistent) break
    } while (go)
    socket.end(`QUIT${crlf}`)
    socket.on('error', () => {})
  }
}

/** In the child: serves until killed, tells its port, and its CPU time whenever asked. */
const serve = async (kind: string | undefined): Promise<void> => {
  const port = await (kind === 'bare' ? bare() : ours())
  process.on('message', () => process.send?.(process.cpuUsage()))
  process.send?.(port)
}

const told = async (child: ChildProcess): Promise<unknown> => {
  const [message]: unknown[] = await once(child, 'message')
  return message
}

/** Microseconds. */
const cpu = async (child: ChildProcess): Promise<number> => {
  child.send('cpu')
  const used = await told(child)
  if (typeof used !== 'object' || used === null || !('user' in used) || !('system' in used))
    throw new Error('no CPU time')
  return Number(used.user) + Number(used.system)
}

interface Measured {
  /** Mails per second. */
  readonly rate: number
  /** Microseconds of the server's CPU per mail. */
  readonly cost: number
}

const measure = async (kind: 'ours' | 'bare', mails: number, persistent: boolean): Promise<Measured> => {
  const child = fork(new URL(import.meta.url), [kind], { execArgv: ['--conditions=source'] })
  const port = Number(await told(child))
  const body = mail(4_096)
  const round = async (count: number): Promise<void> => {
    let left = count
    await Promise.all(Array.from({ length: senders }, () => deliver(port, body, () => left-- > 0, persistent)))
  }
  await round(Math.ceil(mails / 5))
  const [before, since] = [await cpu(child), performance.now()]
  await round(mails)
  const spent = performance.now() - since
  const cost = (await cpu(child)) - before
  child.kill()
  return { rate: (mails * 1_000) / spent, cost: cost / mails }
}

const median = (numbers: readonly number[]): number => numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? 0

/** One line per way of sending: ours, bare smtp-server, their ratios; medians of three rounds that take turns. */
export const run = async (): Promise<string[]> => {
  const lines: string[] = []
  for (const persistent of [true, false]) {
    const rounds: { our: Measured; their: Measured }[] = []
    for (let round = 0; round < 3; round++)
      rounds.push({
        our: await measure('ours', persistent ? 10_000 : 2_000, persistent),
        their: await measure('bare', persistent ? 10_000 : 400, persistent),
      })
    const middle = (pick: (round: { our: Measured; their: Measured }) => number): number => median(rounds.map(pick))
    lines.push(
      `smtp-floor ${persistent ? 'persistent' : 'connection per mail'}: ours ${middle(({ our }) => our.rate).toFixed(0)}/s, ${middle(({ our }) => our.cost).toFixed(0)} us CPU; ` +
        `bare smtp-server ${middle(({ their }) => their.rate).toFixed(0)}/s, ${middle(({ their }) => their.cost).toFixed(0)} us CPU; ` +
        `ratio ${middle(({ our, their }) => our.rate / their.rate).toFixed(2)}, by CPU ${middle(({ our, their }) => their.cost / our.cost).toFixed(2)}`,
    )
  }
  return lines
}

if (import.meta.main && process.send !== undefined) await serve(process.argv[2])
else if (import.meta.main) for (const line of await run()) console.log(line)
