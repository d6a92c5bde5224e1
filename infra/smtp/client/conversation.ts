import type { Reply } from '#domain/message/reply'
import { DotStuffing } from './dot-stuffing.ts'
import type { Opened } from './opening.ts'
import { Outcomes } from './outcomes.ts'
import type { Deadlines, Sent, SmtpTarget, Transaction, Transport } from './port.ts'
import { type RawReply, replyOf } from './reply-reader.ts'
import { ConnectionLost } from './wire.ts'
import { isInternational, wireAddress } from './wire-address.ts'

/** Pieces of a message are gathered to about this much before they are written. */
const GATHERED = 64 * 1024

/** The transactions on one open connection, one after another. */
export class Conversation {
  readonly #opened: Opened
  readonly #target: SmtpTarget
  readonly #deadlines: Deadlines
  /** The last transaction left something: RSET goes before the next one. */
  #dirty = false
  mails = 0

  constructor(opened: Opened, target: SmtpTarget, deadlines: Deadlines) {
    this.#opened = opened
    this.#target = target
    this.#deadlines = deadlines
  }

  /** Nothing is known against using it again. */
  get usable(): boolean {
    return this.#opened.wire.lost === null && !this.#opened.wire.unasked
  }

  get transport(): Transport {
    return this.#opened.transport
  }

  onClose(closed: () => void): void {
    this.#opened.wire.onClose(closed)
  }

  quit(): void {
    this.#opened.wire.end('QUIT\r\n')
  }

  destroy(): void {
    this.#opened.wire.destroy()
  }

  /** One mail. Throws `ConnectionLost` when the connection was gone before the server said anything about it: nothing was sent then. */
  async transact(transaction: Transaction): Promise<Sent> {
    this.mails += 1
    const outcomes = new Outcomes(transaction.recipients)
    const sayable = this.#sayable(transaction, outcomes)
    if (sayable === null || sayable.recipients.length === 0) return outcomes.sent(null, this.transport)
    if (!this.#opened.extensions.eightBitMime && (await transaction.has8Bit?.()) === true) {
      outcomes.settleAll(no8BitMime)
      return outcomes.sent(null, this.transport)
    }
    const away = await this.#deliver(sayable, transaction, outcomes)
    return outcomes.sent(away, this.#spokenTo(transaction))
  }

  /** The commands; what can't be said to this server is settled at once. */
  #sayable(transaction: Transaction, outcomes: Outcomes): Sayable | null {
    const { extensions } = this.#opened
    const { reversePath, needsSmtputf8 = false } = transaction
    const sender = reversePath === null ? '' : wireAddress(reversePath)
    if (sender === null) {
      outcomes.settleAll({ code: 553, enhancedCode: '5.1.7', text: 'The sender is no address that can be sent' })
      return null
    }
    if (!extensions.smtputf8 && (needsSmtputf8 || isInternational(sender))) {
      outcomes.settleAll(noSmtputf8)
      return null
    }
    const recipients: { place: number; line: string }[] = []
    let international = needsSmtputf8 || isInternational(sender)
    for (const [place, recipient] of transaction.recipients.entries()) {
      const address = wireAddress(recipient)
      if (address === null)
        outcomes.settle(place, {
          code: 553,
          enhancedCode: '5.1.3',
          text: `${recipient} is no address that can be sent`,
        })
      else if (isInternational(address) && !extensions.smtputf8) outcomes.settle(place, noSmtputf8)
      else {
        international ||= isInternational(address)
        recipients.push({ place, line: `RCPT TO:<${address}>${this.#notified(transaction, place)}\r\n` })
      }
    }
    const parameters = [
      extensions.size && transaction.size !== null ? ` SIZE=${Math.max(0, Math.trunc(transaction.size))}` : '',
      extensions.eightBitMime ? ' BODY=8BITMIME' : '',
      international ? ' SMTPUTF8' : '',
      ...this.#returned(transaction),
    ]
    return { mail: `MAIL FROM:<${sender}>${parameters.join('')}\r\n`, recipients }
  }

  /** RFC 3461 4.1, 4.2. */
  #notified({ notifications }: Transaction, place: number): string {
    const { notify, orcpt } = notifications?.of[place] ?? { notify: null, orcpt: null }
    if (!this.#opened.extensions.dsn) return ''
    return `${notify === null ? '' : ` NOTIFY=${notify.join(',')}`}${orcpt === null ? '' : ` ORCPT=${orcpt}`}`
  }

  /** RFC 3461 4.3, 4.4. */
  #returned({ notifications }: Transaction): string[] {
    const { ret, envid } = notifications ?? { ret: null, envid: null }
    if (!this.#opened.extensions.dsn) return []
    return [...(ret === null ? [] : [` RET=${ret}`]), ...(envid === null ? [] : [` ENVID=${envid}`])]
  }

