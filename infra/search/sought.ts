import type { Instant } from '#domain/kernel/instant'
import { period } from '#domain/archive/query/period'
import type { Condition, Query, TextCondition, TextField } from '#domain/archive/query/query'
import { accountFact, ATTACHMENT_FACT, messageIdFact, roleFact, UNREADABLE_FACT } from './facts.ts'
import { STEM, WHOLE, wholesOf } from './tokens/field-text.ts'
import { plainNumber } from './tokens/numbers.ts'
import { stemsOf } from './tokens/stems.ts'
import { chunks, wholeOf, type Chunk } from './tokens/words.ts'

/** A query in the tokens that are in the index: what engines turn into their own language, one to one. */
export type Sought =
  | { readonly is: 'everything' }
  | { readonly is: 'and' | 'or'; readonly of: readonly Sought[] }
  /** One of them, all of which are forms of one word: for the best match they count once. */
  | { readonly is: 'forms'; readonly of: readonly Sought[] }
  | { readonly is: 'not'; readonly of: Sought }
  /** `fields` null: any. */
  | { readonly is: 'token'; readonly fields: readonly Field[] | null; readonly token: string }
  | { readonly is: 'beginning'; readonly fields: readonly Field[] | null; readonly of: string }
  /** At least two tokens, next to each other in one field. */
  | { readonly is: 'phrase'; readonly fields: readonly Field[] | null; readonly tokens: readonly string[] }
  | { readonly is: 'fact'; readonly fact: string }
  /** `from` up to, but without, `to`; null: open. */
  | { readonly is: 'date'; readonly from: Instant | null; readonly to: Instant | null }
  /** More than `over` bytes, or fewer than `under`. */
  | { readonly is: 'size'; readonly over: number | null; readonly under: number | null }

/** What a document's text is kept as. `attached`: text of attachments. */
export const FIELDS = ['subject', 'body', 'attached', 'from', 'to', 'cc', 'bcc', 'filename'] as const
export type Field = (typeof FIELDS)[number]

const FIELDS_OF: Readonly<Record<TextField, readonly Field[]>> = {
  from: ['from'],
  to: ['to'],
  cc: ['cc'],
  bcc: ['bcc'],
  subject: ['subject'],
  body: ['body', 'attached'],
  filename: ['filename'],
}

/** `threadOf`: the facts that mails of a named thread have, one at least; none: there is no such thread. */
export const soughtBy = (query: Query, threadOf: (named: string) => readonly string[]): Sought => {
  switch (query.is) {
    case 'everything':
      return query
    case 'and':
    case 'or':
      return { is: query.is, of: query.of.map((part) => soughtBy(part, threadOf)) }
    case 'not':
      return { is: 'not', of: soughtBy(query.of, threadOf) }
    case 'thread':
      return anyOf(threadOf(query.of).map((fact) => ({ is: 'fact', fact })))
    default:
      return ofCondition(query)
  }
}

const ofCondition = (condition: Exclude<Condition, { is: 'thread' }>): Sought => {
  switch (condition.is) {
    case 'text':
      return ofText(condition)
    case 'role':
      return { is: 'fact', fact: roleFact(condition.role) }
    case 'attachment':
      return { is: 'fact', fact: ATTACHMENT_FACT }
    case 'unreadable': {
      const unreadable: Sought = { is: 'fact', fact: UNREADABLE_FACT }
      return condition.unreadable ? unreadable : { is: 'not', of: unreadable }
    }
    case 'account':
      return { is: 'fact', fact: accountFact(condition.account) }
    case 'message-id':
      return { is: 'fact', fact: messageIdFact(condition.messageId) }
    case 'size':
      return condition.than === 'larger'
        ? { is: 'size', over: condition.bytes, under: null }
        : { is: 'size', over: null, under: condition.bytes }
    case 'date': {
      const covered = period(condition.value)
      if (covered === null) throw new TypeError(`no date: ${condition.value}`)
      if (condition.when === 'before') return { is: 'date', from: null, to: covered.from }
      return { is: 'date', from: covered.from, to: condition.when === 'on' ? covered.to : null }
    }
  }
}

const NOTHING: Sought = { is: 'not', of: { is: 'everything' } }

const anyOf = (parts: readonly Sought[]): Sought => {
  const [first] = parts
  if (first === undefined) return NOTHING
  return parts.length === 1 ? first : { is: 'or', of: parts }
}

const ofText = ({ field, form, text }: TextCondition): Sought => {
  const fields = field === null ? null : FIELDS_OF[field]
  const found = [...chunks(text)]
  const tokens = inOrder(found)
  const only = found.length === 1 ? found[0]! : null
  if (form === 'prefix') return beginning(found, text, fields)
  if (form === 'word') {
    const address = addressIn(text)
    if (address !== null) return { is: 'token', fields, token: WHOLE + address }
    if (only !== null && only.whole === null && only.words.length === 1 && !only.words[0]!.closesRun)
      return anyForm(only.words[0]!.token, fields)
    const number = only?.whole === null || only === null ? null : plainNumber(only.whole)
    if (number !== null) {
      const asNumber = [number, WHOLE + number].map((token): Sought => ({ is: 'token', fields, token }))
      return formsOf([inSequence(tokens, found, fields), ...asNumber])
    }
  }
  return inSequence(tokens, found, fields)
}

/** An address and nothing else. */
const addressIn = (text: string): string | null => {
  const whole = wholeOf(text.replace(/^<(.*)>$/, '$1').replace(/[.,;:]+$/, ''))
  return /^[^\s@<>]+@[^\s@<>]+$/.test(whole) && [...wholesOf(whole)].includes(whole) ? whole : null
}

const formsOf = (parts: readonly Sought[]): Sought => (parts.length === 1 ? parts[0]! : { is: 'forms', of: parts })

const anyForm = (word: string, fields: readonly Field[] | null): Sought => {
  const forms = /^\d+$/.test(word) ? [word, WHOLE + word] : stemsOf(word).flatMap((stem) => [stem, STEM + stem])
  return formsOf(forms.map((token) => ({ is: 'token', fields, token })))
}

/** Without the last letter of a run that nothing follows: it may go on in the mail. */
const inOrder = (found: readonly Chunk[]): readonly string[] => {
  const words = found.flatMap(({ words }) => words).filter(({ token }) => token !== '')
  const last = words.at(-1)
  const runs = last?.closesRun === true && words.length > 1 && words.at(-2)!.end === last.end
  return (runs ? words.slice(0, -1) : words).map(({ token }) => token)
}

const inSequence = (tokens: readonly string[], found: readonly Chunk[], fields: readonly Field[] | null): Sought => {
  const [first] = tokens
  if (first === undefined) return NOTHING
  if (tokens.length > 1) return { is: 'phrase', fields, tokens }
  const isLetterOfRun = found.some(({ words }) => words.length === 1 && words[0]!.closesRun)
  return isLetterOfRun ? { is: 'beginning', fields, of: first } : { is: 'token', fields, token: first }
}

const beginning = (found: readonly Chunk[], text: string, fields: readonly Field[] | null): Sought => {
  const [first] = found
  if (first === undefined) return NOTHING
  const words = first.words.filter(({ token }) => token !== '')
  if (found.length === 1 && first.whole === null && words.length === 1)
    return { is: 'beginning', fields, of: words[0]!.token }
  if (words.some(({ closesRun }) => closesRun)) return inSequence(inOrder(found), found, fields)
  return { is: 'beginning', fields, of: WHOLE + wholeOf(text) }
}
