const LF = 0x0a
const CR = 0x0d
const DOT = 0x2e

/**
 * Transparency (RFC 5321 4.5.2): a dot that begins a line is doubled. A bare CR or LF counts as a line's end here, though no mail of
 * the listener's has one: a server that takes it for one must not see the message end there (SMTP smuggling).
 */
export class DotStuffing {
  /** The last two octets so far; a message begins as if after CRLF. */
  #before = CR
  #last = LF

  /** What ends the message: the final dot, on a line of its own. */
  end(): Uint8Array {
    return this.#before === CR && this.#last === LF ? endAfterLine : endAfterNoLine
  }

  /** The pieces to send for this one. They share its memory. */
  *stuff(octets: Uint8Array): Generator<Uint8Array> {
    let from = 0
    for (let at = octets.indexOf(DOT); at !== -1; at = octets.indexOf(DOT, at + 1)) {
      const last = at > 0 ? octets[at - 1] : this.#last
      if (last !== LF && last !== CR) continue
      if (at > from) yield octets.subarray(from, at)
      yield dot
      from = at
    }
    if (from < octets.length) yield octets.subarray(from)
    if (octets.length === 0) return
    this.#before = octets.length > 1 ? octets[octets.length - 2]! : this.#last
    this.#last = octets[octets.length - 1]!
  }
}

const dot = Buffer.from('.')
const endAfterLine = Buffer.from('.\r\n')
const endAfterNoLine = Buffer.from('\r\n.\r\n')
