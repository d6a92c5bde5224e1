import type { Instant } from '#domain/kernel/instant'
import { ANY_FACT, powerOf, sizeFact } from '../facts.ts'
import type { Field, Sought } from '../sought.ts'
import { firstRowOf } from './packed.ts'

/** How SQLite is asked: all of it has to hold. */
export interface Plan {
  /** In FTS5's language; null: any text. */
  readonly match: string | null
  /** Rows from `from` up to, but without, `to`. */
  readonly from: bigint | null
  readonly to: bigint | null
  /** SQL about a row of `documents d`, with `?` for `values`; ''. */
  readonly where: string
  readonly values: readonly (string | number | bigint)[]
}

/**
 * Text and facts become one expression of FTS5, which never looks at more rows than it must; dates become a range of rows. Only where dates or
 * sizes stand under OR or NOT, SQL puts the answers together.
 */
export const planOf = (sought: Sought): Plan => {
  const matches: string[] = []
  let [from, to] = [null, null] as [bigint | null, bigint | null]
  const where: string[] = []
  const values: (string | number | bigint)[] = []
  for (const part of sought.is === 'and' ? sought.of : [sought]) {
    if (part.is === 'everything') continue
    if (part.is === 'date') {
      from = later(from, part.from)
      to = earlier(to, part.to)
    } else if (part.is === 'size') {
      matches.push(aboutAs(part))
      where.push(condition(part, values))
    } else if (isText(part)) matches.push(matchOf(part))
    else where.push(condition(part, values))
  }
  const match = matches.length === 0 ? null : matches.length === 1 ? matches[0]! : bothOf(matches)
  return { match, from, to, where: where.join(' AND '), values }
}

const later = (row: bigint | null, date: Instant | null): bigint | null =>
  date === null ? row : row === null || firstRowOf(date) > row ? firstRowOf(date) : row
const earlier = (row: bigint | null, date: Instant | null): bigint | null =>
  date === null ? row : row === null || firstRowOf(date) < row ? firstRowOf(date) : row

/** FTS5 alone can tell. */
const isText = (sought: Sought): boolean => {
  switch (sought.is) {
    case 'and':
    case 'or':
    case 'forms':
      return sought.of.every(isText)
    case 'not':
      return isText(sought.of)
    default:
      return sought.is !== 'date' && sought.is !== 'size'
  }
}

const matchOf = (sought: Sought): string => {
  switch (sought.is) {
    case 'everything':
      return quoted(ANY_FACT)
    case 'fact':
      return `{facts} : ${quoted(sought.fact)}`
    case 'token':
      return `${within(sought.fields)}${quoted(sought.token)}`
    case 'phrase':
      return `${within(sought.fields)}${quoted(sought.tokens.join(' '))}`
    case 'beginning':
      return `${within(sought.fields)}${quoted(sought.of)} *`
    case 'or':
    case 'forms':
      return `(${sought.of.map(matchOf).join(' OR ')})`
    case 'not':
      return `(${quoted(ANY_FACT)} NOT ${matchOf(sought.of)})`
    case 'and': {
      // FTS5 has no NOT but one between two
      const without = sought.of.flatMap((part) => (part.is === 'not' ? [matchOf(part.of)] : []))
      const wanted = sought.of.flatMap((part) => (part.is === 'not' ? [] : [matchOf(part)]))
      const all = bothOf(wanted.length === 0 ? [quoted(ANY_FACT)] : wanted)
      return without.length === 0 ? all : `(${all} NOT (${without.join(' OR ')}))`
    }
    default:
      throw new TypeError(`no text: ${sought.is}`)
  }
}

const bothOf = (matches: readonly string[]): string => `(${matches.join(' AND ')})`
const quoted = (tokens: string): string => `"${tokens.replaceAll('"', '""')}"`
const within = (fields: readonly Field[] | null): string =>
  fields === null ? '' : `{${fields.map((field) => `"${field}"`).join(' ')}} : `

/** Every size that begins with one of these powers of two: `condition` then looks closely. */
const aboutAs = ({ over, under }: { readonly over: number | null; readonly under: number | null }): string => {
  const first = over === null ? 0 : powerOf(over)
  const last = under === null ? LARGEST : powerOf(under)
  const powers = Array.from({ length: Math.max(0, last - first) + 1 }, (_, at) => sizeFact(first + at))
  return `{facts} : (${powers.map(quoted).join(' OR ')})`
}
/** No mail is larger. */
const LARGEST = 52

/** As SQL about a row of `documents d`. */
const condition = (sought: Sought, values: (string | number | bigint)[]): string => {
  switch (sought.is) {
    case 'size':
      values.push(sought.over ?? sought.under ?? 0)
      return sought.over === null ? 'd.size < ?' : 'd.size > ?'
    case 'date': {
      const bounds: string[] = []
      if (sought.from !== null) {
        bounds.push('d.row >= ?')
        values.push(firstRowOf(sought.from))
      }
      if (sought.to !== null) {
        bounds.push('d.row < ?')
        values.push(firstRowOf(sought.to))
      }
      return `(${bounds.join(' AND ')})`
    }
    case 'and':
    case 'or': {
      if (!isText(sought)) return `(${sought.of.map((part) => condition(part, values)).join(` ${sought.is} `)})`
      break
    }
    case 'not':
      if (!isText(sought)) return `NOT ${condition(sought.of, values)}`
      break
    default:
  }
  values.push(matchOf(sought))
  return 'd.row IN (SELECT rowid FROM mail_text WHERE mail_text MATCH ?)'
}
