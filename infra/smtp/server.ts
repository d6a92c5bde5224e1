import type net from 'node:net'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import type { SMTPConnectionOptions } from 'smtp-server/lib/smtp-connection.js'
import { MailConnection } from './connection.ts'
import type { ListenerContext } from './context.ts'
import { Crowd } from './crowd.ts'
import type { ProtocolRefusal } from './refusals.ts'
import { replyLines } from './refusals.ts'

type Session = Parameters<SMTPServer['onAuth']>[1]

/** How long a client that was turned away may take to read why. */
const parting = 2_000

/** smtp-server with our connections in it. */
export class MailServer extends SMTPServer {
  readonly #context: ListenerContext
  readonly #bySession = new WeakMap<Session, MailConnection>()
  readonly #present = new Set<MailConnection>()
  readonly crowd = new Crowd()

  constructor(options: SMTPServerOptions, context: ListenerContext) {
    super(options)
    this.#context = context
  }

  override connect(socket: net.Socket, options?: SMTPConnectionOptions | null): void {
    const address = plainAddress(socket.remoteAddress)
    const refusal = this.#context.closing() ? null : this.crowd.enter(address, this.#context.limits(address))
    if (refusal !== null || this.#context.closing()) {
      this.#turnAway(socket, address, refusal)
      return
    }
    const connection = new MailConnection(this, socket, options, this.#context, () => {
      this.#present.delete(connection)
      this.crowd.leave(address)
    })
    this.#present.add(connection)
    this.#bySession.set(connection.session, connection)
    this.connections.add(connection)
    connection.init()
  }

  /** Implicit TLS: what has yet to shake hands counts as well. */
  override _acceptSocket(socket: net.Socket, handshake: boolean): (() => void) | false {
    if (!handshake) return super._acceptSocket(socket, handshake)
    const address = plainAddress(socket.remoteAddress)
    const refusal = this.crowd.enter(address, this.#context.limits(address))
    if (refusal !== null) {
      this.#tell(socket, address, refusal)
      socket.on('error', () => socket.destroy())
      socket.destroy()
      return false
    }
    const release = super._acceptSocket(socket, handshake)
    let inside = true
    return () => {
      if (inside) this.crowd.leave(address)
      inside = false
      if (release !== false) release()
    }
  }

  override onAuth(
    auth: Parameters<SMTPServer['onAuth']>[0],
    session: Session,
    callback: Parameters<SMTPServer['onAuth']>[2],
  ): void {
    const connection = this.#bySession.get(session)
    const { method, username, password } = auth
    if (connection === undefined || (method !== 'PLAIN' && method !== 'LOGIN')) {
      callback(new Error(`no connection for AUTH ${method}`))
      return
    }
    const credentials = { mechanism: method, username: username ?? '', password: password ?? '' }
    void connection.verify(credentials, (error, account) => {
      if (error === null) callback(null, { user: account })
      else callback(error)
    })
  }

  /** Clients that have nothing under way are told to go. */
  dismissResting(): void {
    for (const connection of this.#present) if (connection.resting) connection.shutDown()
  }

  dismissAll(): void {
    for (const connection of this.#present) {
      connection.shutDown()
      connection.destroySoon()
    }
    for (const socket of this._pendingSockets.values()) socket.destroy()
  }

  #turnAway(socket: net.Socket, address: string, refusal: ProtocolRefusal | null): void {
    socket.on('error', () => socket.destroy())
    socket.resume()
    const { hostname } = this.#context
    const reply = refusal?.reply ?? {
      code: 421,
      enhancedCode: '4.3.2',
      text: `${hostname} is shutting down, try again later`,
    }
    socket.end(replyLines(reply))
    const timer = setTimeout(() => socket.destroy(), parting)
    timer.unref()
    socket.once('close', () => clearTimeout(timer))
    if (refusal !== null) this.#tell(socket, address, refusal)
  }

  #tell(socket: net.Socket, address: string, refusal: ProtocolRefusal): void {
    const connection = {
      id: 'none',
      remoteAddress: address,
      localPort: socket.localPort ?? 0,
      helo: null,
      esmtp: false,
      tls: null,
      account: null,
    }
    this.#context.sessions.refused?.(connection, 'connect', refusal.reply, refusal.check)
  }
}

/** An IPv4 client of a dual-stack socket by its IPv4 address. */
const plainAddress = (address: string | undefined): string =>
  (address ?? '').replace(/^::ffff:(?=\d+\.)/i, '').toLowerCase()
