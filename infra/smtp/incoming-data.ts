import { DataDecoder } from './data-decoder.ts'
import { HeaderBlock } from './header-block.ts'
import { IncomingMessage } from './incoming-message.ts'
import type { MessageHeader, SmtpLimits, SmtpRefusal } from './port.ts'
import { limitRefusal } from './refusals.ts'

/**
 * One DATA phase: octets from the socket in, a message for the session out, held to the limits on the way. The first limit
 * it breaks is its `violation`: the reader gets that as an error, the rest is read and dropped.
 */
export class IncomingData implements MessageHeader {
  readonly message = new IncomingMessage()
  readonly #header: HeaderBlock
  readonly #decoder: DataDecoder
  readonly #limits: SmtpLimits
  readonly #complete = Promise.withResolvers<void>()
  #size = 0
  #received = 0
  violation: SmtpRefusal | null = null
  ended = false

  constructor(limits: SmtpLimits) {
    this.#limits = limits
    this.#header = new HeaderBlock(limits)
    this.#decoder = new DataDecoder({ normalise: limits.bareLineEnds === 'normalise' })
  }

  headerBlock(): Uint8Array | null {
    return this.#header.headerBlock()
  }

  freeAsRead(): void {
    this.message.freeAsRead()
  }

  /** The end of the message has come, or the connection is gone. */
  get over(): Promise<void> {
    return this.#complete.promise
  }

  /** Over the limit, and still no end in sight after as much again. */
  get hopeless(): boolean {
    return this.violation !== null && !this.ended && this.#received > 2 * this.#limits.messageSize + 1024 * 1024
  }

  /** Answers what follows the message, null while it goes on. */
  take(chunk: Buffer): Buffer | null {
    this.#received += chunk.length
    const { message, rest } = this.#decoder.decode(chunk)
    this.#size += message.length
    const beyondHeader = this.#header.complete
    if (this.violation === null) this.#check(message, rest !== null)
    // The header block is a view of its chunk, and what follows the message may still be commands.
    if (this.violation === null) this.message.push(message, { alone: beyondHeader && rest === null })
    if (rest === null) return null
    this.ended = true
    this.message.end()
    return rest
  }

  complete(): void {
    this.#complete.resolve()
  }

  /** The client is gone, or is being sent away. */
  abort(error: Error): void {
    this.message.fail(error)
    this.#complete.resolve()
  }

  violate(violation: SmtpRefusal): void {
    this.violation = violation
    this.message.fail(violation)
  }

  #check(message: Buffer, last: boolean): void {
    const { messageSize, dataLine } = this.#limits
    let found: SmtpRefusal | null = null
    if (this.#size > messageSize) found = tooLarge(messageSize)
    else if (this.#decoder.bare && this.#limits.bareLineEnds === 'reject') found = bareLineEnd()
    else if (this.#decoder.longest > dataLine)
      found = limitRefusal(554, '5.6.0', `A line of the message is longer than ${dataLine} octets`, 'data-line')
    else if (!this.#header.complete) {
      found = this.#header.push(message)
      if (last) found ??= this.#header.end()
    }
    if (found !== null) this.violate(found)
  }
}

/** Also what a declared SIZE over the limit gets. */
export const tooLarge = (limit: number): SmtpRefusal =>
  limitRefusal(
    552,
    '5.3.4',
    `The message is larger than ${limit} octets, the most that is accepted here`,
    'message-size',
  )

const bareLineEnd = (): SmtpRefusal =>
  limitRefusal(
    550,
    '5.5.2',
    'The message has a CR or LF that is not part of a CRLF line end; the sending software must send CRLF',
    'bare-line-end',
  )
