const lf = 10
const cr = 13
const dot = 46
const none = Buffer.alloc(0)

/** Where in a line the last octet left us. */
type Place = 'line-start' | 'dot' | 'dot-cr' | 'text' | 'cr'

export interface Decoded {
  /** Octets of the message, possibly none. A view of the chunk, which is changed in place. */
  readonly message: Buffer
  /** What came behind the end of the message; null while it goes on. */
  readonly rest: Buffer | null
}

/**
 * Takes DATA apart (RFC 5321 4.5.2): only CRLF "." CRLF ends it, a dot that begins any other line is dropped. The line
 * ends that servers disagree on (SMTP smuggling) never count: a bare CR or LF is noted in `bare`, and where `normalise` is
 * set, becomes CRLF in the message - after the decision where the message ends.
 */
export class DataDecoder {
  readonly #normalise: boolean
  #place: Place = 'line-start'
  /** Length of the current line so far, without its end. */
  #line = 0
  /** A bare CR or LF was seen. */
  bare = false
  /** The longest line so far, without its end. */
  longest = 0

  constructor({ normalise }: { normalise: boolean }) {
    this.#normalise = normalise
  }

  decode(chunk: Buffer): Decoded {
    return this.#normalise ? this.#decodeOctets(chunk) : this.#decodeLines(chunk)
  }

  /**
   * The quick way: one look at each octet (a search per line by `indexOf` costs several times as much on lines of daily
   * mail), and octets are moved only where a dot was dropped.
   */
  #decodeLines(chunk: Buffer): Decoded {
    const length = chunk.length
    let at = 0
    /** Start of what has yet to be kept, and end of what has been. */
    let from = 0
    let kept = 0
    let place = this.#place
    const keep = (end: number): void => {
      if (from !== kept) chunk.copyWithin(kept, from, end)
      kept += end - from
    }
    while (at < length) {
      if (place === 'text') {
        const start = at
        while (at < length && !isLineEnd(chunk[at] ?? 0)) at++
        this.#line += at - start
        if (this.#line > this.longest) this.longest = this.#line
        if (at === length) break
        if (chunk[at++] === cr) place = 'cr'
        else {
          this.bare = true
          this.#line = 0
        }
      } else if (place === 'cr') {
        if (chunk[at] === lf) {
          at++
          this.#line = 0
          place = 'line-start'
        } else {
          this.bare = true
          place = 'text'
        }
      } else if (place === 'line-start') {
        if (chunk[at] === dot) {
          keep(at)
          from = ++at
          place = 'dot'
        } else place = 'text'
      } else if (place === 'dot') {
        if (chunk[at] === cr) {
          from = ++at
          place = 'dot-cr'
        } else place = 'text'
      } else {
        if (chunk[at] === lf) return { message: chunk.subarray(0, kept), rest: chunk.subarray(at + 1) }
        this.bare = true
        place = 'text'
      }
    }
    this.#place = place
    keep(length)
    return { message: chunk.subarray(0, kept), rest: null }
  }

  /** The way of policy `normalise`: octet by octet. A run of CRs before LF is one line end. */
  #decodeOctets(chunk: Buffer): Decoded {
    const out = Buffer.allocUnsafe(2 * chunk.length + 4)
    let size = 0
    const lineEnd = (): void => {
      out[size++] = cr
      out[size++] = lf
      this.#line = 0
    }
    for (let at = 0; at < chunk.length; at++) {
      const octet = chunk[at] ?? 0
      if (this.#place === 'line-start' && octet === dot) {
        this.#place = 'dot'
        continue
      }
      if (this.#place === 'dot' && octet === cr) {
        this.#place = 'dot-cr'
        continue
      }
      if (this.#place === 'dot-cr' && octet === lf)
        return { message: size === 0 ? none : out.subarray(0, size), rest: chunk.subarray(at + 1) }
      if (this.#place === 'dot-cr') this.#place = 'cr'
      if (this.#place === 'cr') {
        if (octet === lf) {
          lineEnd()
          this.#place = 'line-start'
          continue
        }
        this.bare = true
        if (octet === cr) continue
        lineEnd()
        this.#place = 'text'
      }
      if (octet === cr) this.#place = 'cr'
      else if (octet === lf) {
        this.bare = true
        lineEnd()
        this.#place = 'text'
      } else {
        out[size++] = octet
        this.#place = 'text'
        if (++this.#line > this.longest) this.longest = this.#line
      }
    }
    return { message: out.subarray(0, size), rest: null }
  }
}

const isLineEnd = (octet: number): boolean => octet <= cr && (octet === cr || octet === lf)
