import { createHash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { Reply } from '#domain/message/reply'
import { Conversation } from './conversation.ts'
import { nameOf, openConnection, Unusable } from './opening.ts'
import type { Deadlines, MailTransport, Sent, SmtpTarget, Transaction, Transport } from './port.ts'
import { demandOf } from './tls-demand.ts'
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
const WITHOUT_TLS_SERVERS = 10_000

/** Connections to any number of servers, kept for a while and used again. */
export class SmtpPool implements MailTransport {
  readonly #options: ServerOptions
  readonly #servers = new Map<string, Server>()
  /** Those whose handshake failed a moment ago, and why. */
  readonly #withoutTls = new LRUCache<string, string>({ max: WITHOUT_TLS_SERVERS, ttl: WITHOUT_TLS_MS })

  constructor({ name, deadlines = {}, idle = 15_000, mailsPerConnection = 500 }: PoolOptions) {
    this.#options = { name, idle, mailsPerConnection, deadlines: { ...patient, ...deadlines } }
  }

  send(target: SmtpTarget, transaction: Transaction): Promise<Sent> {
    const key = keyOf(target)
    let server = this.#servers.get(key)
    if (server === undefined) {
      server = new Server(target, this.#options, {
        unused: () => this.#servers.delete(key),
        tlsFailure: () => this.#withoutTls.get(key) ?? null,
        tlsFailed: (why) => this.#withoutTls.set(key, why),
      })
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

interface InPool {
  unused(): void
  /** Why TLS failed a moment ago; null: it did not. */
  tlsFailure(): string | null
  tlsFailed(why: string): void
}

/** Passwords stay out of long-lived keys. */
const keyOf = ({ protocol, at, address, localAddress, tls, auth, deadlines }: SmtpTarget): string =>
  createHash('sha256')
    .update(JSON.stringify([protocol, at, address, localAddress, tls, auth, deadlines]))
    .digest('base64')

class Server {
  readonly #options: ServerOptions
  readonly #pool: InPool
  readonly #idle: { conversation: Conversation; timer: NodeJS.Timeout }[] = []
  readonly #busy = new Set<Conversation>()
  readonly #waiting: (() => void)[] = []
  #connections: number
  #taken = 0

  constructor(target: SmtpTarget, options: ServerOptions, pool: InPool) {
    this.#connections = target.connections
    this.#options = options
    this.#pool = pool
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
        return this.#heard(target, transaction, await this.#transact(kept, transaction))
      } catch (error) {
        // Closed by the server while nobody used it: nothing of this mail was sent.
        if (!(error instanceof ConnectionLost)) throw error
      }
    }
    let opened: Conversation | null = null
    try {
      opened = await this.#open(target)
      return this.#heard(target, transaction, await this.#transact(opened, transaction))
    } catch (error) {
      if (error instanceof Unusable) return nothingSaid(transaction, error.reply, error.transport)
      if (!(error instanceof ConnectionLost)) throw error
      const text = `${nameOf(target)}: the connection was lost at MAIL: ${error.message}`.slice(0, 1_000)
      return nothingSaid(transaction, { code: 451, enhancedCode: '4.4.2', text }, opened?.transport ?? null)
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

  /** A server that wants TLS and got none is away, not against the mail (530, RFC 3207 4): TLS may work again, or be offered again. */
  #heard(target: SmtpTarget, transaction: Transaction, sent: Sent): Sent {
    const inPlain = sent.transport?.tls === null && target.tls !== 'off'
    if (!inPlain || !sent.outcomes.every(({ reply }) => reply.code === 530)) return sent
    const why = `${nameOf(target)}: it wants TLS, and ${sent.transport?.remark ?? 'there was none'}`
    return nothingSaid(transaction, { code: 451, enhancedCode: '4.7.5', text: why.slice(0, 1_000) }, sent.transport)
  }

  async #open(target: SmtpTarget): Promise<Conversation> {
    const { name } = this.#options
    const deadlines = { ...this.#options.deadlines, ...target.deadlines }
    const demand = target.auth === null ? demandOf(target) : null
    const inPlain = async (why: string): Promise<Conversation> => {
      const opened = await openConnection({ ...target, tls: 'off' }, { name, deadlines })
      const remark = (demand?.inPlain(why) ?? why).slice(0, 500)
      return new Conversation({ ...opened, transport: { ...opened.transport, remark } }, target, deadlines)
    }
    const plainAllowed = demand?.plainAllowed ?? false
    const failure = plainAllowed ? this.#pool.tlsFailure() : null
    if (failure !== null) return inPlain(failure)
    try {
      return new Conversation(await openConnection(target, { name, deadlines }), target, deadlines)
    } catch (error) {
      if (!plainAllowed || !(error instanceof Unusable) || !error.tlsFailed) throw error
      const why = `TLS was offered and failed: ${error.why}`
      this.#pool.tlsFailed(why)
      return inPlain(why)
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
    if (this.#taken === 0 && this.#idle.length === 0) this.#pool.unused()
  }

  close(): void {
    for (const { conversation, timer } of this.#idle.splice(0)) {
      clearTimeout(timer)
      conversation.quit()
    }
    for (const conversation of this.#busy) conversation.destroy()
  }
}

const nothingSaid = ({ recipients }: Transaction, reply: Reply, transport: Transport | null): Sent => ({
  outcomes: recipients.map((recipient) => ({ recipient, reply, uncertain: false })),
  away: reply,
  transport,
})
