import type { Reply } from '#domain/message/reply'
import { afterKeyword, parseHello, unknownCommand, without, type Command } from './command-line.ts'
import type { ListenerContext } from './context.ts'
import { IncomingData, tooLarge } from './incoming-data.ts'
import type { MailInput } from './input.ts'
import { mailParameters, rcptParameters, type Offered } from './parameters.ts'
import { parsePath } from './path.ts'
import type { MailSession, SmtpLimits, SmtpStage } from './port.ts'
import { limitRefusal, ProtocolRefusal, protocolRefusal } from './refusals.ts'

/** The connection, as its dialogue sees it. */
export interface Wire {
  readonly limits: SmtpLimits
  readonly secure: boolean
  /** Closed or closing: nothing can be said any more. */
  readonly over: boolean
  readonly account: string | null
  /** Null once the connection is gone. */
  readonly input: MailInput | null
  say(reply: Reply): void
  flush(): void
  closeWith(reply: Reply): void
  /** Answers an error: a refusal with its reply, anything else with 451. */
  fail(error: unknown): void
  /** For the log: an error that is answered otherwise or not at all. */
  report(error: unknown): void
  /** For the record of refusals. */
  tell(refusal: ProtocolRefusal): void
  /** Counts an error; true when it was one too many and the client has been sent away. */
  miscounted(): boolean
  /** While the session thinks, no time of the client's runs. */
  ask<T>(question: () => Promise<T>): Promise<T>
  startTls(done: () => void): void
  authenticate(line: Buffer, done: () => void): void
  /** A message has been answered; an accepted one makes up for the errors before it. */
  messageOver(accepted: boolean): void
}

interface Transaction {
  readonly smtputf8: boolean
  recipients: number
  /** RCPTs over the limit: after `overshoot` of them they count as errors. */
  surplus: number
}

const overshoot = 1_000
const ok = (enhancedCode: string, text = 'Ok'): Reply => ({ code: 250, enhancedCode, text })
const help = 'Known here: EHLO HELO MAIL RCPT DATA RSET NOOP QUIT VRFY HELP STARTTLS (RFC 5321, RFC 3207)'

/** The commands of one client: their order, their limits and their replies. What they mean is the session's. */
export class Dialogue {
  readonly #context: ListenerContext
  readonly #wire: Wire
  readonly #session: MailSession
  #transaction: Transaction | null = null
  #greeted = false
  #mails = 0
  helo: string | null = null
  esmtp = false
  /** The message that is coming in or being answered. */
  data: IncomingData | null = null
  dataSince = 0

  constructor(context: ListenerContext, wire: Wire, session: MailSession) {
    this.#context = context
    this.#wire = wire
    this.#session = session
  }

  get stage(): SmtpStage {
    if (!this.#greeted) return 'helo'
    if (this.data !== null) return 'data'
    return this.#transaction === null ? 'mail' : 'rcpt'
  }

  /** No mail has been begun. */
  get resting(): boolean {
    return this.#transaction === null
  }

  get offersAuth(): boolean {
    return this.#context.mode === 'submission' && this.#session.authenticate !== undefined
  }

  /** `later`: `done` is called by what was started. Throws what refuses the command. */
  obey(command: Command, line: Buffer, done: () => void): Promise<void> | 'later' | 'done' {
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
        return 'done'
      case 'STARTTLS':
        this.#startTls(command, done)
        return 'later'
      case 'AUTH':
        this.#authenticate(line, done)
        return 'later'
      default:
        this.#answer(command)
        return 'done'
    }
  }

  reset(): void {
    this.#transaction = null
    try {
      this.#session.reset()
    } catch (error) {
      this.#wire.report(error)
    }
  }

