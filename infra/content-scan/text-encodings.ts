/** Files written into text: uuencode (POSIX), `begin-base64`, yEnc 1.3 and BinHex 4.0 (RFC 1741). */

export interface TextFile {
  readonly name: string
  readonly bytes: Buffer
}

const MAX_FILES = 32
/** Characters; no one mails more of it. */
const MAX_BINHEX = 16 * 1024 * 1024

export const mayHoldTextFiles = (body: Buffer): boolean =>
  body.indexOf('begin') >= 0 || body.indexOf('=ybegin ') >= 0 || body.indexOf('with BinHex') >= 0

/** The files in a text, as the mail programs that know these formats offer them. */
export function* textFiles(body: Buffer): Generator<TextFile> {
  const text = body.toString('latin1')
  let files = 0
  for (const begin of text.matchAll(/^[ \t]*begin(-base64)?[ \t]+[0-7]{3,4}[ \t]+([^\r\n]*)\r?$/gm)) {
    if ((files += 1) > MAX_FILES) return
    const lines = text.slice(begin.index + begin[0].length).replace(/^\n/, '')
    const content = lines.slice(0, endOf(lines, begin[1] === undefined ? /^end[ \t]*\r?$/m : /^====/m))
    yield { name: begin[2]!.trim(), bytes: begin[1] === undefined ? decodeUu(content) : Buffer.from(content, 'base64') }
  }
  for (const begin of text.matchAll(/^=ybegin [^\r\n]*?(?:name=([^\r\n]*))?\r?$/gm)) {
    if ((files += 1) > MAX_FILES) return
    const lines = text
      .slice(begin.index + begin[0].length)
      .replace(/^\n/, '')
      .replace(/^=ypart [^\n]*\n/, '')
    yield { name: (begin[1] ?? '').trim(), bytes: decodeYenc(lines.slice(0, endOf(lines, /^=y(?:end|begin)/m))) }
  }
  const binhex = /with BinHex[^\r\n]{0,80}[\r\n]\s{0,64}:([^:]*)/.exec(text)
  if (binhex !== null) yield* decodeBinhex(binhex[1]!.slice(0, MAX_BINHEX))
}

const endOf = (text: string, end: RegExp): number => {
  const at = text.search(end)
  return at < 0 ? text.length : at
}

/** Lines of a length character and groups of four; a short or long line is read as far as it goes. */
export function decodeUu(text: string): Buffer {
  const out = Buffer.allocUnsafe(Math.ceil(text.length * 0.75) + 64)
  let length = 0
  for (const line of text.split(/\r?\n|\r/)) {
    if (line === '' || /^(?:begin|end)\b/.test(line)) continue
    const count = (line.charCodeAt(0) - 32) & 63
    if (count === 0) continue
    let left = count
    for (let at = 1; left > 0 && at < line.length; at += 4) {
      const [a, b, c, d] = [0, 1, 2, 3].map((i) => ((line.charCodeAt(at + i) || 32) - 32) & 63) as [
        number,
        number,
        number,
        number,
      ]
      const group = [(a << 2) | (b >> 4), ((b & 15) << 4) | (c >> 2), ((c & 3) << 6) | d]
      for (const byte of group) if (left-- > 0) out[length++] = byte & 255
    }
    if (length > out.length - 64) break
  }
  return Buffer.from(out.subarray(0, length))
}

export function decodeYenc(text: string): Buffer {
  const out = Buffer.allocUnsafe(text.length)
  let length = 0
  for (let at = 0; at < text.length; at += 1) {
    let code = text.charCodeAt(at)
    if (code === 13 || code === 10) continue
    if (code === 0x3d) {
      at += 1
      code = text.charCodeAt(at) - 64
    }
    out[length++] = (code - 42) & 255
  }
  return out.subarray(0, length)
}

const BINHEX = '!"#$%&\'()*+,-012345689@ABCDEFGHIJKLMNPQRSTUVXYZ[`abcdefhijklmpqr'

/** The data fork and the resource fork. */
function* decodeBinhex(text: string): Generator<TextFile> {
  const packed: number[] = []
  let bits = 0
  let held = 0
  for (const char of text) {
    const value = BINHEX.indexOf(char)
    if (value < 0) continue
    bits = (bits << 6) | value
    held += 6
    if (held >= 8) {
      held -= 8
      packed.push((bits >> held) & 255)
    }
  }
  const bytes = runLengths(packed)
  const nameLength = bytes[0] ?? 0
  const head = 1 + nameLength + 1 + 4 + 4 + 2
  if (bytes.length < head + 10) return
  const name = bytes.toString('latin1', 1, 1 + nameLength)
  const dataLength = bytes.readUInt32BE(head)
  const dataStart = head + 10
  yield { name, bytes: bytes.subarray(dataStart, dataStart + dataLength) }
  const resources = bytes.subarray(dataStart + dataLength + 2)
  if (resources.length > 2) yield { name, bytes: resources }
}

/** 0x90 repeats the byte before it; at most four times the packed size is kept. */
function runLengths(packed: readonly number[]): Buffer {
  const out: number[] = []
  const limit = packed.length * 64
  for (let at = 0; at < packed.length && out.length < limit; at += 1) {
    const byte = packed[at]!
    if (byte !== 0x90) {
      out.push(byte)
      continue
    }
    at += 1
    const count = packed[at] ?? 0
    if (count === 0) out.push(0x90)
    else for (let i = 1, last = out.at(-1) ?? 0; i < count; i += 1) out.push(last)
  }
  return Buffer.from(out)
}
