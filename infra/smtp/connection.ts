import { randomBytes } from 'node:crypto'
import type net from 'node:net'
import { TLSSocket } from 'node:tls'
import type { Reply } from '#domain/message/reply'
import { SMTPConnection, type SMTPConnectionOptions } from 'smtp-server/lib/smtp-connection.js'
import type { SMTPServer } from 'smtp-server'
import { afterKeyword, parseCommand, parseHello, unknownCommand, without, type Command } from './command-line.ts'
import type { ListenerContext } from './context.ts'
import { Deadline } from './deadline.ts'
import { IncomingData, tooLarge } from './incoming-data.ts'
import { MailInput, type InputOwner, type LineFault } from './input.ts'
import { mailParameters, rcptParameters, type Offered } from './parameters.ts'
import { parsePath } from './path.ts'
import {
  SmtpRefusal,
  type MailSession,
  type SmtpConnection,
  type SmtpCredentials,
  type SmtpLimits,
  type SmtpStage,
} from './port.ts'
import { limitRefusal, ProtocolRefusal, protocolRefusal, replyLines } from './refusals.ts'

interface Transaction {
  readonly smtputf8: boolean
  recipients: number
  /** RCPTs over the limit: after `overshoot` of them they count as errors. */
  surplus: number
}

const overshoot = 1_000
/** Replies are gathered while commands are pipelined (RFC 2920 3.2), up to this many characters. */
const batch = 4 * 1024
/** A BASE64 line of AUTH (RFC 4954 4). */
const longestAuthLine = 12_288
const ok = (enhancedCode: string, text = 'Ok'): Reply => ({ code: 250, enhancedCode, text })

/**
 * One client. smtp-server keeps the socket, its closing, TLS and SASL; the commands, their order, limits and replies are ours,
 * and what they mean is the session's.
 */
