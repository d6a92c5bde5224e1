import type { Reply } from '#domain/message/reply'

/** What a server says is bounded: RFC 5321 4.5.3.1.5 allows 512 octets a line, real ones say more. */
const MAXIMUM_LINE = 4_096
const MAXIMUM_LINES = 200
const MAXIMUM_TEXT = 2_000

/** Not SMTP. */
export class ProtocolViolation extends Error {
  constructor(what: string) {
    super(what)
    this.name = 'ProtocolViolation'
  }
}

/** A whole reply (RFC 5321 4.2.1); `lines` are the texts without code, with enhanced code. */
export interface RawReply {
  readonly code: number
  readonly lines: readonly string[]
}

/** Octets in whatever pieces -> whole replies. */
export class ReplyReader {
  #rest: Buffer = Buffer.alloc(0)
  #code: number | null = null
  #lines: string[] = []

  /** Octets of a reply that has begun, or of one not taken yet. */
  get pending(): boolean {
    return this.#rest.length > 0 || this.#code !== null
  }

  push(octets: Buffer): void {
    this.#rest = this.#rest.length === 0 ? octets : Buffer.concat([this.#rest, octets])
  }

  get size(): number {
    return this.#rest.length
  }

  /** The next whole reply, null while there is none. Throws `ProtocolViolation`. */
  next(): RawReply | null {
    for (;;) {
      const end = this.#rest.indexOf(0x0a)
      if (end > MAXIMUM_LINE || (end === -1 && this.#rest.length > MAXIMUM_LINE))
        throw new ProtocolViolation(`a line of more than ${MAXIMUM_LINE} octets`)
      if (end === -1) return null
      const line = this.#rest.toString('utf8', 0, end > 0 && this.#rest[end - 1] === 0x0d ? end - 1 : end)
      this.#rest = this.#rest.subarray(end + 1)
      const whole = this.#line(line)
      if (whole !== null) return whole
    }
  }

  #line(line: string): RawReply | null {
    const [, digits, mark, text = ''] = /^([2-5][0-9]{2})(?:([ -])(.*))?$/su.exec(line) ?? []
    if (digits === undefined) throw new ProtocolViolation(`not a reply: ${JSON.stringify(line.slice(0, 100))}`)
    const code = Number(digits)
    if (this.#code !== null && this.#code !== code)
      throw new ProtocolViolation(`a reply that begins with ${this.#code} and goes on with ${code}`)
    if (this.#lines.length >= MAXIMUM_LINES) throw new ProtocolViolation(`a reply of more than ${MAXIMUM_LINES} lines`)
    this.#lines.push(text)
    if (mark === '-') {
      this.#code = code
      return null
    }
    const lines = this.#lines
    this.#lines = []
    this.#code = null
    return { code, lines }
  }
}

/** As the rest of Mailkeep knows it: one line, printable, the enhanced code (RFC 2034) apart where its class is the code's. */
export const replyOf = ({ code, lines }: RawReply): Reply => {
  const status = /^([245]\.\d{1,3}\.\d{1,3})(?: |$)/
  const enhancedCode = status.exec(lines[0] ?? '')?.[1] ?? null
  const agrees = enhancedCode !== null && enhancedCode.startsWith(String(Math.floor(code / 100)))
  const text = lines
    .map((line) => (agrees ? line.replace(status, '') : line))
    .join(' ')
    .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim()
  return { code, enhancedCode: agrees ? enhancedCode : null, text: text.slice(0, MAXIMUM_TEXT) }
}
