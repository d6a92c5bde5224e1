import { HeaderProblem } from '#domain/message/header-problem'

/** One field of a header block: where it stands, and what it says. */
export interface HeaderField {
  /** Lower case, without the white space that obsolete syntax allows before the colon. */
  readonly name: string
  /** Octets from `start` up to `end`, its line end included. */
  readonly start: number
  readonly end: number
  /** Where its value begins. */
  readonly valueStart: number
}

const CR = 13
const LF = 10
const SPACE = 32
const TAB = 9
const COLON = 58

/**
 * The fields of a header block (RFC 5322 2.2), as a strict reader sees them: every line is a field `name: value` or goes on with white space.
 * @throws HeaderProblem for what other readers may take for something else
 */
export const headerFields = (block: Buffer): readonly HeaderField[] => {
  if (block.includes(0)) throw new HeaderProblem('the header has a NUL octet')
  const fields: HeaderField[] = []
  for (let start = 0; start < block.length;) {
    const end = endOfField(block, start)
    const colon = block.indexOf(COLON, start)
    if (colon < 0 || colon >= end) throw new HeaderProblem(`line ${lineOf(block, start)} of the header is no field`)
    fields.push({ name: nameIn(block, start, colon), start, end, valueStart: colon + 1 })
    start = end
  }
  return fields
}

/** Its value, unfolded (RFC 5322 2.2.3). A line of white space only is refused: some readers end the header there. */
export const valueOf = (block: Buffer, field: HeaderField, most: number): string => {
  if (field.end - field.valueStart > most)
    throw new HeaderProblem(`the field ${field.name} is longer than ${most} octets`)
  const text = block.toString('utf8', field.valueStart, field.end)
  if (text.includes('\u{fffd}')) throw new HeaderProblem(`the field ${field.name} is not UTF-8`)
  const lines = text.replace(/\r\n$/, '').split('\r\n')
  if (lines.slice(1).some((line) => line.trim() === ''))
    throw new HeaderProblem(`the field ${field.name} has a line of nothing but white space`)
  return lines.join('').trim()
}

/** A field ends at a CRLF that no white space follows. */
const endOfField = (block: Buffer, start: number): number => {
  for (let at = block.indexOf('\r\n', start); at >= 0; at = block.indexOf('\r\n', at + 2)) {
    const next = block[at + 2]
    if (next !== SPACE && next !== TAB) return at + 2
  }
  return block.length
}

const nameIn = (block: Buffer, start: number, colon: number): string => {
  let end = colon
  while (end > start && (block[end - 1] === SPACE || block[end - 1] === TAB)) end--
  for (let at = start; at < end; at++) {
    const octet = block[at]!
    if (octet < 33 || octet > 126)
      throw new HeaderProblem(`line ${lineOf(block, start)} of the header begins with no name of a field`)
  }
  if (end === start) throw new HeaderProblem(`line ${lineOf(block, start)} of the header has no name before its colon`)
  return block.toString('latin1', start, end).toLowerCase()
}

const lineOf = (block: Buffer, offset: number): number => {
  let line = 1
  for (let at = 0; at < offset; at++) if (block[at] === LF && (at === 0 || block[at - 1] === CR)) line++
  return line
}
