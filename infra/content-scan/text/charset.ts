import { TextDecoder } from 'node:util'

const decoders = new Map<string, TextDecoder | null>()
const MOST_DECODERS = 100

/**
 * Text of bytes in a charset by its name (WHATWG's labels); where none is given or it is not known: UTF-8 if they are well-formed, else
 * windows-1252. A byte order mark wins.
 */
export const decodeText = (bytes: Buffer, charset: string | null): string => {
  if (bytes.length >= 2 && bytes[0] === 0xff && bytes[1] === 0xfe) return decoderOf('utf-16le')!.decode(bytes)
  if (bytes.length >= 2 && bytes[0] === 0xfe && bytes[1] === 0xff) return decoderOf('utf-16be')!.decode(bytes)
  const named = charset === null || /^(?:us-)?ascii$/i.test(charset) ? null : decoderOf(charset.trim().toLowerCase())
  if (named !== null) return named.decode(bytes)
  try {
    return strict.decode(bytes)
  } catch {
    return decoderOf('windows-1252')!.decode(bytes)
  }
}

const strict = new TextDecoder('utf-8', { fatal: true })

const decoderOf = (label: string): TextDecoder | null => {
  const known = decoders.get(label)
  if (known !== undefined) return known
  let decoder: TextDecoder | null
  try {
    decoder = new TextDecoder(label)
  } catch {
    decoder = null
  }
  if (decoders.size < MOST_DECODERS) decoders.set(label, decoder)
  return decoder
}

/** `charset=` of a Content-Type field, or of an HTML page's own. */
export const charsetIn = (text: string): string | null =>
  /charset\s*=\s*["']?([^\s"';>]{1,40})/i.exec(text)?.[1] ?? null
