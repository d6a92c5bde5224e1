/** Quoted-printable (RFC 2045 6.7), and the ways in which an `=` with no two hex digits after it is read. */

const EQUALS = 0x3d

/** `clean` is false when readers would disagree about some `=`. */
export function decodeQuotedPrintable(body: Buffer): { bytes: Buffer; clean: boolean } {
  if (body.indexOf(EQUALS) < 0) return { bytes: body, clean: true }
  const out = Buffer.allocUnsafe(body.length)
  let length = 0
  let clean = true
  let upper = false
  let lower = false
  for (let at = 0; at < body.length; at += 1) {
    const byte = body[at]!
    if (byte !== EQUALS) {
      out[length++] = byte
      continue
    }
    const high = hex(body[at + 1])
    const low = high < 0 ? -1 : hex(body[at + 2])
    if (low >= 0) {
      out[length++] = high * 16 + low
      lower ||= body[at + 1]! >= 0x61 || body[at + 2]! >= 0x61
      upper ||= (high > 9 && body[at + 1]! < 0x61) || (low > 9 && body[at + 2]! < 0x61)
      at += 2
      continue
    }
    const lineEnd = softBreak(body, at + 1)
    if (lineEnd >= 0) at = lineEnd - 1
    else {
      clean = false
      out[length++] = byte
    }
  }
  // some take upper-case digits only: one writer uses one of the two
  return { bytes: out.subarray(0, length), clean: clean && !(upper && lower) }
}

/** Every other reading of broken quoted-printable, from its Latin-1 text. */
export function* quotedPrintableReadings(text: string): Generator<Buffer> {
  const soft = text.replace(/=[ \t]*(?:\r\n|\n|\r|$)/g, '')
  const pairs = (from: string): Buffer =>
    Buffer.from(
      from.replace(/=([0-9A-Fa-f]{2})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16))),
      'latin1',
    )
  yield pairs(soft)
  // a lone = goes, alone or with the one or two characters behind it
  yield pairs(soft.replace(/=(?![0-9A-Fa-f]{2})/g, ''))
  yield pairs(soft.replace(/=(?![0-9A-Fa-f]{2})[^=]/g, ''))
  yield pairs(soft.replace(/=(?![0-9A-Fa-f]{2})[^=]{2}/g, ''))
  yield pairs(soft.replace(/=(?![0-9A-Fa-f]{2})[^=]{0,2}(?==)/g, ''))
  yield pairs(soft.replace(/=(?![0-9A-Fa-f]{2})[0-9A-Fa-f]/g, ''))
  yield pairs(soft.replace(/==+/g, '='))
  yield Buffer.from(
    soft.replace(/=([0-9A-Za-z]{2})/g, (_, digits: string) => String.fromCharCode(looseHex(digits))),
    'latin1',
  )
  yield pairs(soft.replace(/=(?:[0-9A-Fa-f][a-f]|[a-f][0-9A-Fa-f])/g, ''))
  // one digit, lower-case ones kept as they are
  yield Buffer.from(
    soft
      .replace(/=([0-9A-F]{2})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)))
      .replace(/=([0-9A-Fa-f])/g, (_, digit: string) => String.fromCharCode(Number.parseInt(digit, 16))),
    'latin1',
  )
  yield oneDigit(soft)
}

/** `=a1` as a marked single digit: `==aXY` is the byte XY and `=aX` the byte X, in hex. */
function oneDigit(text: string): Buffer {
  return Buffer.from(
    text
      .replace(/==[0-9a-z]([0-9A-F]{2})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)))
      .replace(/=[0-9a-z]([0-9A-F])/g, '$1'),
    'latin1',
  )
}

const looseHex = (digits: string): number => (hex(digits.charCodeAt(0)) & 15) * 16 + (hex(digits.charCodeAt(1)) & 15)

function hex(code: number | undefined): number {
  if (code === undefined) return -1
  if (code >= 0x30 && code <= 0x39) return code - 0x30
  if (code >= 0x41 && code <= 0x46) return code - 0x37
  if (code >= 0x61 && code <= 0x66) return code - 0x57
  return -1
}

/** The offset after a soft line break (blanks are allowed before it), or -1. */
function softBreak(body: Buffer, from: number): number {
  let at = from
  while (body[at] === 0x20 || body[at] === 0x09) at += 1
  if (at >= body.length) return at
  if (body[at] === 0x0a) return at + 1
  if (body[at] === 0x0d && body[at + 1] === 0x0a) return at + 2
  return -1
}
