import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from 'node:tls'
import { ProtocolViolation, ReplyReader, type RawReply } from './reply-reader.ts'
import type { SmtpTarget } from './port.ts'

/** The connection is of no use any more. */
export class ConnectionLost extends Error {
  constructor(why: string, options?: ErrorOptions) {
    super(why, options)
    this.name = 'ConnectionLost'
  }
}

type Place = Pick<SmtpTarget, 'at' | 'address' | 'localAddress'>

/** Octets that came and were not asked for yet; beyond it nothing more is read until they are. */
const UNREAD = 256 * 1024

const FAREWELL_MS = 2_000

interface Waiting {
  readonly resolve: (reply: RawReply) => void
  readonly reject: (error: Error) => void
  readonly timer: NodeJS.Timeout
}

/**
 * A socket that speaks in commands and replies. Everything has a deadline; whatever goes wrong ends the connection and is a
 * `ConnectionLost` for who waits and for who asks later.
 */
export class Wire {
  #socket: Socket
  #reader = new ReplyReader()
  #lost: ConnectionLost | null = null
  #waiting: Waiting | null = null
  #drained: (() => void) | null = null
  readonly #onClose = new Set<() => void>()

  /** The other side's IP address and port; null: a unix socket. */
  readonly address: string | null

  private constructor(socket: Socket) {
    const { remoteAddress, remotePort } = socket
    this.address = remoteAddress === undefined ? null : endpoint(remoteAddress, remotePort ?? 0)
    this.#socket = socket
    this.#listen(socket)
  }

  /** Throws `ConnectionLost`. */
  static open({ at, address, localAddress }: Place, deadline: number): Promise<Wire> {
    return new Promise((resolve, reject) => {
      const from = localAddress === undefined ? {} : { localAddress }
      const socket =
        'socket' in at
          ? connectTcp({ path: at.socket })
          : connectTcp({ host: address ?? at.host, port: at.port, noDelay: true, ...from })
      const failed = (why: string, cause?: Error): void => {
        clearTimeout(timer)
        socket.destroy()
        reject(new ConnectionLost(why, { cause }))
      }
      const timer = setTimeout(() => failed(`no connection within ${deadline} ms`), deadline)
      socket.once('error', (error) => failed(error.message, error))
      socket.once('connect', () => {
        clearTimeout(timer)
        socket.removeAllListeners('error')
        resolve(new Wire(socket))
      })
    })
  }

  get lost(): ConnectionLost | null {
    return this.#lost
  }

  /** Something came that nobody asked for. */
  get unasked(): boolean {
    return this.#waiting === null && this.#reader.pending
  }

  onClose(closed: () => void): void {
    this.#onClose.add(closed)
  }

