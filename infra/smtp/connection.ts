import { randomBytes } from 'node:crypto'
import type net from 'node:net'
import type { Reply } from '#domain/message/reply'
import type { SMTPServer } from 'smtp-server'
import { SMTPConnection, type SMTPConnectionOptions } from 'smtp-server/lib/smtp-connection.js'
import { parseCommand } from './command-line.ts'
import type { ListenerContext } from './context.ts'
import { Deadline } from './deadline.ts'
import { Dialogue, type Wire } from './dialogue.ts'
import { factsOf } from './facts.ts'
import { MailInput, type InputOwner, type LineFault } from './input.ts'
import { SmtpRefusal, type MailSession, type SmtpConnection, type SmtpCredentials, type SmtpLimits } from './port.ts'
import { limitRefusal, ProtocolRefusal, protocolRefusal, replyLines } from './refusals.ts'

/** Replies are gathered while commands are pipelined (RFC 2920 3.2), up to this many characters. */
const batch = 4 * 1024
/** A BASE64 line of AUTH (RFC 4954 4). */
const longestAuthLine = 12_288

/**
 * One client. smtp-server keeps the socket, its closing, TLS and SASL; lines and messages come from our `MailInput`, and the
 * `Dialogue` answers them.
 */
export class MailConnection extends SMTPConnection implements InputOwner, Wire {
  readonly #context: ListenerContext
  readonly #idle = new Deadline(() => this.#expired())
  readonly #startedAt = performance.now()
  readonly #facts: SmtpConnection
  readonly #gone: () => void
  #session: MailSession | null = null
  #dialogue: Dialogue | null = null
  #errors = 0
  /** How many answers the session owes: meanwhile the client owes nothing. */
  #asked = 0
  #out = ''
  #spoke = false
  #whenSpoken: ((silent: boolean) => void) | null = null
  #authRefusal: SmtpRefusal | null = null
  #left = false

