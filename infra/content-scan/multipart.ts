import { mayHoldTextFiles } from './text-encodings.ts'

/** One body between two delimiter lines (RFC 2046 5.1.1), as offsets. */
interface Span {
  readonly start: number
  readonly end: number
}

export interface Multipart {
  readonly parts: readonly Span[]
  /** Some reader would cut elsewhere. */
  readonly odd: boolean
  /** There are more parts than were listed. */
  readonly cut: boolean
}

const LF = 10
const CR = 13

/** Cuts a multipart body at its delimiters, which RFC 2046 lets be followed by blanks only. */
export function splitParts(body: Buffer, boundary: string, maxParts: number): Multipart {
  const needle = Buffer.from(`--${boundary}`, 'latin1')
  const parts: Span[] = []
  let odd = false
  let start = -1
  let closed = false
  let preambleEnd = body.length
  let epilogueStart = body.length
  for (let at = body.indexOf(needle); at >= 0; at = body.indexOf(needle, at + needle.length)) {
    if (at > 0 && body[at - 1] !== LF) {
      // a bare CR ends a line for some, and junk before the dashes is skipped by others
      if (body[at - 1]! <= 0x20) odd = true
      continue
    }
    const lineEnd = body.indexOf(LF, at)
    const rest = body.toString('latin1', at + needle.length, lineEnd < 0 ? body.length : lineEnd)
    const closing = rest.startsWith('--')
    const tail = (closing ? rest.slice(2) : rest).replace(/\r$/, '')
    if (/[^ \t]/.test(tail)) {
      odd = true
      continue
    }
    if (tail !== '') odd = true
    if (start < 0 && !closed) preambleEnd = at
    if (parts.length >= maxParts) return { parts, odd, cut: true }
    if (start >= 0) parts.push({ start, end: lineBreakBefore(body, at) })
    if (closing) {
      start = -1
      if (closed) odd = true
      closed = true
      epilogueStart = lineEnd < 0 ? body.length : lineEnd + 1
    } else {
      if (closed) odd = true
      start = lineEnd < 0 ? body.length : lineEnd + 1
    }
  }
  if (start >= 0) parts.push({ start, end: body.length })
  for (const outside of [body.subarray(0, preambleEnd), body.subarray(epilogueStart)]) {
    if (hasDelimiters(outside) || mayHoldTextFiles(outside)) odd = true
  }
  return { parts, odd, cut: false }
}

/** True when lines that look like a delimiter with a MIME header after it stand where no part is declared. */
export function hasDelimiters(text: Buffer): boolean {
  if (text.length < 12) return false
  for (let at = text.indexOf('--'); at >= 0; at = text.indexOf('--', at)) {
    const lineEnd = nextLine(text, at)
    if ((at === 0 || text[at - 1]! <= 0x20) && lineEnd - at < 300) {
      const ahead = text.toString('latin1', at, Math.min(lineEnd + 200, text.length))
      if (/[\r\n\v][ \t\v]*content[^\r\n]{0,4}(?:type|transfer|disposition)/i.test(ahead)) return true
    }
    at = lineEnd
  }
  return false
}

const nextLine = (text: Buffer, from: number): number => {
  const end = text.indexOf(LF, from)
  return end < 0 ? text.length : end + 1
}

const lineBreakBefore = (body: Buffer, at: number): number =>
  at > 1 && body[at - 2] === CR ? at - 2 : Math.max(at - 1, 0)
