import { addressParser, decodeWords } from 'postal-mime'

/** What lists, traces and the archive's index want of a header block. Lengths and counts are bounded; nothing here is to be trusted. */
export interface HeaderSummary {
  /** First address of header From. */
  readonly from: { readonly address: string; readonly name: string | null } | null
  /** Every address of From and Sender, at most 50. */
  readonly addresses: readonly string[]
  readonly subject: string | null
  readonly messageId: string | null
}

const MAX_SUBJECT = 500
const MAX_ADDRESSES = 50
const MAX_VALUE = 64 * 1024
/** Characters that could disturb a terminal, a table or the order of text (C0, C1, bidi controls). */
const UNSAFE = /[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu

/** RFC 5322 header block (with or without its empty line) -> summary. Never throws: what can't be read is null or absent. */
export const summariseHeaders = (block: Buffer): HeaderSummary => {
  const wanted = pick(block, ['from', 'sender', 'subject', 'message-id'])
  const from = addressesOf(wanted.get('from') ?? [])
  const sender = addressesOf(wanted.get('sender') ?? [])
  const first = from[0]
  return {
    from: first ? { address: first.address, name: first.name === '' ? null : first.name } : null,
    addresses: [...new Set([...from, ...sender].map(({ address }) => address))].slice(0, MAX_ADDRESSES),
    subject: text(wanted.get('subject')?.[0], MAX_SUBJECT),
    messageId: text(wanted.get('message-id')?.[0], 998),
  }
}

/** Addresses of the fields To, with their names, at most 50 and so many characters of JSON in all. Never throws. */
export const headerRecipients = (
  block: Buffer,
  mostCharacters: number,
): readonly { readonly address: string; readonly name: string | null }[] => {
  const found: { address: string; name: string | null }[] = []
  let characters = 0
  for (const { address, name } of addressesOf(pick(block, ['to']).get('to') ?? [])) {
    const one = { address, name: name === '' ? null : name }
    characters += JSON.stringify(one).length
    if (characters > mostCharacters) break
    found.push(one)
  }
  return found
}

/** Values of the named fields (lower case), unfolded, in order. */
const pick = (block: Buffer, names: readonly string[]): Map<string, string[]> => {
  const found = new Map<string, string[]>()
  const textual = block.toString(isAscii(block) ? 'latin1' : 'utf8')
  for (const field of textual.split(/\r?\n(?![ \t])/)) {
    const colon = field.indexOf(':')
    if (colon <= 0 || colon > 200) continue
    const name = field.slice(0, colon).trimEnd().toLowerCase()
    if (!names.includes(name)) continue
    const values = found.get(name) ?? []
    if (values.length < 20)
      values.push(
        field
          .slice(colon + 1, colon + 1 + MAX_VALUE)
          .replaceAll(/\r?\n/g, '')
          .trim(),
      )
    found.set(name, values)
  }
  return found
}

const isAscii = (bytes: Buffer): boolean => {
  for (const byte of bytes) if (byte > 0x7f) return false
  return true
}

const addressesOf = (values: readonly string[]): { address: string; name: string }[] => {
  const found: { address: string; name: string }[] = []
  for (const value of values) {
    for (const entry of addressParser(value)) {
      for (const { address, name } of entry.group ?? [entry]) {
        if (address === undefined || !plausible(address)) continue
        found.push({ address: canonical(address), name: text(name, 200) ?? '' })
        if (found.length >= MAX_ADDRESSES) return found
      }
    }
  }
  return found
}

const plausible = (address: string): boolean => {
  const at = address.lastIndexOf('@')
  return at > 0 && at < address.length - 1 && address.length <= 320
}

const canonical = (address: string): string => {
  const at = address.lastIndexOf('@')
  return address.slice(0, at + 1) + address.slice(at + 1).toLowerCase()
}

const text = (value: string | undefined, limit: number): string | null => {
  if (value === undefined) return null
  const clean = decodeWords(value).replaceAll(UNSAFE, ' ').trim()
  return clean === '' ? null : clean.slice(0, limit)
}
