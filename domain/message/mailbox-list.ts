import { HeaderProblem } from './header-problem.ts'
import type { Address } from './mailbox.ts'
import { parseAddress } from './parse-address.ts'

/** One mailbox of a From or Sender field; `name` as it stands there, its quotes gone, encoded-words still encoded. */
export interface HeaderMailbox {
  readonly address: Address
  readonly name: string | null
}

const MOST_MAILBOXES = 50

/** Beyond ASCII everything but control characters and separators. */
const other = String.raw`[^\x00-\x7f\p{Cc}\p{Cf}\p{Zl}\p{Zp}]`
/** Words are apart from each other: told so, the pattern takes linear time. Dots in a phrase are obsolete and everyday: `John Q. Public`. */
const word = String.raw`(?:[A-Za-z0-9!#$%&'*+/=?^_\x60{|}~.-]|${other})+`
const quoted = String.raw`"(?:[\t !#-\[\]-~]|\\[\t -~]|${other})*"`
const phrase = new RegExp(String.raw`^(?:${word}|${quoted})(?:[ \t]+(?:${word}|${quoted}))*$`, 'u')
/** The old way to say a name, and nothing in it that could be read as more: `ann@example.org (Ann)`. */
const addressAndComment = /^(?<spec>[^\s()<>,;:\\]+)[ \t]+\((?<name>[^()<>,;:\\"@]*)\)$/u

/**
 * mailbox-list of RFC 5322 3.4 in the one way that every reader understands alike: no groups, no routes, no comments inside, no quoted local
 * parts, no encoded-words in an address.
 * @throws HeaderProblem naming what is wrong
 */
export const parseMailboxList = (value: string, field: string): readonly HeaderMailbox[] => {
  const problem = (why: string): HeaderProblem => new HeaderProblem(`the field ${field} ${why}`)
  // oxlint-disable-next-line no-control-regex -- they are what is looked for
  if (/[\x00-\x08\x0a-\x1f\x7f\u0080-\u009f]/u.test(value)) throw problem('has a control character')
  if (value === '') throw problem('is empty')
  const parts = split(value)
  if (parts === null) throw problem('has a quote or a bracket that is never closed')
  if (parts.length > MOST_MAILBOXES) throw problem(`has more than ${MOST_MAILBOXES} addresses`)
  return parts.map((part) => mailboxIn(part.trim(), problem))
}

/** At the commas outside quotes, brackets and comments; null: something is left open. */
const split = (value: string): readonly string[] | null => {
  const parts: string[] = []
  let from = 0
  let inside: '"' | '>' | ')' | null = null
  for (let at = 0; at < value.length; at++) {
    const character = value[at]!
    if (inside === '"') {
      if (character === '\\') at++
      else if (character === '"') inside = null
    } else if (inside !== null) {
      if (character === inside) inside = null
    } else if (character === '"') inside = '"'
    else if (character === '<') inside = '>'
    else if (character === '(') inside = ')'
    else if (character === ',') {
      parts.push(value.slice(from, at))
      from = at + 1
    }
  }
  parts.push(value.slice(from))
  return inside === null ? parts : null
}

const mailboxIn = (part: string, problem: (why: string) => HeaderProblem): HeaderMailbox => {
  if (part === '') throw problem('has an empty place between commas')
  const open = bracketIn(part)
  if (open >= 0) {
    if (!part.endsWith('>')) throw problem('has something after an address')
    const name = part.slice(0, open).trim()
    if (name !== '' && !phrase.test(name)) throw problem(whatIsWrongWithName(name))
    return { address: addressIn(part.slice(open + 1, -1), problem), name: name === '' ? null : unquoted(name) }
  }
  const commented = addressAndComment.exec(part)?.groups
  if (commented !== undefined)
    return { address: addressIn(commented['spec']!, problem), name: commented['name']!.trim() || null }
  if (part.includes('(')) throw problem('has a comment within an address')
  if (/[:;]/.test(part.replaceAll(/"[^"]*"/g, ''))) throw problem('has a group, or something that looks like one')
  return { address: addressIn(part, problem), name: null }
}

/** The first `<` outside quotes. */
const bracketIn = (part: string): number => {
  let isQuoted = false
  for (let at = 0; at < part.length; at++) {
    const character = part[at]
    if (isQuoted && character === '\\') at++
    else if (character === '"') isQuoted = !isQuoted
    else if (character === '<' && !isQuoted) return at
  }
  return -1
}

const whatIsWrongWithName = (name: string): string => {
  const bare = name.replaceAll(/"(?:[^"\\]|\\.)*"/g, '')
  if (bare.includes('@')) return 'has an address within a name; a name with @ must be quoted'
  if (/[:;]/.test(bare)) return 'has a group, or something that looks like one'
  if (/[()]/.test(bare)) return 'has a comment within a name'
  return 'has a name with characters that must be quoted'
}

const addressIn = (text: string, problem: (why: string) => HeaderProblem): Address => {
  const shown = text.slice(0, 100)
  if (text.trim() !== text || /\s/.test(text)) throw problem(`has white space within an address: "${shown}"`)
  if (text.startsWith('@')) throw problem(`has a route within an address: "${shown}"`)
  if (text.includes('=?')) throw problem(`has an encoded-word within an address: "${shown}"`)
  if (/[()]/.test(text)) throw problem(`has a comment within an address: "${shown}"`)
  if (text === '') throw problem('has no address within <>')
  const address = parseAddress(text)
  if (address === null) throw problem(`has no address that can be read: "${shown}"`)
  if (text.startsWith('"')) throw problem(`has a quoted local part: "${shown}"`)
  return address
}

const unquoted = (name: string): string =>
  name.replaceAll(/"((?:[^"\\]|\\.)*)"/gu, (_all, content: string) => content.replaceAll(/\\(.)/gu, '$1'))
