import { createHash } from 'node:crypto'
import type { Reply } from '#domain/message/reply'
import { Conversation } from './conversation.ts'
import { nameOf, openConnection, Unusable } from './opening.ts'
import type { Deadlines, MailTransport, Sent, SmtpTarget, Transaction } from './port.ts'
import { ConnectionLost } from './wire.ts'

export interface PoolOptions {
  /** Said in EHLO and LHLO. */
  readonly name: string
  readonly deadlines?: Partial<Deadlines>
  /** How long a connection without work is kept, milliseconds. */
  readonly idle?: number
  readonly mailsPerConnection?: number
}

const MINUTE = 60_000

const patient: Deadlines = {
  connect: 30_000,
  greeting: MINUTE,
  command: 2 * MINUTE,
  data: 2 * MINUTE,
  block: 3 * MINUTE,
  final: 10 * MINUTE,
}

/** After a handshake that failed, plain is what an opportunistic target gets for so long. */
const WITHOUT_TLS_MS = 10 * MINUTE

/** Connections to any number of servers, kept for a while and used again. */
export class SmtpPool implements MailTransport {
  readonly #options: ServerOptions
  readonly #servers = new Map<string, Server>()

  constructor({ name, deadlines = {}, idle = 15_000, mailsPerConnection = 500 }: PoolOptions) {
    this.#options = { name, idle, mailsPerConnection, deadlines: { ...patient, ...deadlines } }
  }

  send(target: SmtpTarget, transaction: Transaction): Promise<Sent> {
    const key = keyOf(target)
    let server = this.#servers.get(key)
    if (server === undefined) {
      server = new Server(target, this.#options, () => this.#servers.delete(key))
      this.#servers.set(key, server)
    }
    return server.send(target, transaction)
  }

  async close(): Promise<void> {
    for (const server of this.#servers.values()) server.close()
    this.#servers.clear()
  }
}

type ServerOptions = Required<Omit<PoolOptions, 'deadlines'>> & { readonly deadlines: Deadlines }

/** Passwords stay out of long-lived keys. */
const keyOf = ({ protocol, at, tls, auth }: SmtpTarget): string =>
  createHash('sha256')
    .update(JSON.stringify([protocol, at, tls, auth]))
    .digest('base64')

class Server {
  readonly #options: ServerOptions
  readonly #unused: () => void
  readonly #idle: { conversation: Conversation; timer: NodeJS.Timeout }[] = []
  readonly #busy = new Set<Conversation>()
  readonly #waiting: (() => void)[] = []
  #connections: number
  #taken = 0
  #withoutTlsUntil = 0

  constructor(target: SmtpTarget, options: ServerOptions, unused: () => void) {
    this.#connections = target.connections
    this.#options = options
    this.#unused = unused
  }

  async send(target: SmtpTarget, transaction: Transaction): Promise<Sent> {
    this.#connections = Math.max(1, target.connections)
    if (this.#taken >= this.#connections) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    else this.#taken += 1
    try {
      return await this.#send(target, transaction)
    } finally {
      // The slot goes to whoever waits; where nobody does, it is free.
      const next = this.#taken <= this.#connections ? this.#waiting.shift() : undefined
      if (next === undefined) this.#taken -= 1
      else next()
      this.#forgetIfUnused()
    }
  }

  async #send(target: SmtpTarget, transaction: Transaction): Promise<Sent> {
    for (let kept = this.#keptOne(); kept !== null; kept = this.#keptOne()) {
      try {
        return await this.#transact(kept, transaction)
      } catch (error) {
        // Closed by the server while nobody used it: nothing of this mail was sent.
        if (!(error instanceof ConnectionLost)) throw error
      }
    }
    try {
      return await this.#transact(await this.#open(target), transaction)
    } catch (error) {
      if (error instanceof Unusable) return nothingSaid(transaction, error.reply)
      if (!(error instanceof ConnectionLost)) throw error
      return nothingSaid(transaction, {
        code: 451,
        enhancedCode: '4.4.2',
        text: `${nameOf(target)}: the connection was lost at MAIL: ${error.message}`.slice(0, 1_000),
      })
    }
  }

  async #transact(conversation: Conversation, transaction: Transaction): Promise<Sent> {
    this.#busy.add(conversation)
    try {
      return await conversation.transact(transaction)
    } catch (error) {
      conversation.destroy()
      throw error
    } finally {
      this.#busy.delete(conversation)
      this.#keep(conversation)
    }
  }

  async #open(target: SmtpTarget): Promise<Conversation> {
    const { name, deadlines } = this.#options
    const open = async (tls: SmtpTarget['tls']): Promise<Conversation> =>
      new Conversation(await openConnection({ ...target, tls }, { name, deadlines }), target, deadlines)
    const opportunistic = target.tls === 'opportunistic' && target.auth === null
    if (opportunistic && performance.now() < this.#withoutTlsUntil) return open('off')
    try {
      return await open(target.tls)
    } catch (error) {
      if (!opportunistic || !(error instanceof Unusable) || !error.tlsFailed) throw error
      this.#withoutTlsUntil = performance.now() + WITHOUT_TLS_MS
      return open('off')
    }
  }

  #keptOne(): Conversation | null {
    for (let kept = this.#idle.pop(); kept !== undefined; kept = this.#idle.pop()) {
      clearTimeout(kept.timer)
      if (kept.conversation.usable) return kept.conversation
      kept.conversation.destroy()
    }
    return null
  }

  #keep(conversation: Conversation): void {
    if (!conversation.usable) return conversation.destroy()
    if (conversation.mails >= this.#options.mailsPerConnection || this.#taken > this.#connections)
      return conversation.quit()
    const leave = (): void => {
      const at = this.#idle.findIndex((one) => one.conversation === conversation)
      if (at === -1) return
      clearTimeout(this.#idle[at]!.timer)
      this.#idle.splice(at, 1)
      if (conversation.usable) conversation.quit()
      else conversation.destroy()
      this.#forgetIfUnused()
    }
    if (conversation.mails === 1) conversation.onClose(leave)
    this.#idle.push({ conversation, timer: setTimeout(leave, this.#options.idle).unref() })
  }

  #forgetIfUnused(): void {
    if (this.#taken === 0 && this.#idle.length === 0 && performance.now() >= this.#withoutTlsUntil) this.#unused()
  }

  close(): void {
    for (const { conversation, timer } of this.#idle.splice(0)) {
      clearTimeout(timer)
      conversation.quit()
    }
    for (const conversation of this.#busy) conversation.destroy()
  }
}

const nothingSaid = ({ recipients }: Transaction, reply: Reply): Sent => ({
  outcomes: recipients.map((recipient) => ({ recipient, reply, uncertain: false })),
  away: reply,
})
