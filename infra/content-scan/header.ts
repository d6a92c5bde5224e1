/**
 * The header block of a message or part, read the way RFC 5322 says, with a note of every oddity on which mail programs
 * disagree. Bytes are Latin-1 here: what matters is ASCII.
 */
export interface HeaderBlock {
  readonly fields: readonly HeaderField[]
  /** Offset of the first byte of the body. */
  readonly bodyStart: number
  /** True when some reader could find other MIME fields here than we did. */
  readonly odd: boolean
  /** The whole block as it stands. */
  readonly text: string
}

interface HeaderField {
  /** Lower case. */
  readonly name: string
  /** Unfolded. */
  readonly value: string
}

/** A header longer than this is cut there: the rest is body. */
const MAX_HEADER_BYTES = 512 * 1024
const LF = 10
const CR = 13

export function readHeader(bytes: Buffer): HeaderBlock {
  const end = headerEnd(bytes)
  const text = bytes.toString('latin1', 0, end.headerEnd)
  const fields: HeaderField[] = []
  let odd = end.cut
  let current: { name: string; value: string } | null = null
  let first = true
  for (const line of text.split('\n')) {
    const bare = line.endsWith('\r') ? line.slice(0, -1) : line
    if (bare === '' && !first) continue
    const start = bare.charCodeAt(0)
    if (start === 0x20 || start === 0x09) {
      if (current === null) odd ||= bare !== ''
      else current.value += bare
      // the end of the header for some
      if (bare.trim() === '') odd = true
      if (looksMime(bare) && (current === null || !isMime(current.name) || /content[\w-]*\s*:/i.test(bare))) odd = true
    } else {
      const colon = bare.indexOf(':')
      const name = colon < 0 ? '' : bare.slice(0, colon)
      if (colon > 0 && isFieldName(name)) {
        current = { name: name.toLowerCase(), value: bare.slice(colon + 1) }
        fields.push(current)
        if (!isMime(current.name) && looksMime(current.name)) odd = true
      } else {
        // mbox's "From " in front is a habit of tools, not a trick
        if (!(first && /^>?From /.test(bare))) odd = true
        current = null
        // some take blanks before the colon; the value is read so too
        const loose = /^([!-9;-~]+)[ \t]{1,64}:/.exec(bare)
        if (loose !== null)
          fields.push((current = { name: loose[1]!.toLowerCase(), value: bare.slice(loose[0].length) }))
      }
    }
    if (bare.includes('\r') || bare.includes('\0') || bare.includes('\v') || bare.includes('\f')) odd = true
    first = false
  }
  return { fields, bodyStart: end.bodyStart, odd, text }
}

const isFieldName = (name: string): boolean => /^[!-9;-~]+$/.test(name)
const isMime = (name: string): boolean =>
  name === 'content-type' ||
  name === 'content-transfer-encoding' ||
  name === 'content-disposition' ||
  name === 'mime-version'
/** A name that some reader takes for one of the fields that matter. */
const looksMime = (text: string): boolean => /content.{0,3}(?:type|transfer|disposition)/i.test(text)

/** The first empty line. A block without one is all header. */
function headerEnd(bytes: Buffer): { headerEnd: number; bodyStart: number; cut: boolean } {
  let at = 0
  while (at < bytes.length) {
    if (bytes[at] === LF) return { headerEnd: at, bodyStart: at + 1, cut: false }
    if (bytes[at] === CR && bytes[at + 1] === LF) return { headerEnd: at, bodyStart: at + 2, cut: false }
    if (at > MAX_HEADER_BYTES) return { headerEnd: at, bodyStart: at, cut: true }
    const next = bytes.indexOf(LF, at)
    if (next < 0) break
    at = next + 1
  }
  return { headerEnd: bytes.length, bodyStart: bytes.length, cut: false }
}
