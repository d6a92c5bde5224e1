import { readHeaders, type Headers } from './headers.ts'

interface TextPart {
  readonly type: string
  readonly encoding: string
  readonly charset: string
  readonly attachment: boolean
  /** Bytes of the part as they stand. */
  readonly size: number
}

/** What a person would be shown: enough of the MIME structure for the heuristics, no more. The scan reads it far more suspiciously. */
export interface Structure {
  readonly headers: Headers
  readonly parts: readonly TextPart[]
  /** Text of the text/plain parts and source of the text/html parts that are shown, decoded. */
  readonly plain: string
  readonly html: string
}

/** How much of a message is looked at, bytes. */
const LOOKED_AT = 512 * 1024
const MAX_TEXT = 128 * 1024
const MAX_DEPTH = 8
const MAX_PARTS = 100

const parameter = (value: string, name: string): string => {
  const found = new RegExp(`;\\s*${name}\\s*=\\s*(?:"([^"]{0,300})"|([^\\s;]{1,300}))`, 'i').exec(value)
  return found?.[1] ?? found?.[2] ?? ''
}

const quotedPrintable = (text: string): Buffer =>
  Buffer.from(
    text
      .replaceAll(/=[ \t]*\r?\n/g, '')
      .replaceAll(/=([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  )

const decoded = (body: string, encoding: string, charset: string): string => {
  const source = body.slice(0, MAX_TEXT * 2)
  const bytes =
    encoding === 'base64'
      ? Buffer.from(source, 'base64')
      : encoding === 'quoted-printable'
        ? quotedPrintable(source)
        : Buffer.from(source, 'latin1')
  const text = bytes.subarray(0, MAX_TEXT).toString(/^utf-?8$/i.test(charset) ? 'utf8' : 'latin1')
  return text.replaceAll('\r\n', '\n')
}

const splitHeader = (text: string): { header: string; body: string } => {
  const found = /^\r?\n|\r?\n\r?\n/.exec(text)
  if (found === null) return { header: text, body: '' }
  return { header: text.slice(0, found.index), body: text.slice(found.index + found[0].length) }
}

const splitParts = (body: string, boundary: string): string[] => {
  const pieces = `\n${body}`.split(`\n--${boundary}`, MAX_PARTS + 2)
  return pieces.slice(1).flatMap((piece) => (piece.startsWith('--') ? [] : [piece.replace(/^[ \t]*\r?\n/, '')]))
}

/** Reads the beginning of a message (LOOKED_AT bytes). Never throws; what it can't make sense of is left out. */
export const readStructure = (raw: Buffer): Structure => {
  const message = splitHeader(raw.toString('latin1', 0, LOOKED_AT))
  const headers = readHeaders(message.header)
  const parts: TextPart[] = []
  const shown = { plain: '', html: '' }

  const walk = (own: Headers, body: string, depth: number): void => {
    if (parts.length >= MAX_PARTS) return
    const declared = own.first('content-type')
    const type = (/^\s*([\w.+-]{1,80}\/[\w.+-]{1,80})/.exec(declared)?.[1] ?? 'text/plain').toLowerCase()
    const boundary = parameter(declared, 'boundary')
    if (type.startsWith('multipart/') && boundary !== '' && depth < MAX_DEPTH) {
      for (const piece of splitParts(body, boundary)) {
        const part = splitHeader(piece)
        walk(readHeaders(part.header), part.body, depth + 1)
      }
      return
    }
    const encoding = own.first('content-transfer-encoding').toLowerCase()
    const charset = parameter(declared, 'charset').toLowerCase()
    const attachment = /^\s*attachment/i.test(own.first('content-disposition'))
    parts.push({ type, encoding, charset, attachment, size: body.length })
    if (attachment) return
    if (type === 'text/html') shown.html = `${shown.html}\n${decoded(body, encoding, charset)}`.slice(0, MAX_TEXT)
    else if (type === 'text/plain')
      shown.plain = `${shown.plain}\n${decoded(body, encoding, charset)}`.slice(0, MAX_TEXT)
  }
  walk(headers, message.body, 0)
  return { headers, parts, plain: shown.plain.trim(), html: shown.html.trim() }
}
