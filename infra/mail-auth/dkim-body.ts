import { createHash } from 'node:crypto'

const TAB = 0x09
const LF = 0x0a
const CR = 0x0d
const SPACE = 0x20

/** Filled and hashed within one call, so one is enough for all: a new one for each mail is more work than its hash. */
const PIECE = 32 * 1024
// A bare LF becomes two bytes, and what was held back from the piece before is at most a line end, a space and a CR.
const scratch = Buffer.allocUnsafe(PIECE * 2 + 4)

const SOME_LINE_ENDS = Buffer.from('\r\n'.repeat(4_096))

/**
 * SHA-256 of a body in relaxed canonical form (RFC 6376 3.4.4), piece by piece: white space within a line is one space, none at its end;
 * empty lines at the end are not there. A bare LF ends a line, as whoever sends it on makes a CRLF of it.
 */
export class RelaxedBodyHash {
  readonly #hash = createHash('sha256')
  /** Line ends seen that count only when something comes after them. */
  #lineEnds = 0
  #space = false
  #cr = false
  #any = false

  update(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; at += PIECE) this.#update(bytes.subarray(at, at + PIECE))
  }

  #update(chunk: Uint8Array): void {
    const out = scratch
    const { length } = chunk
    let used = 0
    let at = 0
    while (at < length) {
      const byte = chunk[at++] as number
      if (byte === LF) {
        this.#cr = false
        this.#space = false
        this.#lineEnds++
        continue
      }
      if (this.#cr) {
        // A CR on its own is a character like any other.
        used = this.#heldBack(out, used)
        out[used++] = CR
        this.#cr = false
      }
      if (byte === SPACE || byte === TAB) this.#space = true
      else if (byte === CR) this.#cr = true
      else {
        if (this.#lineEnds > 0 || this.#space) used = this.#heldBack(out, used)
        this.#any = true
        out[used++] = byte
        // Most bytes are of this kind, and so is the next.
        for (; at < length; at++) {
          const next = chunk[at] as number
          if (next <= SPACE && (next === LF || next === CR || next === SPACE || next === TAB)) break
          out[used++] = next
        }
      }
    }
    if (used > 0) this.#hash.update(out.subarray(0, used))
  }

  /** Line ends and the space that something comes after now. Answers how much of `out` is used. */
  #heldBack(out: Buffer, filled: number): number {
    let used = filled
    if (this.#lineEnds > 1) {
      // From pieces before there may be more than `out` has room for.
      this.#hash.update(out.subarray(0, used))
      used = 0
      this.#emptyLines(this.#lineEnds)
    } else if (this.#lineEnds === 1) {
      out[used++] = CR
      out[used++] = LF
    }
    this.#lineEnds = 0
    if (this.#space) out[used++] = SPACE
    this.#space = false
    this.#any = true
    return used
  }

  /** In base64, as in `bh=`. */
  digest(): string {
    if (this.#cr) {
      this.#emptyLines(this.#lineEnds)
      this.#hash.update(this.#space ? ' \r' : '\r')
      this.#any = true
    }
    if (this.#any) this.#hash.update('\r\n')
    return this.#hash.digest('base64')
  }

  #emptyLines(count: number): void {
    for (let left = count; left > 0; left -= 4_096)
      this.#hash.update(left >= 4_096 ? SOME_LINE_ENDS : SOME_LINE_ENDS.subarray(0, left * 2))
  }
}
