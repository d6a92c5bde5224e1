/** A header field as it is in the message, without its last line end. Bytes as characters (latin1). */
export interface Field {
  readonly name: string
  readonly text: string
}

/**
 * Signed when they are there (RFC 6376 5.4.1), and once more than they are there: so nobody can add one that a reader would see instead
 * of what was signed (8.15).
 */
const SEALED = [
  'from',
  'to',
  'cc',
  'subject',
  'date',
  'message-id',
  'reply-to',
  'in-reply-to',
  'references',
  'mime-version',
  'content-type',
  'content-transfer-encoding',
  'content-disposition',
  'content-description',
] as const
/** Signed when they are there; a mailing list may add its own. */
const SIGNED = [
  'sender',
  'resent-from',
  'resent-to',
  'resent-cc',
  'resent-date',
  'resent-message-id',
  'list-id',
  'list-help',
  'list-unsubscribe',
  'list-unsubscribe-post',
  'list-subscribe',
  'list-post',
  'list-owner',
  'list-archive',
  'autocrypt',
] as const

export const fieldsOf = (header: string): Field[] => {
  const fields: Field[] = []
  // A line end that is not followed by white space ends a field (RFC 5322 2.2.3).
  for (const text of header.split(/\r?\n(?![ \t])/)) {
    const colon = text.indexOf(':')
    if (colon > 0) fields.push({ name: nameOf(text, colon), text })
  }
  return fields
}

const nameOf = (field: string, colon: number): string =>
  field
    .slice(0, colon)
    .replace(/[ \t\r\n]+$/, '')
    .toLowerCase()

/** RFC 6376 3.4.2, without the line end. */
export const relaxedField = (text: string): string => {
  const colon = text.indexOf(':')
  const name = nameOf(text, colon)
  const value = text
    .slice(colon + 1)
    .replace(/\r?\n/g, '')
    .replace(/[ \t]+/g, ' ')
    .replace(/^ | $/g, '')
  return `${name}:${value}`
}

export interface SignedHeader {
  /** Names for `h=`, in the order of their hashing. */
  readonly names: readonly string[]
  /** The fields in canonical form, each with its CRLF. */
  readonly canonical: string
}

/**
 * What of a header block is signed: `only` these names, in this order, as often as they are there, or what must not be changed. null: it has
 * no From, and nothing may be signed without (RFC 6376 5.4).
 */
export const signedHeader = (header: string, only?: readonly string[]): SignedHeader | null => {
  const byName = Map.groupBy(fieldsOf(header), ({ name }) => name)
  if (!byName.has('from')) return null
  const names: string[] = []
  let canonical = ''
  const sign = (name: string) => {
    // From the bottom up (5.4.2).
    for (const { text } of (byName.get(name) ?? []).toReversed()) {
      names.push(name)
      canonical += `${relaxedField(text)}\r\n`
    }
  }
  if (only !== undefined) {
    for (const name of only) sign(name)
    return { names, canonical }
  }
  for (const name of SEALED) {
    sign(name)
    names.push(name)
  }
  for (const name of SIGNED) sign(name)
  return { names, canonical }
}

const WIDTH = 76

/** Words on lines that are not too long, continued by a tab: `separator` stays at the end of a line. */
export const foldedWords = (words: readonly string[], separator: string, column: number): string => {
  let at = column
  return words
    .map((word, index) => {
      const text = index < words.length - 1 ? word + separator : word
      const breaks = at + text.length > WIDTH && index > 0
      at = breaks ? 8 + text.length : at + text.length
      return breaks ? `\r\n\t${text}` : text
    })
    .join('')
}

export const foldedBase64 = (base64: string, column: number): string => {
  const first = base64.slice(0, Math.max(1, WIDTH - column))
  const rest = base64.slice(first.length).match(/.{1,68}/g) ?? []
  return [first, ...rest].join('\r\n\t')
}
