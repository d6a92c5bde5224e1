import { addressParser, decodeWords } from 'postal-mime'

interface Field {
  /** As written, without the colon. */
  readonly name: string
  /** Unfolded, trimmed; bytes as Latin-1. */
  readonly value: string
}

interface ParsedAddress {
  readonly name: string
  /** As written; the domain in lower case. */
  readonly address: string
}

/** The fields of a header block the way the heuristics ask for them: by name, whatever its case. */
export interface Headers {
  readonly fields: readonly Field[]
  has(name: string): boolean
  /** The first field of this name, '' where there is none. */
  first(name: string): string
  all(name: string): readonly string[]
  /** The first field of this name with its encoded words (RFC 2047) decoded. */
  text(name: string): string
  /** Every address in the fields of this name, at most 200; groups are opened. */
  addresses(name: string): readonly ParsedAddress[]
}

const MAX_FIELDS = 2_000
const MAX_VALUE = 16 * 1024
const MAX_ADDRESSES = 200

const parseFields = (block: string): Field[] => {
  const fields: Field[] = []
  for (const line of block.split(/\r?\n(?![ \t])/, MAX_FIELDS)) {
    const colon = line.indexOf(':')
    if (colon <= 0 || colon > 200) continue
    const value = line.slice(colon + 1, colon + 1 + MAX_VALUE)
    fields.push({ name: line.slice(0, colon).trimEnd(), value: value.replaceAll(/\r?\n/g, '').trim() })
  }
  return fields
}

const canonical = (address: string): string => {
  const at = address.lastIndexOf('@')
  return (
    address.slice(0, at + 1) +
    address
      .slice(at + 1)
      .toLowerCase()
      .replace(/\.$/, '')
  )
}

const parseAddresses = (values: readonly string[]): ParsedAddress[] => {
  const found: ParsedAddress[] = []
  for (const value of values) {
    for (const entry of addressParser(value)) {
      for (const one of entry.group ?? [entry]) {
        if (one.address === undefined || !one.address.includes('@')) continue
        found.push({ name: decodeWords(one.name), address: canonical(one.address) })
        if (found.length >= MAX_ADDRESSES) return found
      }
    }
  }
  return found
}

/** Domain of an address in lower case, '' where it has none. */
export const domainOfAddress = (address: string): string => address.slice(address.lastIndexOf('@') + 1).toLowerCase()

/** Reads a header block (Latin-1 text, with or without its empty line). Never throws; what can't be read is absent. */
export const readHeaders = (block: string): Headers => {
  const fields = parseFields(block)
  const byName = new Map<string, string[]>()
  for (const field of fields) {
    const key = field.name.toLowerCase()
    const values = byName.get(key)
    if (values === undefined) byName.set(key, [field.value])
    else values.push(field.value)
  }
  const parsed = new Map<string, ParsedAddress[]>()
  const all = (name: string): readonly string[] => byName.get(name) ?? []
  return {
    fields,
    has: (name) => byName.has(name),
    first: (name) => all(name)[0] ?? '',
    all,
    text: (name) => decodeWords(all(name)[0] ?? '').trim(),
    addresses(name) {
      const known = parsed.get(name) ?? parseAddresses(all(name))
      parsed.set(name, known)
      return known
    },
  }
}