  /** The next reply. Throws `ConnectionLost`. */
  reply(deadline: number): Promise<RawReply> {
    return new Promise((resolve, reject) => {
      try {
        const there = this.#reader.next()
        if (there !== null) return resolve(there)
      } catch (error) {
        this.#lose(violation(error))
      }
      if (this.#lost !== null) return reject(this.#lost)
      const timer = setTimeout(() => this.#lose(new ConnectionLost(`no reply within ${deadline} ms`)), deadline)
      this.#waiting = { resolve, reject, timer }
      if (this.#socket.isPaused()) this.#socket.resume()
    })
  }

  /** Written without waiting. */
  write(octets: Uint8Array | string): void {
    if (this.#lost === null) this.#socket.write(octets)
  }

  /** Pieces as one write. */
  writeAll(pieces: readonly Uint8Array[]): void {
    if (this.#lost !== null) return
    this.#socket.cork()
    for (const piece of pieces) this.#socket.write(piece)
    this.#socket.uncork()
  }

  /** Resolves when there is room again. Throws `ConnectionLost`. */
  async room(deadline: number): Promise<void> {
    if (this.#lost !== null) throw this.#lost
    if (!this.#socket.writableNeedDrain) return
    const timer = setTimeout(
      () => this.#lose(new ConnectionLost(`the message was not taken: nothing within ${deadline} ms`)),
      deadline,
    )
    await new Promise<void>((resolve) => {
      this.#drained = resolve
    })
    clearTimeout(timer)
    if (this.#lost !== null) throw this.#lost
  }

  /**
   * After the 220 to STARTTLS. What came behind that reply came in plain, from whomever: the connection ends (RFC 3207, CVE-2011-0411).
   * `check` answers what is wrong with the other side, before anything is said to it. Throws `ConnectionLost`.
   */
  async startTls(
    options: ConnectionOptions,
    deadline: number,
    check: (socket: TLSSocket) => string | null,
  ): Promise<TLSSocket> {
    if (this.#reader.pending) {
      this.#lose(new ConnectionLost('the server spoke on in plain behind its reply to STARTTLS'))
    }
    if (this.#lost !== null) throw this.#lost
    const plain = this.#socket
    plain.removeAllListeners()
    const name = options.servername ?? ''
    return new Promise((resolve, reject) => {
      const secure = connectTls({
        ...options,
        socket: plain,
        minVersion: 'TLSv1.2',
        ...(name === '' || isIP(name) !== 0 ? { servername: '' } : {}),
      })
      const failed = (why: string, cause?: Error): void => {
        clearTimeout(timer)
        secure.destroy()
        plain.destroy()
        this.#lose(new ConnectionLost(`TLS: ${why}`, { cause }))
        reject(this.#lost)
      }
      const timer = setTimeout(() => failed(`no handshake within ${deadline} ms`), deadline)
      secure.once('error', (error) => failed(error.message, error))
      secure.once('close', () => failed('closed during the handshake'))
      secure.once('secureConnect', () => {
        const wrong = check(secure)
        if (wrong !== null) return failed(wrong)
        clearTimeout(timer)
        secure.removeAllListeners('error').removeAllListeners('close')
        this.#socket = secure
        this.#reader = new ReplyReader()
        this.#listen(secure)
        resolve(secure)
      })
    })
  }

  /** A reply that came before it was asked for, though the connection may be lost since; null: there is none. */
  early(): RawReply | null {
    try {
      return this.#reader.next()
    } catch {
      return null
    }
  }

  /** Says a last word, waits for nothing. */
  end(last: string): void {
    const socket = this.#socket
    if (this.#lost !== null) return
    this.#lost = new ConnectionLost('closed by us')
    socket.removeAllListeners('data').resume()
    const timer = setTimeout(() => socket.destroy(), FAREWELL_MS).unref()
    socket.once('close', () => clearTimeout(timer))
    socket.end(last)
  }

  /** Ends it, whatever is under way. */
  destroy(): void {
    this.#lose(new ConnectionLost('closed by us'))
  }

  #listen(socket: Socket): void {
    socket.on('data', (octets: Buffer) => {
      this.#reader.push(octets)
      this.#take()
      if (this.#reader.size > UNREAD) socket.pause()
    })
    socket.on('drain', () => this.#wakeDrained())
    socket.on('error', (error) => this.#lose(new ConnectionLost(error.message, { cause: error })))
    socket.on('end', () => this.#lose(new ConnectionLost('the server closed the connection')))
    socket.on('close', () => this.#lose(new ConnectionLost('the connection was closed')))
  }

  #take(): void {
    const waiting = this.#waiting
    if (waiting === null) return
    try {
      const reply = this.#reader.next()
      if (reply === null) return
      this.#waiting = null
      clearTimeout(waiting.timer)
      waiting.resolve(reply)
    } catch (error) {
      this.#lose(violation(error))
    }
  }

  #lose(error: ConnectionLost): void {
    if (this.#lost !== null) return
    this.#lost = error
    this.#socket.destroy()
    const waiting = this.#waiting
    this.#waiting = null
    if (waiting !== null) {
      clearTimeout(waiting.timer)
      waiting.reject(error)
    }
    this.#wakeDrained()
    for (const closed of this.#onClose) closed()
  }

  #wakeDrained(): void {
    this.#drained?.()
    this.#drained = null
  }
}

const violation = (error: unknown): ConnectionLost =>
  new ConnectionLost(
    error instanceof ProtocolViolation ? `this is no SMTP: ${error.message}` : `unreadable: ${String(error)}`,
    { cause: error },
  )

const endpoint = (address: string, port: number): string =>
  address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