export class MailConnection extends SMTPConnection implements InputOwner {
  readonly #context: ListenerContext
  readonly #idle = new Deadline(() => this.#expired())
  readonly #startedAt = performance.now()
  readonly #facts: SmtpConnection
  readonly #gone: () => void
  #session: MailSession | null = null
  #transaction: Transaction | null = null
  #data: IncomingData | null = null
  #dataSince = 0
  #helo: string | null = null
  #greeted = false
  #esmtp = false
  #mails = 0
  #errors = 0
  /** The session has been asked and has not answered: the client owes nothing. */
  #asked = false
  #out = ''
  #spoke = false
  #whenSpoken: ((spoke: boolean) => void) | null = null
  #authRefusal: SmtpRefusal | null = null
  #loggedOut = false

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
    this.#facts = this.#describe()
  }

  get #limits(): SmtpLimits {
    return this.#context.limits(this.remoteAddress)
  }

  get #over(): boolean {
    return this._closed || this._closing
  }

  get #stage(): SmtpStage {
    if (!this._ready) return 'connect'
    if (!this.#greeted) return 'helo'
    if (this.#data !== null) return 'data'
    return this.#transaction === null ? 'mail' : 'rcpt'
  }

  // ---- the connection

  override init(): void {
    this.#idle.arm(this.#limits.idleTimeout)
    this._setListeners(() => void this.#welcome())
  }

  async #welcome(): Promise<void> {
    try {
      const session = await this.#ask(() => this.#context.sessions.connect(this.#facts))
      this.#session = session
      if (this.#over) {
        this.#logout()
        return
      }
      this._ready = true
      const { hostname, banner } = this.#context
      this.#say({ code: 220, enhancedCode: null, text: `${hostname} ESMTP${banner === null ? '' : ` ${banner}`}` })
      if (this._parser instanceof MailInput) this._parser.open()
    } catch (error) {
      this.#closeWith(this.#replyTo(error))
    }
  }

  /** Nothing is under way: may be closed at once. */
  get resting(): boolean {
    return this.#transaction === null && !this.#asked
  }

  /** The listener closes. */
  shutDown(): void {
    this.#closeWith(
      limitRefusal(421, '4.3.2', `${this.#context.hostname} is shutting down, try again later`, 'shutdown').reply,
    )
  }

  destroy(): void {
    this._socket.destroy()
  }

  override close(): void {
    this.#flush()
    this.#data?.abort(new Error('the connection was closed before the message was complete'))
    super.close()
  }

  override _onClose(): void {
    this.#idle.clear()
    super._onClose()
    this.#whenSpoken?.(true)
    this.#data?.abort(new Error('the client went away before the message was complete'))
    if (!this.#asked) this.#logout()
    this.#gone()
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

  /** Idle time is counted here, by whole commands. */
  override _armTimeout(): void {}

  override _resetSession(): void {}

  #expired(): void {
    const limits = this.#limits
    const waitsForUs = this.#asked || (this.#data !== null && (this.#data.ended || this.#data.message.full))
    if (waitsForUs) {
      this.#idle.arm(limits.idleTimeout)
      return
    }
    if (this._upgrading) {
      this._socket.destroy()
      return
    }
    const what = this.#data === null ? 'No complete command' : 'Nothing of the message'
    const text = `${what} came for ${limits.idleTimeout / 1000} s, closing`
    this.#drop(limitRefusal(421, '4.4.2', text, 'idle-timeout', { close: true }))
  }

  #outlived(limits: SmtpLimits): boolean {
    if (performance.now() - this.#startedAt <= limits.sessionTimeout) return false
    const text = `The connection has lasted longer than ${limits.sessionTimeout / 1000} s, closing`
    this.#drop(limitRefusal(421, '4.4.2', text, 'session-timeout', { close: true }))
    return true
  }

  #logout(): void {
    if (this.#loggedOut || this.#session === null) return
    this.#loggedOut = true
    this.#session.logout()
  }

  // ---- input

  override _createParser(): MailInput {
    const input = new MailInput(this, { open: this._ready })
    input.on('error', (error) => this._onError(error))
    return input
  }

  longestLine(): number {
    return this._nextHandler === false ? this.#limits.commandLine : longestAuthLine
  }

  early(): void {
    this.#spoke = true
    this.#whenSpoken?.(false)
  }

  drained(next: () => void): void {
    this.#flush()
    this._whenWritable(next)
  }

  progress(): void {
    const data = this.#data
    const limits = this.#limits
    this.#idle.arm(limits.idleTimeout)
    if (data === null || data.ended) return
    if (data.violation !== null && data.hopeless) {
      this.#drop(data.violation)
      return
    }
    const elapsed = performance.now() - this.#dataSince
    if (elapsed <= limits.dataTimeout) return
    const text = `The message took longer than ${limits.dataTimeout / 1000} s, closing`
    this.#drop(limitRefusal(421, '4.4.2', text, 'data-timeout', { close: true }))
  }

  endlessLine(): void {
    this.#drop(limitRefusal(421, '4.7.0', 'The command line never ends, closing', 'command-line', { close: true }))
  }

  ended(): void {
    if (!this.#over) this.close()
  }

  line(line: Buffer, fault: LineFault | null, done: () => void): void {
    if (this.#outlived(this.#limits)) {
      done()
      return
    }
    if (this._nextHandler !== false && fault === null) {
      const next = this._nextHandler
      this._nextHandler = false
      next.call(this, line, () => this.#next(done))
      return
    }
    this._nextHandler = false
    try {
      const running = this.#obey(parseCommand(line, fault, this.longestLine()), line, done)
      if (running === 'later') return
      if (running === undefined) {
        this.#next(done)
        return
      }
      void this.#await(running, done)
    } catch (error) {
      this.#fail(error)
      this.#next(done)
    }
  }

  async #await(running: Promise<void>, done: () => void): Promise<void> {
    try {
      await running
    } catch (error) {
      this.#fail(error)
    }
    this.#next(done)
  }

  #next(done: () => void): void {
    if (!this.#over) this.#idle.arm(this.#limits.idleTimeout)
    done()
  }

  // ---- commands. `later`: `done` is called by what was started.

  #obey(command: Command, line: Buffer, done: () => void): Promise<void> | 'later' | undefined {
    switch (command.verb) {
      case 'EHLO':
      case 'HELO':
        return this.#hello(command)
      case 'MAIL':
        return this.#mail(command)
      case 'RCPT':
        return this.#rcpt(command)
      case 'DATA':
        this.#startData(command)
        return undefined
      case 'RSET':
        without(command)
        this.#reset()
        this.#say(ok('2.0.0'))
        return undefined
      case 'NOOP':
        this.#say(ok('2.0.0'))
        return undefined
      case 'QUIT':
        without(command)
        this.#closeWith({ code: 221, enhancedCode: '2.0.0', text: `${this.#context.hostname} closing connection` })
        return undefined
      case 'VRFY':
        if (command.argument === '') throw protocolRefusal(501, '5.5.4', 'Say whom: VRFY address')
        this.#say({ code: 252, enhancedCode: '2.0.0', text: 'Not verified here; send the mail and see' })
        return undefined
      case 'HELP':
        this.#say({
          code: 214,
          enhancedCode: '2.0.0',
          text: 'EHLO HELO MAIL RCPT DATA RSET NOOP QUIT VRFY HELP STARTTLS: RFC 5321, RFC 3207',
        })
        return undefined
      case 'STARTTLS':
        return this.#startTls(command, done)
      case 'AUTH':
        return this.#auth(line, done)
      default:
        throw unknownCommand(command.verb)
    }
  }

  async #hello(command: Command): Promise<void> {
    const name = parseHello(command)
    this.#helo = name
    const { sessions, hostname, dsn } = this.#context
    const session = this.#mustSession()
    if (sessions.helo !== undefined) await this.#ask(() => sessions.helo?.(session, name) ?? Promise.resolve())
    this.#reset()
    this.#greeted = true
    this.#esmtp = command.verb === 'EHLO'
    if (!this.#esmtp) {
      this.#say({ code: 250, enhancedCode: null, text: hostname })
      return
    }
    const extensions = ['PIPELINING', `SIZE ${this.#limits.messageSize}`, '8BITMIME', 'SMTPUTF8', 'ENHANCEDSTATUSCODES']
    if (this.#context.startTls && !this.secure) extensions.push('STARTTLS')
    if (this.#offersAuth && this.secure && this.#account === null) extensions.push('AUTH PLAIN LOGIN')
    if (dsn) extensions.push('DSN')
    this.#say({ code: 250, enhancedCode: null, text: [hostname, ...extensions].join('\n') })
  }

  async #mail(command: Command): Promise<void> {
    const limits = this.#limits
    if (!this.#greeted) throw protocolRefusal(503, '5.5.1', 'Say EHLO or HELO first', 'sequence')
    if (this.#context.mode === 'submission' && this.#account === null)
      throw protocolRefusal(530, '5.7.0', 'Authentication required: say STARTTLS, then AUTH', 'authentication')
    if (this.#transaction !== null)
      throw protocolRefusal(503, '5.5.1', 'A mail has already been begun; say RSET to give it up', 'sequence')
    if (this.#context.closing())
      throw limitRefusal(421, '4.3.2', 'Shutting down, try again later', 'shutdown', { close: true })
    if (this.#mails >= limits.mailsPerConnection)
      throw limitRefusal(
        421,
        '4.7.0',
        `No more than ${limits.mailsPerConnection} mails per connection; open a new one`,
        'mails-per-connection',
        { close: true },
      )
    const path = parsePath(afterKeyword(command, 'FROM:'), 'reverse')
    const parameters = mailParameters(path.rest, this.#offered)
    if (path.international && !parameters.smtputf8) throw needsSmtpUtf8()
    if (parameters.size !== null && parameters.size > limits.messageSize) throw tooLarge(limits.messageSize)
    await this.#ask(() => this.#mustSession().mail(path.mailbox, parameters))
    this.#transaction = { smtputf8: parameters.smtputf8, recipients: 0, surplus: 0 }
    this.#say(ok('2.1.0'))
  }

  async #rcpt(command: Command): Promise<void> {
    const transaction = this.#transaction
    if (transaction === null) throw protocolRefusal(503, '5.5.1', 'Say MAIL first', 'sequence')
    const path = parsePath(afterKeyword(command, 'TO:'), 'forward')
    const parameters = rcptParameters(path.rest, this.#offered)
    if (path.international && !transaction.smtputf8) throw needsSmtpUtf8()
    const { recipientsPerMail } = this.#limits
    if (transaction.recipients >= recipientsPerMail) {
      this.#surplus(transaction, recipientsPerMail)
      return
    }
    const { mailbox } = path
    if (mailbox === null) throw new Error('a forward-path always has a mailbox')
    await this.#ask(() => this.#mustSession().rcpt(mailbox, parameters))
    transaction.recipients++
    this.#say(ok('2.1.5'))
  }

  /** RFC 5321 4.5.3.1.10: 452, the client brings the rest in another mail. Told once per mail. */
  #surplus(transaction: Transaction, limit: number): void {
    const text = `No more than ${limit} recipients per mail; send the rest in another`
    const refusal = limitRefusal(452, '4.5.3', text, 'recipients-per-mail')
    if (transaction.surplus === 0) this.#tell(refusal)
    if (++transaction.surplus > overshoot && this.#miscounted()) return
    this.#say(refusal.reply)
  }

  #startData(command: Command): void {
    without(command)
    const session = this.#mustSession()
    if (this.#transaction === null) throw protocolRefusal(503, '5.5.1', 'Say MAIL and RCPT first', 'sequence')
    if (this.#transaction.recipients === 0) throw protocolRefusal(554, '5.5.1', 'No valid recipients', 'sequence')
    if (!(this._parser instanceof MailInput)) return
    const data = new IncomingData(this.#limits)
    this.#data = data
    this.#dataSince = performance.now()
    this._parser.receive(data)
    this.#say({ code: 354, enhancedCode: null, text: 'End the message with CRLF.CRLF' })
    this.#flush()
    void this.#receive(session, data, this._parser)
  }

  async #receive(session: MailSession, data: IncomingData, input: MailInput): Promise<void> {
    let answer: Reply | null = null
    let failure: unknown = null
    try {
      this.#asked = true
      answer = await session.data(data.message, data.header)
    } catch (error) {
      failure = error ?? new Error('the session failed without saying why')
    }
    data.message.discard()
    this.#asked = false
    await data.over
    if (!this.#over) {
      if (data.violation !== null) this.#fail(data.violation)
      else if (failure !== null) this.#fail(failure)
      else if (answer === null || !data.message.readToEnd)
        this.#fail(new Error('the session answered before it had read the message'))
      else {
        this.#mails++
        this.#errors = 0
        this.#say(answer)
      }
    }
    this.#data = null
    this.#reset()
    if (this._closed) this.#logout()
    this.#idle.arm(this.#limits.idleTimeout)
    input.resume()
  }

  #startTls(command: Command, done: () => void): 'later' {
    without(command)
    if (!this.#context.startTls) throw protocolRefusal(502, '5.5.1', 'STARTTLS is not offered here', 'command')
    if (this.secure) throw protocolRefusal(503, '5.5.1', 'TLS is already in use', 'sequence')
    this.#say({ code: 220, enhancedCode: '2.0.0', text: 'Ready to start TLS' })
    this.#flush()
    // RFC 3207 4.2: what was learned in the clear is forgotten.
    this.#reset()
    this.#greeted = false
    this.#helo = null
    this.upgrade(done)
    return 'later'
  }

  // ---- AUTH, by smtp-server's SASL

  get #offersAuth(): boolean {
    return this.#context.mode === 'submission' && this.#session?.authenticate !== undefined
  }

  get #account(): string | null {
    return typeof this.session.user === 'string' ? this.session.user : null
  }

  #auth(line: Buffer, done: () => void): 'later' {
    if (!this.#offersAuth)
      throw protocolRefusal(502, '5.5.1', 'AUTH is not offered here; users send through the submission port', 'command')
    if (!this.secure) throw protocolRefusal(538, '5.7.11', 'Say STARTTLS before AUTH', 'authentication')
    if (!this.#greeted) throw protocolRefusal(503, '5.5.1', 'Say EHLO first', 'sequence')
    if (this.#transaction !== null) throw protocolRefusal(503, '5.5.1', 'AUTH must come before MAIL', 'sequence')
    this.handler_AUTH(line, () => this.#next(done))
    return 'later'
  }

  /** Called by smtp-server's SASL through the server. */
  async authenticate(
    credentials: SmtpCredentials,
    callback: (error: Error | null, account?: string) => void,
  ): Promise<void> {
    try {
      const session = this.#mustSession()
      callback(null, await this.#ask(() => session.authenticate?.(credentials) ?? Promise.reject(new Error('no AUTH'))))
    } catch (error) {
      this.#authRefusal = error instanceof SmtpRefusal ? error : new SmtpRefusal(this.#replyTo(error), 'internal')
      callback(this.#authRefusal)
      this.#authRefusal = null
    }
  }

  /** Replies of smtp-server's own code: SASL. */
  override send(code: number, text?: string | string[] | null, context?: string | false): void {
    if (this.#authRefusal !== null) {
      this.#fail(this.#authRefusal)
      return
    }
    const line = Array.isArray(text) ? text.join('\n') : (text ?? '')
    if (code < 500) this.#say({ code, enhancedCode: this._getEnhancedStatusCode(code, context) || null, text: line })
    else
      this.#fail(protocolRefusal(code, this._getEnhancedStatusCode(code, context) || '5.5.0', line, 'authentication'))
  }

  // ---- replies

  #say(reply: Reply): void {
    this.#out += replyLines(reply)
    if (this.#out.length > batch) this.#flush()
  }

  #flush(): void {
    if (this.#out === '' || this._upgrading) return
    const out = this.#out
    this.#out = ''
    if (!this._socket.destroyed && this._socket.writable) this._socket.write(out, 'latin1')
  }

  #closeWith(reply: Reply): void {
    if (this.#over) return
    if (this._upgrading) {
      this._socket.destroy()
      return
    }
    this.#say(reply)
    this.close()
  }

  #drop(refusal: SmtpRefusal): void {
    if (this.#over) return
    if (refusal instanceof ProtocolRefusal) this.#tell(refusal)
    this.#closeWith(refusal.reply)
  }

  #fail(error: unknown): void {
    if (this.#over) return
    const refusal = error instanceof SmtpRefusal ? error : null
    const reply = this.#replyTo(error)
    if (refusal instanceof ProtocolRefusal) this.#tell(refusal)
    if (reply.code >= 500 && this.#miscounted()) return
    if (refusal?.close === true || reply.code === 421) this.#closeWith(reply)
    else this.#say(reply)
  }

  /** Counts one error; true when that was one too many and the client is sent away. */
  #miscounted(): boolean {
    const { errorsPerConnection } = this.#limits
    if (++this.#errors <= errorsPerConnection) return false
    const text = `More than ${errorsPerConnection} errors on this connection, closing`
    this.#drop(limitRefusal(421, '4.7.0', text, 'errors-per-connection', { close: true }))
    return true
  }

  #replyTo(error: unknown): Reply {
    if (error instanceof SmtpRefusal) return error.reply
    const incident = randomBytes(6).toString('hex')
    const fields = { incident, connection: this.id, client: this.remoteAddress, stage: this.#stage, err: error }
    this.#context.log.error(fields, 'a mail session failed')
    return { code: 451, enhancedCode: '4.3.0', text: `Internal error, try again later; the log has it as ${incident}` }
  }

  #tell(refusal: ProtocolRefusal): void {
    this.#context.sessions.refused?.(this.#facts, this.#stage, refusal.reply, refusal.check)
  }

  // ---- the session

  async #ask<T>(question: () => Promise<T>): Promise<T> {
    this.#asked = true
    try {
      return await question()
    } finally {
      this.#asked = false
      if (this._closed) this.#logout()
    }
  }

  #mustSession(): MailSession {
    if (this.#session === null) throw new Error('no session before the greeting')
    return this.#session
  }

  #reset(): void {
    this.#transaction = null
    this.#session?.reset()
  }

  get #offered(): Offered {
    return { dsn: this.#context.dsn, auth: this.#context.mode === 'submission' }
  }

  #describe(): SmtpConnection {
    const helo = (): string | null => this.#helo
    const esmtp = (): boolean => this.#esmtp
    const account = (): string | null => this.#account
    const tls = (): SmtpConnection['tls'] => {
      const socket = this._socket
      if (!this.secure || !(socket instanceof TLSSocket)) return null
      return { version: socket.getProtocol() ?? 'unknown', cipher: socket.getCipher().name }
    }
    return {
      id: this.id,
      remoteAddress: this.remoteAddress,
      localPort: this.localPort,
      get helo() {
        return helo()
      },
      get esmtp() {
        return esmtp()
      },
      get tls() {
        return tls()
      },
      get account() {
        return account()
      },
      silence: (time) => this.#silence(time),
    }
  }

  async #silence(time: number): Promise<boolean> {
    if (this.#spoke) return false
    const { promise, resolve } = Promise.withResolvers<boolean>()
    const timer = setTimeout(resolve, time, true)
    this.#whenSpoken = (spoke) => resolve(spoke)
    const silent = await promise
    clearTimeout(timer)
    this.#whenSpoken = null
    return silent
  }
}

const needsSmtpUtf8 = (): ProtocolRefusal =>
  protocolRefusal(553, '5.6.7', 'The address is not US-ASCII; say SMTPUTF8 with MAIL', 'smtputf8')
