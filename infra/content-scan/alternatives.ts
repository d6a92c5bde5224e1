import { base64Readings, isTooBroken } from './base64.ts'
import { detectType } from './file-type.ts'
import { fileNames } from './file-names.ts'
import { quotedPrintableReadings } from './quoted-printable.ts'
import { decodeUu, decodeYenc, mayHoldTextFiles, textFiles } from './text-encodings.ts'
import type { Walk } from './walk.ts'

/**
 * What other MIME readers could see in a message whose structure is not beyond doubt. Instead of imitating each program, this
 * takes every line that could be a delimiter, every line where a body could begin and every way of decoding it: a superset of
 * what they see. Only ambiguous messages pay for it.
 */
export interface Alternative {
  readonly bytes: Buffer
  /** It may be a mail itself; a stretch of this one as it stands is not looked into again. */
  readonly mayBeMessage: boolean
  readonly names: readonly string[]
}

const MAX_DELIMITERS = 1_500
const MAX_TOKENS = 40
const MAX_SPANS = 600
const MAX_BODIES = 12
const HEADER_LINES = 80
const HEADER_CHARS = 16_384

/** Work allowed on one message, in bytes decoded: what is more convoluted than that is held. */
const WORK_FLOOR = 24 * 1024 * 1024
const WORK_BY_SIZE = 12
const WORK_MOST = 160 * 1024 * 1024
const workFor = (size: number): number => Math.min(WORK_FLOOR + size * WORK_BY_SIZE, WORK_MOST)

export function* alternatives(message: Buffer, path: string, walk: Walk): Generator<Alternative> {
  const text = message.toString('latin1')
  let work = workFor(message.length)
  if (mayHoldTextFiles(message)) {
    for (const file of textFiles(message)) yield { bytes: file.bytes, mayBeMessage: true, names: [file.name] }
  }
  for (const span of spans(text, path, walk)) {
    const head = text.slice(span.start, Math.min(span.end, span.start + HEADER_CHARS))
    const names = fileNames([head.slice(0, 4_096)])
    for (const start of bodyStarts(head)) {
      const from = span.start + start
      if (from >= span.end) continue
      work -= (span.end - from) * 2
      if (work < 0) return walk.finding('malformed', path, 'too many ways to read it')
      const verbatim = message.subarray(from, span.end)
      if (detectType(verbatim) !== null) yield { bytes: verbatim, mayBeMessage: false, names }
      for (const { bytes, mayBeMessage } of decodings(text.slice(from, span.end), head.slice(0, start), path, walk)) {
        work -= bytes.length * 2
        if (!walk.decoded(bytes.length, path)) return
        yield { bytes, mayBeMessage, names }
      }
    }
  }
}

/** The other readings of one body whose place is clear but whose encoding is broken. */
export function* brokenBody(body: Buffer, encoding: string, path: string, walk: Walk): Generator<Buffer> {
  const text = body.toString('latin1')
  if (encoding === 'base64' && isTooBroken(text))
    return walk.finding('malformed', path, 'base64 that is broken all over')
  let work = workFor(body.length)
  for (const start of bodyStarts(text.slice(0, HEADER_CHARS), 0)) {
    for (const { bytes } of decodings(text.slice(start), encoding, path, walk)) {
      work -= bytes.length
      if (work < 0) return walk.finding('malformed', path, 'too many ways to decode it')
      if (!walk.decoded(bytes.length, path)) return
      yield bytes
    }
  }
}

interface Delimiter {
  readonly lineStart: number
  readonly contentStart: number
  readonly token: string
}

interface Span {
  readonly start: number
  readonly end: number
}

/** Every stretch between lines that some reader could take for delimiters of one boundary. */
function spans(text: string, path: string, walk: Walk): Span[] {
  const delimiters = findDelimiters(text, path, walk)
  const found = new Map<string, Span>()
  const add = (start: number, end: number): void => {
    if (end > start) found.set(`${start}-${end}`, { start, end })
  }
  add(0, text.length)
  const cut = (at: readonly Delimiter[]): void => {
    at.forEach((delimiter, index) => add(delimiter.contentStart, at[index + 1]?.lineStart ?? text.length))
    if (at[0] !== undefined) add(0, at[0].lineStart)
  }
  cut(delimiters)
  for (const token of tokens(delimiters)) cut(delimiters.filter((delimiter) => delimiter.token.startsWith(token)))
  if (found.size > MAX_SPANS) walk.finding('malformed', path, `more than ${MAX_SPANS} ways to cut it into parts`)
  return [...found.values()].slice(0, MAX_SPANS)
}

