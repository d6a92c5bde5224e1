import type { StoredDocument } from './port.ts'
import type { Sought } from './sought.ts'
import { STEM, WHOLE, wholesOf } from './tokens/field-text.ts'
import { stemsOf } from './tokens/stems.ts'
import { chunks } from './tokens/words.ts'

const MOST_EXCERPTS = 3
/** UTF-16 units around what was found. */
const AROUND = 80
/** UTF-16 units of a text that are looked at. */
const LOOKED_AT = 12_000

/** What in a text is shown as found. */
interface Wanted {
  readonly tokens: ReadonlySet<string>
  readonly stems: ReadonlySet<string>
  readonly beginnings: readonly string[]
  /** First letters of all of them: most words need no further look. */
  readonly firstLetters: ReadonlySet<string>
}

export type Highlighter = (document: Pick<StoredDocument, 'subject' | 'text'>) => readonly string[]

/**
 * Excerpts of subject and text around what a query looks for, as HTML that is safe to show: `<mark>` around what was found, the rest escaped. At most
 * three; none where the query has no words, or they lie in what is not kept for excerpts.
 */
export const highlighter = (sought: Sought): Highlighter => {
  const tokens: string[] = []
  const beginnings: string[] = []
  gather(sought, tokens, beginnings)
  const plain = tokens.filter((token) => !token.startsWith(STEM))
  const stems = tokens.filter((token) => token.startsWith(STEM)).map((token) => token.slice(1))
  const wanted: Wanted = {
    tokens: new Set(plain),
    stems: new Set(stems),
    beginnings,
    firstLetters: new Set([...plain, ...stems, ...beginnings].map((one) => one.replace(WHOLE, '').charAt(0))),
  }
  if (wanted.firstLetters.size === 0) return () => []
  return ({ subject, text }) => {
    const inSubject = excerpts(subject ?? '', wanted)
    return [...inSubject, ...excerpts(text.slice(0, LOOKED_AT), wanted)].slice(0, MOST_EXCERPTS)
  }
}

const gather = (sought: Sought, tokens: string[], beginnings: string[]): void => {
  switch (sought.is) {
    case 'and':
    case 'or':
    case 'forms':
      for (const part of sought.of) gather(part, tokens, beginnings)
      return
    case 'token':
      tokens.push(sought.token)
      return
    case 'phrase':
      tokens.push(...sought.tokens)
      return
    case 'beginning':
      beginnings.push(sought.of)
      return
    default:
  }
}

interface Span {
  readonly start: number
  readonly end: number
}

const excerpts = (text: string, wanted: Wanted): string[] => {
  const shown: string[] = []
  let group: Span[] = []
  const close = (): void => {
    if (group.length > 0) shown.push(excerpt(text, group))
    group = []
  }
  for (const span of foundIn(text, wanted)) {
    const first = group[0]
    if (first !== undefined && span.end - first.start > 2 * AROUND) {
      close()
      if (shown.length >= MOST_EXCERPTS) return shown
    }
    group.push(span)
  }
  close()
  return shown
}

function* foundIn(text: string, { tokens, stems, beginnings, firstLetters }: Wanted): Generator<Span> {
  const isWanted = (token: string): boolean =>
    firstLetters.has(token.charAt(0)) &&
    (tokens.has(token) ||
      beginnings.some((beginning) => token.startsWith(beginning)) ||
      (stems.size > 0 && stemsOf(token).some((stem) => stems.has(stem))))
  for (const { words, whole } of chunks(text)) {
    const [first, last] = [words[0], words.at(-1)]
    if (whole !== null && first !== undefined && last !== undefined) {
      const wholes = [...wholesOf(whole)].map((one) => WHOLE + one)
      if (wholes.some((one) => tokens.has(one) || beginnings.some((beginning) => one.startsWith(beginning)))) {
        yield { start: first.start, end: last.end }
        continue
      }
    }
    for (const { token, start, end } of words) if (isWanted(token)) yield { start, end }
  }
}

const excerpt = (text: string, spans: readonly Span[]): string => {
  const from = Math.max(0, spans[0]!.start - AROUND)
  const to = Math.min(text.length, spans.at(-1)!.end + AROUND)
  let html = from > 0 ? '…' : ''
  let at = from
  for (const { start, end } of spans) {
    if (end <= at) continue
    html += `${escaped(text.slice(at, Math.max(at, start)))}<mark>${escaped(text.slice(Math.max(at, start), end))}</mark>`
    at = end
  }
  return `${html}${escaped(text.slice(at, to))}${to < text.length ? '…' : ''}`.replaceAll(/\s+/g, ' ').toWellFormed()
}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
