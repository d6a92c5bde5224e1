import { decodeBase64 } from './base64.ts'
import { isUuencoding } from './content-type.ts'
import { decodeQuotedPrintable } from './quoted-printable.ts'
import { decodeUu, decodeYenc } from './text-encodings.ts'

/** The body as declared; `broken` when other programs would make something else of it. */
export function decodeTransfer(body: Buffer, encoding: string): { bytes: Buffer; broken: boolean } {
  if (encoding === 'base64') {
    const text = body.toString('latin1')
    const clean = decodeBase64(text)
    return { bytes: clean ?? Buffer.from(text, 'base64'), broken: clean === null }
  }
  if (encoding === 'quoted-printable') {
    const { bytes, clean } = decodeQuotedPrintable(body)
    return { bytes, broken: !clean }
  }
  if (isUuencoding(encoding) && body.indexOf('begin') < 0)
    return { bytes: decodeUu(body.toString('latin1')), broken: false }
  if (encoding.includes('yenc') && body.indexOf('=ybegin') < 0)
    return { bytes: decodeYenc(body.toString('latin1')), broken: false }
  return { bytes: body, broken: false }
}