  #spokenTo({ notifications }: Transaction): Transport {
    return notifications !== undefined && this.#opened.extensions.dsn
      ? { ...this.transport, dsn: true }
      : this.transport
  }

  /** Answers why the server is away, null when it isn't. */
  async #deliver(sayable: Sayable, transaction: Transaction, outcomes: Outcomes): Promise<Reply | null> {
    const { wire, extensions } = this.#opened
    let spoke = false
    const hear = async (deadline: number): Promise<RawReply> => {
      const reply = await wire.reply(deadline)
      spoke = true
      return reply
    }
    const accepted: number[] = []
    let stage = 'MAIL'
    try {
      const { command, data } = this.#deadlines
      if (this.#dirty) {
        wire.write('RSET\r\n')
        await hear(command)
        spoke = false
        this.#dirty = false
      }
      const pipelined = extensions.pipelining
      const lines = [sayable.mail, ...sayable.recipients.map(({ line }) => line), 'DATA\r\n']
      if (pipelined) wire.write(lines.join(''))

      if (!pipelined) wire.write(sayable.mail)
      const mail = await hear(command)
      if (!isGood(mail)) {
        this.#dirty = true
        outcomes.settleAll(this.#final(mail))
        if (mail.code === 421) {
          wire.destroy()
          return this.#final(mail)
        }
        if (pipelined) await this.#hearOut(sayable.recipients.length, hear)
        return null
      }
      for (const { place, line } of sayable.recipients) {
        stage = 'RCPT'
        if (!pipelined) wire.write(line)
        const answer = await hear(command)
        if (isGood(answer)) accepted.push(place)
        else outcomes.settle(place, this.#final(answer))
      }
      if (accepted.length === 0) {
        this.#dirty = true
        if (pipelined) await this.#hearOut(0, hear)
        return null
      }
      stage = 'DATA'
      if (!pipelined) wire.write('DATA\r\n')
      const go = await hear(data)
      if (go.code !== 354) {
        this.#dirty = true
        if (isGood(go)) throw this.#nonsense(go)
        outcomes.settleThese(accepted, this.#final(go))
        return null
      }
      await this.#message(transaction, accepted, outcomes)
      return null
    } catch (error) {
      if (!(error instanceof ConnectionLost)) throw error
      if (!spoke) throw error
      const early = accepted.length > 0 && stage === 'DATA' ? wire.early() : null
      if (early !== null && early.code >= 400) outcomes.settleRest(replyOf(early))
      else outcomes.settleRest(lostBefore(stage, error))
      return null
    }
  }

  /** Replies to what was sent ahead and is of no use any more, the one to DATA last. */
  async #hearOut(recipients: number, hear: (deadline: number) => Promise<RawReply>): Promise<void> {
    for (let count = 0; count < recipients; count++) await hear(this.#deadlines.command)
    const go = await hear(this.#deadlines.data)
    // It waits for a message with no recipient: whatever was sent now would be taken for one.
    if (go.code === 354) this.#opened.wire.destroy()
  }

  async #message(transaction: Transaction, accepted: readonly number[], outcomes: Outcomes): Promise<void> {
    const { wire } = this.#opened
    const stuffing = new DotStuffing()
    let gathered: Uint8Array[] = []
    let length = 0
    let ended = false
    try {
      for await (const octets of transaction.open()) {
        for (const piece of stuffing.stuff(octets)) gathered.push(piece)
        length += octets.length
        if (length < GATHERED) continue
        wire.writeAll(gathered)
        gathered = []
        length = 0
        await wire.room(this.#deadlines.block)
      }
      if (wire.lost !== null) throw wire.lost
      const early = wire.early()
      if (early !== null) {
        // Whoever answers a message that has not ended must not be believed when it says yes.
        wire.destroy()
        if (early.code < 400) throw this.#nonsense(early)
        return outcomes.settleRest(replyOf(early))
      }
      gathered.push(stuffing.end())
      ended = true
      wire.writeAll(gathered)
      await wire.room(this.#deadlines.final)
      if (this.#target.protocol === 'smtp') {
        outcomes.settleThese(accepted, this.#final(await wire.reply(this.#deadlines.final)))
        return
      }
      for (const place of accepted) outcomes.settle(place, this.#final(await wire.reply(this.#deadlines.final)))
    } catch (error) {
      if (!ended && error instanceof ConnectionLost) throw error
      // The server must not take the half of it for a message: no dot is ever sent.
      wire.destroy()
      if (!ended) return outcomes.settleRest(unreadable(error))
      const early = wire.early()
      if (early !== null && isFinal(early) && this.#target.protocol === 'smtp')
        return outcomes.settleRest(replyOf(early))
      if (!(error instanceof ConnectionLost)) throw error
      outcomes.settleRest(lostAfter(error), true)
    }
  }

  /** A reply that settles something; another one means that the two sides no longer agree on what is being said. */
  #final(raw: RawReply): Reply {
    if (isFinal(raw)) return replyOf(raw)
    throw this.#nonsense(raw)
  }

  #nonsense({ code }: RawReply): ConnectionLost {
    this.#opened.wire.destroy()
    return new ConnectionLost(`an answer that makes no sense here: ${code}`)
  }
}

interface Sayable {
  readonly mail: string
  readonly recipients: readonly { readonly place: number; readonly line: string }[]
}

const isGood = ({ code }: RawReply): boolean => code >= 200 && code < 300
const isFinal = ({ code }: RawReply): boolean => code < 300 || code >= 400

const noSmtputf8: Reply = {
  code: 553,
  enhancedCode: '5.6.7',
  text: 'The server does not take addresses beyond ASCII (SMTPUTF8)',
}

const no8BitMime: Reply = {
  code: 554,
  enhancedCode: '5.6.3',
  text: 'The message has octets beyond ASCII, and the server does not take them (8BITMIME)',
}

const lostBefore = (stage: string, error: ConnectionLost): Reply => ({
  code: 451,
  enhancedCode: '4.4.2',
  text: `The connection was lost at ${stage}, before the end of the message: ${error.message}`.slice(0, 1_000),
})

const lostAfter = (error: ConnectionLost): Reply => ({
  code: 451,
  enhancedCode: '4.4.2',
  text: `The connection was lost after the end of the message: it may have been delivered, and will be sent again (${error.message})`.slice(
    0,
    1_000,
  ),
})

const unreadable = (error: unknown): Reply => ({
  code: 451,
  enhancedCode: '4.3.0',
  text: `The message could not be read: ${error instanceof Error ? error.message : String(error)}`.slice(0, 1_000),
})
