import { connect, type Socket } from 'node:net'
import { once } from 'node:events'
import { SMTPServer } from 'smtp-server'
import { listenSmtp } from '#infra/smtp/listen'
import type { MailSession, SmtpLimits } from '#infra/smtp/port'

/*
 * What our listener costs on top of bare smtp-server: the same client, a session that only counts, 4 kB mails by 20 senders. Senders
 * and servers share one process, so the ratio is what counts, not the rates.
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

interface Server {
  port: number
  close(): Promise<void>
}

const ours = async (): Promise<Server> => {
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
  return { port: listener.port, close: () => listener.close(1_000) }
}

const bare = async (): Promise<Server> => {
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
  return { port: bound.port, close: () => new Promise((resolve) => server.close(() => resolve())) }
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

const rate = async (start: () => Promise<Server>, mails: number, persistent: boolean): Promise<number> => {
  const server = await start()
  let left = mails
  const take = (): boolean => left-- > 0
  const body = mail(4_096)
  const since = performance.now()
  await Promise.all(Array.from({ length: senders }, () => deliver(server.port, body, take, persistent)))
  const spent = performance.now() - since
  await server.close()
  return (mails * 1_000) / spent
}

/** One line per way of sending: ours, bare smtp-server, their ratio. */
export const run = async (): Promise<string[]> => {
  const lines: string[] = []
  for (const persistent of [true, false]) {
    const mails = persistent ? 20_000 : 4_000
    await rate(ours, mails / 10, persistent)
    const our = await rate(ours, mails, persistent)
    const their = await rate(bare, persistent ? mails : 500, persistent)
    lines.push(
      `smtp-floor ${persistent ? 'persistent' : 'connection per mail'}: ours ${our.toFixed(0)}/s, bare smtp-server ${their.toFixed(0)}/s, ratio ${(our / their).toFixed(2)}`,
    )
  }
  return lines
}

if (import.meta.main) for (const line of await run()) console.log(line)