  /** `gone` is called once, when neither the client nor anything it began is left. */
  constructor(
    server: SMTPServer,
    socket: net.Socket,
    options: SMTPConnectionOptions | null | undefined,
    context: ListenerContext,
    gone: () => void,
  ) {
    super(server, socket, options ?? {})
    this.#context = context
    this.#gone = gone
    this.#facts = factsOf(
      this,
      () => this.#dialogue,
      (time) => this.#silence(time),
    )
  }

  get limits(): SmtpLimits {
    return this.#context.limits(this.remoteAddress)
  }

  get over(): boolean {
    return this._closed || this._closing
  }

  get account(): string | null {
    return typeof this.session.user === 'string' ? this.session.user : null
  }

  get input(): MailInput | null {
    return this._parser instanceof MailInput ? this._parser : null
  }

  // ---- the connection

  override init(): void {
    this.#idle.arm(this.limits.idleTimeout)
    this._setListeners(() => void this.#welcome())
  }

  async #welcome(): Promise<void> {
    this.#asked++
    try {
      this.#session = await this.#context.sessions.connect(this.#facts)
      this.#dialogue = new Dialogue(this.#context, this, this.#session)
    } catch (error) {
      this.closeWith(this.#replyTo(error))
    }
    this.#answered()
    if (this.over || this.#session === null) return
    this._ready = true
    const { hostname, banner } = this.#context
    this.say({ code: 220, enhancedCode: null, text: `${hostname} ESMTP${banner === null ? '' : ` ${banner}`}` })
    this.input?.open()
  }

  /** Nothing is under way: may be closed at once. */
  get resting(): boolean {
    return this.#asked === 0 && (this.#dialogue?.resting ?? true)
  }

  /** The listener closes. */
  shutDown(): void {
    const text = `${this.#context.hostname} is shutting down, try again later`
    this.closeWith({ code: 421, enhancedCode: '4.3.2', text })
  }

  /** What was said may still go out; then the socket is gone, whatever the client does. */
  destroySoon(): void {
    this._socket.destroySoon()
  }

  override close(): void {
    this.flush()
    this.#dialogue?.data?.abort(new Error('the connection was closed before the message was complete'))
    super.close()
  }

  override _onClose(): void {
    this.#idle.clear()
    super._onClose()
    this.#whenSpoken?.(true)
    this.#dialogue?.data?.abort(new Error('the client went away before the message was complete'))
    this.#leave()
  }

  override _onError(error: Error & { code?: string | undefined }): void {
    if (this._upgrading) {
      const fields = { connection: this.id, client: this.remoteAddress, error: error.message }
      this.#context.log.warn(fields, 'STARTTLS failed')
      this._socket.destroy()
      return
    }
    // A client that vanishes is no incident: what it left unfinished is dropped when `close` comes.
    this.close()
  }

  /** Idle time is counted here, by whole commands. `handshaking`: a client that closes its side of it has nothing more to come. */
  override _armTimeout(handshaking?: net.Socket): void {
    handshaking?.once('end', () => {
      if (this._upgrading) this._socket.destroy()
    })
  }

  override _resetSession(): void {}

  #expired(): void {
    const { idleTimeout } = this.limits
    const data = this.#dialogue?.data ?? null
    if (this.#asked > 0 || (data !== null && (data.ended || data.message.full))) {
      this.#idle.arm(idleTimeout)
      return
    }
    const text = `${data === null ? 'No complete command' : 'Nothing of the message'} came for ${idleTimeout / 1000} s, closing`
    this.#drop(limitRefusal(421, '4.4.2', text, 'idle-timeout'))
  }

  #outlived(): boolean {
    const { sessionTimeout } = this.limits
    if (performance.now() - this.#startedAt <= sessionTimeout) return false
    const text = `The connection has lasted longer than ${sessionTimeout / 1000} s, closing`
    this.#drop(limitRefusal(421, '4.4.2', text, 'session-timeout'))
    return true
  }

  #leave(): void {
    if (this.#left || !this._closed || this.#asked > 0 || (this.#dialogue?.data ?? null) !== null) return
    this.#left = true
    try {
      this.#session?.logout()
    } catch (error) {
      this.report(error)
    }
    this.#gone()
  }

  // ---- what comes in

  override _createParser(): MailInput {
    const input = new MailInput(this, { open: this._ready })
    input.on('error', (error) => this._onError(error))
    return input
  }

  longestLine(): number {
    return this._nextHandler === false ? this.limits.commandLine : longestAuthLine
  }

  early(): void {
    this.#spoke = true
    this.#whenSpoken?.(false)
  }

  drained(next: () => void): void {
    this.flush()
    this._whenWritable(next)
  }

  progress(): void {
    const dialogue = this.#dialogue
    const data = dialogue?.data ?? null
    const { idleTimeout, dataTimeout } = this.limits
    this.#idle.arm(idleTimeout)
    if (dialogue === null || data === null || data.ended) return
    if (data.violation !== null && data.hopeless) {
      this.#drop(data.violation)
      return
    }
    if (performance.now() - dialogue.dataSince <= dataTimeout) return
    const text = `The message took longer than ${dataTimeout / 1000} s, closing`
    this.#drop(limitRefusal(421, '4.4.2', text, 'data-timeout'))
  }

  endlessLine(): void {
    this.#drop(limitRefusal(421, '4.7.0', 'The command line never ends, closing', 'command-line'))
  }

  ended(): void {
    if (!this.over) this.close()
  }

  line(line: Buffer, fault: LineFault | null, done: () => void): void {
    const dialogue = this.#dialogue
    if (dialogue === null || this.#outlived()) {
      done()
      return
    }
    const sasl = this._nextHandler
    this._nextHandler = false
    if (sasl !== false && fault === null) {
      sasl.call(this, line, () => this.#next(done))
      return
    }
    try {
      const running = dialogue.obey(parseCommand(line, fault, this.limits.commandLine), line, done)
      if (running === 'done') this.#next(done)
      else if (running !== 'later') void this.#finish(running, done)
    } catch (error) {
      this.fail(error)
      this.#next(done)
    }
  }

  async #finish(running: Promise<void>, done: () => void): Promise<void> {
    try {
      await running
    } catch (error) {
      this.fail(error)
    }
    this.#next(done)
  }

  #next(done: () => void): void {
    if (!this.over) this.#idle.arm(this.limits.idleTimeout)
    done()
  }

  messageOver(accepted: boolean): void {
    if (accepted) this.#errors = 0
    if (!this.over) this.#idle.arm(this.limits.idleTimeout)
    this.#leave()
  }

  // ---- TLS and AUTH, by smtp-server

  startTls(done: () => void): void {
    this.upgrade(done)
  }

  authenticate(line: Buffer, done: () => void): void {
    this.handler_AUTH(line, () => this.#next(done))
  }

  /** Asked by smtp-server's SASL, through the server. */
  async verify(credentials: SmtpCredentials, answer: (error: Error | null, account?: string) => void): Promise<void> {
    try {
      const session = this.#session
      if (session?.authenticate === undefined) throw new Error('this session has no AUTH')
      answer(null, await this.ask(() => session.authenticate?.(credentials) ?? Promise.reject(new Error('no AUTH'))))
    } catch (error) {
      this.#authRefusal = error instanceof SmtpRefusal ? error : new SmtpRefusal(this.#replyTo(error), 'internal')
      answer(this.#authRefusal)
      this.#authRefusal = null
    }
  }

  /** Replies of smtp-server's own code: SASL. */
  override send(code: number, text?: string | string[] | null, context?: string | false): void {
    if (this.#authRefusal !== null) {
      this.fail(this.#authRefusal)
      return
    }
    const line = Array.isArray(text) ? text.join('\n') : (text ?? '')
    const enhancedCode = this._getEnhancedStatusCode(code, context)
    if (code >= 500) this.fail(protocolRefusal(code, enhancedCode || '5.5.0', line, 'authentication'))
    else this.say({ code, enhancedCode: enhancedCode || null, text: line })
  }

  // ---- what goes out

  say(reply: Reply): void {
    this.#out += replyLines(reply)
    if (this.#out.length > batch) this.flush()
  }

  flush(): void {
    if (this.#out === '' || this._upgrading) return
    const out = this.#out
    this.#out = ''
    if (!this._socket.destroyed && this._socket.writable) this._socket.write(out, 'latin1')
  }

  closeWith(reply: Reply): void {
    if (this.over) return
    if (this._upgrading) {
      this._socket.destroy()
      return
    }
    this.say(reply)
    this.close()
  }

  fail(error: unknown): void {
    if (this.over) return
    const refusal = error instanceof SmtpRefusal ? error : null
    const reply = this.#replyTo(error)
    if (refusal instanceof ProtocolRefusal) this.tell(refusal)
    if (reply.code >= 500 && this.miscounted()) return
    if (refusal?.close === true || reply.code === 421) this.closeWith(reply)
    else this.say(reply)
  }

  miscounted(): boolean {
    const { errorsPerConnection } = this.limits
    if (++this.#errors <= errorsPerConnection) return false
    const text = `More than ${errorsPerConnection} errors on this connection, closing`
    this.#drop(limitRefusal(421, '4.7.0', text, 'errors-per-connection'))
    return true
  }

  tell(refusal: ProtocolRefusal): void {
    const stage = this.#dialogue?.stage ?? 'connect'
    try {
      this.#context.sessions.refused?.(this.#facts, stage, refusal.reply, refusal.check)
    } catch (error) {
      this.report(error)
    }
  }

  /** Sends the client away. */
  #drop(refusal: SmtpRefusal): void {
    if (this.over) return
    if (refusal instanceof ProtocolRefusal) this.tell(refusal)
    this.closeWith(refusal.reply)
  }

  #replyTo(error: unknown): Reply {
    if (error instanceof SmtpRefusal) return error.reply
    const incident = this.report(error)
    return { code: 451, enhancedCode: '4.3.0', text: `Internal error, try again later; the log has it as ${incident}` }
  }

  /** Writes it to the log, and answers the id it has there. */
  report(error: unknown): string {
    const incident = randomBytes(6).toString('hex')
    const stage = this.#dialogue?.stage ?? 'connect'
    const fields = { incident, connection: this.id, client: this.remoteAddress, stage, err: error }
    this.#context.log.error(fields, 'a mail session failed')
    return incident
  }

  // ---- the session

  async ask<T>(question: () => Promise<T>): Promise<T> {
    this.#asked++
    try {
      return await question()
    } finally {
      this.#answered()
    }
  }

  #answered(): void {
    this.#asked--
    this.#leave()
  }

  async #silence(time: number): Promise<boolean> {
    if (this.#spoke) return false
    const { promise, resolve } = Promise.withResolvers<boolean>()
    const timer = setTimeout(resolve, time, true)
    this.#whenSpoken = resolve
    const silent = await promise
    clearTimeout(timer)
    this.#whenSpoken = null
    return silent
  }
}