  #answer(command: Command): void {
    switch (command.verb) {
      case 'NOOP':
        this.#wire.say(ok('2.0.0'))
        return
      case 'RSET':
        without(command)
        this.reset()
        this.#wire.say(ok('2.0.0'))
        return
      case 'QUIT':
        without(command)
        this.#wire.closeWith({ code: 221, enhancedCode: '2.0.0', text: `${this.#context.hostname} closing connection` })
        return
      case 'VRFY':
        if (command.argument === '') throw protocolRefusal(501, '5.5.4', 'Say whom: VRFY address')
        this.#wire.say({ code: 252, enhancedCode: '2.0.0', text: 'Not verified here; send the mail and see' })
        return
      case 'HELP':
        this.#wire.say({ code: 214, enhancedCode: '2.0.0', text: help })
        return
      default:
        throw unknownCommand(command.verb)
    }
  }

  async #hello(command: Command): Promise<void> {
    const name = parseHello(command)
    this.helo = name
    const { sessions, hostname, dsn } = this.#context
    if (sessions.helo !== undefined)
      await this.#wire.ask(() => sessions.helo?.(this.#session, name) ?? Promise.resolve())
    this.reset()
    this.#greeted = true
    this.esmtp = command.verb === 'EHLO'
    if (!this.esmtp) {
      this.#wire.say({ code: 250, enhancedCode: null, text: hostname })
      return
    }
    const { secure, account, limits } = this.#wire
    const extensions = ['PIPELINING', `SIZE ${limits.messageSize}`, '8BITMIME', 'SMTPUTF8', 'ENHANCEDSTATUSCODES']
    if (this.#context.startTls && !secure) extensions.push('STARTTLS')
    if (this.offersAuth && secure && account === null) extensions.push('AUTH PLAIN LOGIN')
    if (dsn) extensions.push('DSN')
    this.#wire.say({ code: 250, enhancedCode: null, text: [hostname, ...extensions].join('\n') })
  }

  async #mail(command: Command): Promise<void> {
    await this.#wire.ask(() => this.#context.refresh())
    const { limits } = this.#wire
    this.#mayBegin(limits)
    const path = parsePath(afterKeyword(command, 'FROM:'), 'reverse')
    const parameters = mailParameters(path.rest, this.#offered)
    if (path.international && !parameters.smtputf8) throw needsSmtpUtf8()
    if (parameters.size !== null && parameters.size > limits.messageSize) throw tooLarge(limits.messageSize)
    await this.#wire.ask(() => this.#session.mail(path.mailbox, parameters))
    this.#transaction = { smtputf8: parameters.smtputf8, recipients: 0, surplus: 0 }
    this.#wire.say(ok('2.1.0'))
  }

  #mayBegin({ mailsPerConnection }: SmtpLimits): void {
    if (!this.#greeted) throw protocolRefusal(503, '5.5.1', 'Say EHLO or HELO first', 'sequence')
    if (this.#context.mode === 'submission' && this.#wire.account === null)
      throw protocolRefusal(530, '5.7.0', 'Authentication required: say STARTTLS, then AUTH', 'authentication')
    if (this.#transaction !== null)
      throw protocolRefusal(503, '5.5.1', 'A mail has already been begun; say RSET to give it up', 'sequence')
    if (this.#context.closing())
      throw limitRefusal(421, '4.3.2', 'Shutting down, try again later', 'shutdown', { close: true })
    if (this.#mails >= mailsPerConnection) {
      const text = `No more than ${mailsPerConnection} mails per connection; open a new one`
      throw limitRefusal(421, '4.7.0', text, 'mails-per-connection', { close: true })
    }
  }

  async #rcpt(command: Command): Promise<void> {
    const transaction = this.#transaction
    if (transaction === null) throw protocolRefusal(503, '5.5.1', 'Say MAIL first', 'sequence')
    const path = parsePath(afterKeyword(command, 'TO:'), 'forward')
    const parameters = rcptParameters(path.rest, this.#offered)
    if (path.international && !transaction.smtputf8) throw needsSmtpUtf8()
    await this.#wire.ask(() => this.#context.refresh())
    const { recipientsPerMail } = this.#wire.limits
    if (transaction.recipients >= recipientsPerMail) {
      this.#surplus(transaction, recipientsPerMail)
      return
    }
    const { mailbox } = path
    if (mailbox === null) throw new Error('a forward-path always has a mailbox')
    await this.#wire.ask(() => this.#session.rcpt(mailbox, parameters))
    transaction.recipients++
    this.#wire.say(ok('2.1.5'))
  }

  /** RFC 5321 4.5.3.1.10: 452, the client brings the rest in another mail. Told once per mail. */
  #surplus(transaction: Transaction, limit: number): void {
    const text = `No more than ${limit} recipients per mail; send the rest in another`
    const refusal = limitRefusal(452, '4.5.3', text, 'recipients-per-mail')
    if (transaction.surplus === 0) this.#wire.tell(refusal)
    if (++transaction.surplus > overshoot && this.#wire.miscounted()) return
    this.#wire.say(refusal.reply)
  }

  #startData(command: Command): void {
    without(command)
    if (this.#transaction === null) throw protocolRefusal(503, '5.5.1', 'Say MAIL and RCPT first', 'sequence')
    if (this.#transaction.recipients === 0) throw protocolRefusal(554, '5.5.1', 'No valid recipients', 'sequence')
    const { input } = this.#wire
    if (input === null) return
    const data = new IncomingData(this.#wire.limits)
    this.data = data
    this.dataSince = performance.now()
    input.receive(data)
    this.#wire.say({ code: 354, enhancedCode: null, text: 'End the message with CRLF.CRLF' })
    this.#wire.flush()
    void this.#receive(data, input)
  }

  async #receive(data: IncomingData, input: MailInput): Promise<void> {
    let answer: Reply | null = null
    let failure: unknown = null
    try {
      answer = await this.#session.data(data.message, data)
    } catch (error) {
      failure = error ?? new Error('the session failed without saying why')
    }
    data.message.discard()
    await data.over
    const accepted = !this.#wire.over && this.#conclude(data, answer, failure)
    this.data = null
    this.reset()
    this.#wire.messageOver(accepted)
    input.resume()
  }

  #conclude(data: IncomingData, answer: Reply | null, failure: unknown): boolean {
    if (data.violation === null && failure === null && answer !== null && data.message.readToEnd) {
      this.#mails++
      this.#wire.say(answer)
      return true
    }
    this.#wire.fail(data.violation ?? failure ?? new Error('the session answered before it had read the message'))
    return false
  }

  #startTls(command: Command, done: () => void): void {
    without(command)
    if (!this.#context.startTls) throw protocolRefusal(502, '5.5.1', 'STARTTLS is not offered here', 'command')
    if (this.#wire.secure) throw protocolRefusal(503, '5.5.1', 'TLS is already in use', 'sequence')
    this.#wire.say({ code: 220, enhancedCode: '2.0.0', text: 'Ready to start TLS' })
    this.#wire.flush()
    // RFC 3207 4.2: what was learned in the clear is forgotten.
    this.reset()
    this.#greeted = false
    this.helo = null
    this.#wire.startTls(done)
  }

  #authenticate(line: Buffer, done: () => void): void {
    if (!this.offersAuth)
      throw protocolRefusal(502, '5.5.1', 'AUTH is not offered here; users send through the submission port', 'command')
    if (!this.#wire.secure) throw protocolRefusal(538, '5.7.11', 'Say STARTTLS before AUTH', 'authentication')
    if (!this.#greeted) throw protocolRefusal(503, '5.5.1', 'Say EHLO first', 'sequence')
    if (this.#transaction !== null) throw protocolRefusal(503, '5.5.1', 'AUTH must come before MAIL', 'sequence')
    this.#wire.authenticate(line, done)
  }

  get #offered(): Offered {
    return { dsn: this.#context.dsn, auth: this.#context.mode === 'submission' }
  }
}

const needsSmtpUtf8 = (): ProtocolRefusal =>
  protocolRefusal(553, '5.6.7', 'The address is not US-ASCII; say SMTPUTF8 with MAIL', 'smtputf8')
