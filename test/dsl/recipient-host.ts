import { createServer, type Server, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

/** A mailbox host by LMTP that knows some addresses. */
export interface RecipientHost {
  readonly port: number
  readonly known: Set<string>
  /** Replies to RCPT for addresses that are answered otherwise. */
  readonly replies: Map<string, string>
  /** Addresses that were asked about without a mail following. */
  readonly asked: readonly string[]
  readonly delivered: readonly { readonly to: readonly string[]; readonly content: string }[]
  stop(): Promise<void>
  /** On the same port. */
  start(): Promise<void>
}

/** Stopped when the test is over. */
export const recipientHost = async (...known: readonly string[]): Promise<RecipientHost> => {
  const host = await openRecipientHost(...known)
  onTestFinished(() => host.stop())
  return host
}

export const openRecipientHost = async (...known: readonly string[]): Promise<RecipientHost> => {
  const host = new Host(new Set(known))
  await host.start()
  return host
}

class Host implements RecipientHost {
  readonly known: Set<string>
  readonly replies = new Map<string, string>()
  readonly asked: string[] = []
  readonly delivered: { to: readonly string[]; content: string }[] = []
  readonly #open = new Set<Socket>()
  #server: Server | null = null
  port = 0

  constructor(known: Set<string>) {
    this.known = known
  }

  start(): Promise<void> {
    const server = createServer((socket) => this.#converse(socket))
    this.#server = server
    return new Promise((resolve, reject) => {
      server.once('error', reject)
      server.listen(this.port, '127.0.0.1', () => {
        const address = server.address()
        this.port = typeof address === 'object' && address !== null ? address.port : 0
        resolve()
      })
    })
  }

  async stop(): Promise<void> {
    const server = this.#server
    this.#server = null
    for (const socket of this.#open) socket.destroy()
    await new Promise<void>((resolve) => (server === null ? resolve() : server.close(() => resolve())))
  }

  #converse(socket: Socket): void {
    this.#open.add(socket)
    socket.on('close', () => this.#open.delete(socket))
    socket.on('error', () => socket.destroy())
    const say = (line: string) => socket.write(`${line}\r\n`)
    let held = ''
    let to: string[] = []
    let named: string[] = []
    let content: string[] | null = null
    const command = (line: string): void => {
      const address = /<(.*)>/.exec(line)?.[1]?.toLowerCase() ?? ''
      if (/^LHLO/i.test(line)) say('250-host.test\r\n250 ENHANCEDSTATUSCODES')
      else if (/^MAIL/i.test(line)) {
        ;[to, named] = [[], []]
        say('250 2.1.0 Ok')
      } else if (/^RCPT/i.test(line)) {
        named.push(address)
        const reply = this.replies.get(address) ?? (this.known.has(address) ? '250 2.1.5 Ok' : '550 5.1.1 No such user')
        if (reply.startsWith('2')) to.push(address)
        say(reply)
      } else if (/^DATA/i.test(line)) {
        named = []
        content = []
        say('354 Go on')
      } else if (/^QUIT/i.test(line)) {
        this.asked.push(...named)
        socket.end('221 2.0.0 Bye\r\n')
      } else say('250 2.0.0 Ok')
    }
    say('220 host.test LMTP')
    socket.on('data', (octets) => {
      held += octets.toString('latin1')
      for (let end = held.indexOf('\r\n'); end >= 0; end = held.indexOf('\r\n')) {
        const line = held.slice(0, end)
        held = held.slice(end + 2)
        if (content === null) command(line)
        else if (line !== '.') content.push(line)
        else {
          this.delivered.push({ to, content: content.join('\r\n') })
          for (const _each of to) say('250 2.0.0 Delivered')
          content = null
        }
      }
    })
  }
}
