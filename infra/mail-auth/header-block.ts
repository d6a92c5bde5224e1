import { Readable } from 'node:stream'

/** What is looked at of a header block: larger ones are not verified (a parser's time grows faster than the block). */
const HEADER_LIMITS = { bytes: 512 * 1024, lines: 10_000 }

/** DKIM signatures verified per mail; the first ones (the newest) count. Each costs a look-up and a verification. */
export const MAX_SIGNATURES = 8

export interface Opened {
  /** The header block with the empty line that ends it, as far as there is one. */
  readonly header: Buffer
  /** The message from its first byte, for a reader that needs the body. */
  body(): AsyncIterable<Buffer>
  /** The header block goes beyond HEADER_LIMITS; `header` holds the beginning of it. */
  readonly oversized: boolean
}

/** Where the fields end and where the body begins; null: not in sight at or after `from`. An empty line ends the header (CRLF, or bare LF). */
export const endOfHeader = (bytes: Buffer, from: number): { fields: number; body: number } | null => {
  if (from === 0 && bytes[0] === 0x0a) return { fields: 0, body: 1 }
  if (from === 0 && bytes[0] === 0x0d && bytes[1] === 0x0a) return { fields: 0, body: 2 }
  for (let at = bytes.indexOf(0x0a, from); at !== -1; at = bytes.indexOf(0x0a, at + 1)) {
    const fields = bytes[at - 1] === 0x0d ? at - 1 : at
    if (bytes[at + 1] === 0x0a) return { fields, body: at + 2 }
    if (bytes[at + 1] === 0x0d && bytes[at + 2] === 0x0a) return { fields, body: at + 3 }
  }
  return null
}

/** Length of the header block with its empty line (LF or CRLF), or -1 while its end is not in sight. */
const headerEnd = (bytes: Buffer): number => endOfHeader(bytes, 0)?.body ?? -1

const countLines = (bytes: Buffer): number => {
  let lines = 0
  for (let at = bytes.indexOf(0x0a); at !== -1; at = bytes.indexOf(0x0a, at + 1)) lines += 1
  return lines
}

async function* once(bytes: Buffer): AsyncIterable<Buffer> {
  yield bytes
}

async function* resumed(first: Buffer, rest: AsyncIterator<unknown>): AsyncIterable<Buffer> {
  yield first
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield toBuffer(next.value)
}

const toBuffer = (chunk: unknown): Buffer =>
  Buffer.isBuffer(chunk)
    ? chunk
    : chunk instanceof Uint8Array
      ? Buffer.from(chunk)
      : Buffer.from(String(chunk), 'latin1')

const opened = (all: Buffer, body: () => AsyncIterable<Buffer>): Opened => {
  const end = headerEnd(all)
  const header = all.subarray(0, Math.min(end === -1 ? all.length : end, HEADER_LIMITS.bytes))
  const oversized = (end === -1 ? all.length : end) > HEADER_LIMITS.bytes || countLines(header) > HEADER_LIMITS.lines
  return { header, body, oversized }
}

/** Reads as far as the end of the header block and no further. A stream that fails rejects with its error. */
export const openMessage = async (raw: Buffer | Readable): Promise<Opened> => {
  if (Buffer.isBuffer(raw)) return opened(raw, () => once(raw))
  const chunks = raw[Symbol.asyncIterator]()
  let head: Buffer = Buffer.alloc(0)
  while (headerEnd(head) === -1 && head.length <= HEADER_LIMITS.bytes) {
    const next = await chunks.next()
    if (next.done === true) break
    head = Buffer.concat([head, toBuffer(next.value)])
  }
  return opened(head, () => resumed(head, chunks))
}

const SIGNED = /^(?:dkim-signature|arc-(?:seal|message-signature|authentication-results))[ \t\r\n]*:/im
const SIGNATURE = /^dkim-signature[ \t\r\n]*:/gim

/** Whether anything in the header block needs the body's hash: without a signature the body need not be read. */
export const isSigned = (header: Buffer): boolean => SIGNED.test(header.toString('latin1'))

/**
 * The header block with at most `limit` DKIM signatures: those beyond it become a field that nobody verifies.
 * `ignored` says how many.
 */
export const limitSignatures = (header: Buffer, limit: number): { header: Buffer; ignored: number } => {
  const text = header.toString('latin1')
  let seen = 0
  const limited = text.replaceAll(SIGNATURE, (field) => {
    seen += 1
    return seen > limit ? `X-Unverified-${field}` : field
  })
  return seen > limit ? { header: Buffer.from(limited, 'latin1'), ignored: seen - limit } : { header, ignored: 0 }
}