function findDelimiters(text: string, path: string, walk: Walk): Delimiter[] {
  const found: Delimiter[] = []
  for (const line of text.matchAll(/(?:^|[\r\n\v])[ \t\v\f]{0,8}(--[^\r\n]*)\r?\n?/g)) {
    // a whole line of dashes is a ruler
    if (/^-{5,}[ \t]*$/.test(line[1]!)) continue
    if (found.length >= MAX_DELIMITERS) {
      walk.finding('malformed', path, `more than ${MAX_DELIMITERS} lines that could divide parts`)
      break
    }
    found.push({ lineStart: line.index, contentStart: line.index + line[0].length, token: line[1]!.trimEnd() })
  }
  return found
}

function tokens(delimiters: readonly Delimiter[]): string[] {
  const counts = new Map<string, number>()
  for (const { token } of delimiters) {
    const base = token.replace(/--$/, '').trimEnd()
    if (base.length >= 2) counts.set(base, (counts.get(base) ?? 0) + 1)
  }
  return [...counts]
    .sort((a, b) => b[1] - a[1])
    .slice(0, MAX_TOKENS)
    .map(([token]) => token)
}

/** Offsets where a body could begin: behind an empty or blank line, and at a line that is no header field. */
function bodyStarts(head: string, maxBareLines = 3): number[] {
  const starts = new Set<number>([0])
  let bareLines = 0
  let afterBlank = false
  let at = 0
  for (let line = 0; line < HEADER_LINES && at < head.length && starts.size < MAX_BODIES; line += 1) {
    const newline = head.indexOf('\n', at)
    const end = newline < 0 ? head.length : newline
    const content = head.slice(at, end)
    const isBlank = /^[ \t\v\f\r]*$/.test(content)
    if (isBlank) {
      // several in a row are one
      if (afterBlank) starts.delete(at)
      starts.add(end + 1)
    } else if (bareLines < maxBareLines && !/^[ \t]/.test(content) && !/^[^\s:]+[ \t]*:/.test(content)) {
      bareLines += 1
      starts.add(at)
    }
    afterBlank = isBlank
    at = end + 1
  }
  return [...starts]
}

interface Decoding {
  readonly bytes: Buffer
  readonly mayBeMessage: boolean
}

/** A body decoded in every way; what comes out as noise where nothing asked for that decoding is left out. */
function* decodings(body: string, header: string, path: string, walk: Walk): Generator<Decoding> {
  const declares = (what: RegExp): boolean => what.test(header)
  const base64 = declares(/base[^\r\n]{0,4}64|b64|=[?][^\r\n?]*[?]b[?]/i)
  if (base64 && isTooBroken(body)) walk.finding('malformed', path, 'base64 that is broken all over')
  else if (base64) {
    for (const bytes of base64Readings(body)) if (bytes.length > 0) yield { bytes, mayBeMessage: true }
  } else if (looksBase64(body)) {
    const bytes = Buffer.from(body, 'base64')
    if (worthwhile(bytes)) yield { bytes, mayBeMessage: true }
  }
  const quoted = declares(/quoted|qp/i)
  if (quoted || (body.includes('=') && hidesFile(body.slice(0, SAMPLE)))) {
    const mayBeMessage = quoted && declares(/message/i)
    // its line breaks and delimiters are those of the message itself, unless it is one
    for (const bytes of quotedPrintableReadings(body)) yield { bytes, mayBeMessage: mayBeMessage && bytes[0] !== 0x2d }
  }
  if (declares(/uue|uu\b/i)) yield { bytes: decodeUu(body), mayBeMessage: false }
  if (declares(/yenc/i)) yield { bytes: decodeYenc(body), mayBeMessage: false }
}

const SAMPLE = 1_024

/** Some reading of the quoted-printable begins like a known file. */
const hidesFile = (sample: string): boolean =>
  [...quotedPrintableReadings(sample)].some((bytes) => detectType(bytes) !== null)

/** Its first lines are mostly digits of base64. */
function looksBase64(body: string): boolean {
  const lines = body
    .slice(0, 2_048)
    .split(/\s+/)
    .filter((line) => line !== '')
  return (
    lines.filter((line) => line.length >= 4 && /^[A-Za-z0-9+/=]+$/.test(line) && /[A-Z0-9+/=]/.test(line.slice(1)))
      .length *
      2 >
    lines.length
  )
}

/** Something a scanner or a person could make something of: a known file or text. */
function worthwhile(bytes: Buffer): boolean {
  if (bytes.length < 16) return false
  if (detectType(bytes) !== null) return true
  const sample = bytes.subarray(0, 512)
  let printable = 0
  for (const byte of sample)
    if ((byte >= 0x20 && byte < 0x7f) || byte === 9 || byte === 10 || byte === 13) printable += 1
  return printable > sample.length * 0.9
}
