const MAX_HEADER = 16 * 1024 * 1024

/**
 * The message without the trace headers that only we may write (interface.md §3): Authentication-Results that bear our name (RFC 8601 5),
 * X-Spam-*, Return-Path. All else is the same bytes. The header block is held in memory (the listener bounds it), the body streams.
 */
export async function* withoutForeignTraces(
  message: AsyncIterable<Uint8Array>,
  hostname: string,
): AsyncGenerator<Uint8Array> {
  let head: Buffer | null = Buffer.alloc(0)
  for await (const chunk of message) {
    if (head === null) {
      yield chunk
      continue
    }
    head =
      head.length === 0 ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength) : Buffer.concat([head, chunk])
    const end = endOfHeaders(head)
    if (end === -1 && head.length < MAX_HEADER) continue
    const cut = end === -1 ? head.length : end
    yield* fields(head.subarray(0, cut), hostname)
    if (cut < head.length) yield head.subarray(cut)
    head = null
  }
  if (head !== null && head.length > 0) yield* fields(head, hostname)
}

/** Where the empty line begins that ends the header block, -1 while it is not in sight. */
const endOfHeaders = (bytes: Buffer): number => {
  if (bytes.length >= 2 && bytes[0] === 0x0d && bytes[1] === 0x0a) return 0
  const end = bytes.indexOf('\r\n\r\n')
  return end === -1 ? -1 : end + 2
}

function* fields(block: Buffer, hostname: string): Generator<Uint8Array> {
  let keptFrom = 0
  for (let start = 0; start < block.length;) {
    const end = endOfField(block, start)
    if (isOurs(block.subarray(start, end), hostname)) {
      if (start > keptFrom) yield block.subarray(keptFrom, start)
      keptFrom = end
    }
    start = end
  }
  if (keptFrom < block.length) yield block.subarray(keptFrom)
}

/** A field ends at a CRLF that no blank follows. */
const endOfField = (block: Buffer, start: number): number => {
  for (let at = block.indexOf('\r\n', start); at !== -1; at = block.indexOf('\r\n', at + 2)) {
    const next = block[at + 2]
    if (next !== 0x20 && next !== 0x09) return at + 2
  }
  return block.length
}

const isOurs = (field: Buffer, hostname: string): boolean => {
  const colon = field.indexOf(0x3a)
  if (colon <= 0 || colon > 100) return false
  const name = field.toString('latin1', 0, colon).trimEnd().toLowerCase()
  if (name === 'return-path' || name.startsWith('x-spam-')) return true
  return name === 'authentication-results' && authservId(field.toString('utf8', colon + 1)) === hostname.toLowerCase()
}

/** The first token of the value, comments and folding aside; quoted strings are unquoted. */
const authservId = (value: string): string => {
  let rest = value.replaceAll('\r\n', '').trimStart()
  while (rest.startsWith('(')) rest = rest.slice(endOfComment(rest)).trimStart()
  const quoted = /^"((?:[^"\\]|\\.)*)"/.exec(rest)
  const id = quoted ? quoted[1]!.replaceAll(/\\(.)/g, '$1') : (/^[^\s;(]*/.exec(rest)?.[0] ?? '')
  return id.toLowerCase().replace(/\.$/, '')
}

const endOfComment = (text: string): number => {
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '\\') at += 1
    else if (text[at] === '(') depth += 1
    else if (text[at] === ')' && --depth === 0) return at + 1
  }
  return text.length
}
