/** Every From field that some mail program may see. */
interface FromFields {
  /** Their values, unfolded, at most `MAX_FIELDS`. */
  readonly values: readonly string[]
  /** What not every program takes for a From field, or reads to its end. */
  readonly doubt: string | null
}

const MAX_FIELDS = 20

/** Looks for From in a header block, written as RFC 5322 has it or in any way that a lenient reader takes for it. */
export const fromFields = (header: Buffer): FromFields => {
  const text = textOf(header)
  const strict = fieldsOf(text, /\r?\n(?![ \t])/)
  const values = strict.flatMap(({ name, value }) => (name === 'from' ? [value] : []))
  // A bare CR ends a line for some; a first line that begins with white space is a field for some.
  const odd = fieldsOf(text.trimStart(), /(?:\r\n|\r(?!\n)|\n)(?![ \t])/).flatMap(({ name, value }) =>
    visible(name) === 'from' ? [{ name, value }] : [],
  )
  const [longer, doubt] =
    odd.length > values.length
      ? [odd.map(({ value }) => value), 'something that not every program takes for a From field']
      : [values, null]
  const isOdd = odd.some(({ name }) => name !== 'from') || FOLDED.test(text)
  return {
    values: longer.slice(0, MAX_FIELDS).map(unfolded),
    doubt: doubt ?? (isOdd ? 'white space or worse around the name From' : null),
  }
}

/** A line that goes on with the field before, for who takes notice of its white space. */
const FOLDED = /\n[ \t]+from[ \t]*:[^\r\n]*@/i

interface Field {
  /** Lower case, as it stands before the colon. */
  readonly name: string
  readonly value: string
}

const fieldsOf = (text: string, end: RegExp): Field[] =>
  text.split(end).flatMap((line) => {
    const colon = line.indexOf(':')
    return colon < 1 ? [] : [{ name: line.slice(0, colon).toLowerCase(), value: line.slice(colon + 1) }]
  })

/** A name without what isn't seen: white space, controls, marks, whatever is beyond ASCII. */
const visible = (name: string): string => (name.length > 100 ? '' : name.replaceAll(/[^\x21-\x7e]/g, ''))

const unfolded = (value: string): string => value.replaceAll(/\r?\n(?=[ \t])/g, '').replaceAll(/[\r\n]+$/g, '')

/** UTF-8 (RFC 6532), or octets as they are. */
const textOf = (header: Buffer): string => {
  const text = header.toString('utf8')
  return text.includes('\ufffd') ? header.toString('latin1') : text
}
