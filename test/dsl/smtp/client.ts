import { once } from 'node:events'
import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls, type ConnectionOptions } from 'node:tls'

/** How long a reply may take before a conversation gives up. */
const patience = 10_000

/** An SMTP client without opinions: writes octets, reads whole replies. */
export class SmtpClient {
  #socket: Socket
  #held = ''
  #closed = false
  #wake: (() => void) | null = null

  private constructor(socket: Socket) {
    this.#socket = socket
    this.#listen()
  }

  static async connect(port: number, { host = '127.0.0.1', tls }: { host?: string; tls?: ConnectionOptions } = {}) {
    const socket =
      tls === undefined
        ? connectTcp({ port, host, allowHalfOpen: true, noDelay: true })
        : connectTls({ port, host, rejectUnauthorized: false, ...tls })
    await once(socket, tls === undefined ? 'connect' : 'secureConnect')
    return new SmtpClient(socket)
  }

  get closed(): boolean {
    return this.#closed
  }

  /** What has come and is no whole reply yet, or has not been read. */
  get held(): string {
    return this.#held
  }

  get socket(): Socket {
    return this.#socket
  }

  write(octets: string | Uint8Array): void {
    if (this.#socket.writable) this.#socket.write(typeof octets === 'string' ? Buffer.from(octets, 'utf8') : octets)
  }

  /** One reply, its lines joined by `\n`, without the last line end; null when the connection is closed instead. */
  async reply(timeout = patience): Promise<string | null> {
    const until = performance.now() + timeout
    for (;;) {
      const whole = /^(?:\d{3}-[^\n]*\r\n)*\d{3}(?: [^\n]*)?\r\n/.exec(this.#held)
      if (whole !== null) {
        this.#held = this.#held.slice(whole[0].length)
        return whole[0].slice(0, -2).replaceAll('\r\n', '\n')
      }
      if (this.#closed) return null
      await this.#change(until, `no reply within ${timeout} ms; held: ${JSON.stringify(this.#held)}`)
    }
  }

  /** Sends one command and reads its reply. */
  async say(command: string, timeout = patience): Promise<string | null> {
    this.write(`${command}\r\n`)
    return this.reply(timeout)
  }

  /** The server has closed its side. */
  async end(timeout = patience): Promise<void> {
    const until = performance.now() + timeout
    while (!this.#closed) await this.#change(until, `not closed within ${timeout} ms`)
  }

  /** After the 220 to STARTTLS. */
  async startTls(options: ConnectionOptions = {}): Promise<void> {
    this.#socket.removeAllListeners()
    const secure = connectTls({ socket: this.#socket, rejectUnauthorized: false, ...options })
    this.#socket = secure
    await once(secure, 'secureConnect')
    this.#listen()
  }

  /** Closes our side only. */
  finish(): void {
    this.#socket.end()
  }

  destroy(): void {
    this.#socket.destroy()
  }

  #listen(): void {
    const closed = (): void => {
      this.#closed = true
      this.#wake?.()
    }
    this.#socket.on('data', (chunk) => {
      this.#held += chunk.toString('latin1')
      this.#wake?.()
    })
    this.#socket.on('end', closed)
    this.#socket.on('close', closed)
    this.#socket.on('error', closed)
  }

  async #change(until: number, failure: string): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const timer = setTimeout(() => reject(new Error(failure)), Math.max(0, until - performance.now()))
    this.#wake = resolve
    try {
      await promise
    } finally {
      clearTimeout(timer)
      this.#wake = null
    }
  }
}
