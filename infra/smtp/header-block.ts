import { limitRefusal, type ProtocolRefusal } from './refusals.ts'

const cr = 13
const lf = 10
const blankLine = Buffer.from('\r\n\r\n')

export interface HeaderLimits {
  readonly headerSize: number
  readonly headerCount: number
  readonly receivedHops: number
}

/**
 * Watches a message pass and keeps its header block (RFC 5322 2.2), never more than `headerSize` octets of it.
 * The block of a small mail is a view of the chunk it came in: nothing is copied.
 */
export class HeaderBlock {
  readonly #limits: HeaderLimits
  #block: Buffer | null = null
  #parts: Buffer[] = []
  #size = 0

  constructor(limits: HeaderLimits) {
    this.#limits = limits
  }

  /** The raw fields with their line ends, without the blank line; null while incomplete. */
  headerBlock(): Buffer | null {
    return this.#block
  }

  get complete(): boolean {
    return this.#block !== null
  }

  /** The next octets of the message. Answers what refuses the message, if anything does. */
  push(segment: Buffer): ProtocolRefusal | null {
    if (this.#block !== null) return null
    const head = this.#parts.length === 0 ? segment : this.#joined(segment)
    if (head.length >= 2 && head[0] === cr && head[1] === lf) return this.#finish(head.subarray(0, 0))
    const searched = this.#parts.length === 0 ? 0 : Math.max(0, this.#size - segment.length - 3)
    const blank = head.indexOf(blankLine, searched)
    if (blank >= 0) return this.#finish(head.subarray(0, blank + 2))
    if (head.length > this.#limits.headerSize) return this.#tooLarge()
    if (this.#parts.length === 0) {
      this.#parts = [segment]
      this.#size = segment.length
    }
    return null
  }

  /** The message is over: without a blank line all of it was header. */
  end(): ProtocolRefusal | null {
    if (this.#block !== null) return null
    return this.#finish(this.#parts.length === 0 ? Buffer.alloc(0) : this.#joined(Buffer.alloc(0)))
  }

  /** Grows one buffer by doubling: a header that arrives octet by octet costs linear time. */
  #joined(segment: Buffer): Buffer {
    let held = this.#parts[0] ?? Buffer.alloc(0)
    const size = this.#size + segment.length
    if (held.length < size) {
      const larger = Buffer.allocUnsafe(Math.max(size, 2 * this.#size))
      held.copy(larger, 0, 0, this.#size)
      held = larger
    }
    segment.copy(held, this.#size)
    this.#parts = [held]
    this.#size = size
    return held.subarray(0, size)
  }

  #finish(block: Buffer): ProtocolRefusal | null {
    this.#block = block
    this.#parts = []
    if (block.length > this.#limits.headerSize) return this.#tooLarge()
    const { fields, hops } = counted(block)
    const { headerCount, receivedHops } = this.#limits
    if (fields > headerCount)
      return limitRefusal(
        554,
        '5.6.0',
        `The message has ${fields} header fields, more than ${headerCount}`,
        'header-count',
      )
    if (hops > receivedHops)
      return limitRefusal(
        554,
        '5.4.6',
        `The message has passed ${hops} hosts, more than ${receivedHops}: a mail loop; look at its Received fields`,
        'received-hops',
      )
    return null
  }

  #tooLarge(): ProtocolRefusal {
    this.#block ??= Buffer.alloc(0)
    this.#parts = []
    return limitRefusal(
      552,
      '5.3.4',
      `The header of the message is larger than ${this.#limits.headerSize} octets`,
      'header-size',
    )
  }
}

const counted = (block: Buffer): { fields: number; hops: number } => {
  let fields = 0
  let hops = 0
  for (let at = 0; at < block.length;) {
    const first = block[at]
    if (first !== 0x20 && first !== 0x09) {
      fields++
      if (first === 0x52 || first === 0x72) {
        if (/^received[ \t]*:/i.test(block.toString('latin1', at, at + 20))) hops++
      }
    }
    const end = block.indexOf(lf, at)
    if (end < 0) break
    at = end + 1
  }
  return { fields, hops }
}
