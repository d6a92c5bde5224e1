/** A query cut into what it is made of. Places count from 0, in UTF-16 units. */
export type Piece =
  | { readonly is: '(' | ')' | '-'; readonly at: number }
  /** Without its quotes, escapes undone. */
  | { readonly is: 'quoted'; readonly at: number; readonly text: string }
  | { readonly is: 'bare'; readonly at: number; readonly text: string }
  /** `name:`, in lower case. */
  | { readonly is: 'name'; readonly at: number; readonly text: string }
  | { readonly is: 'unclosed'; readonly at: number }

/** `name:`; what goes on with `//` is an address on the web. */
const NAME = /([a-z][a-z-]*):(?!\/\/)/iy
const BARE = /[^\s()"“”]+/y
const BLANK = /\s+/y
const QUOTES: Readonly<Record<string, string>> = { '"': '"', '“': '”' }

export function* pieces(query: string): Generator<Piece> {
  let at = 0
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at
    return pattern.exec(query)
  }
  /** A name and a minus sign mean something only in front. */
  let inValue = false
  while (at < query.length) {
    const blank = take(BLANK)
    if (blank !== null) {
      at += blank[0].length
      continue
    }
    const begun = at
    const first = query[at]!
    const closing = QUOTES[first]
    if (first === '(' || first === ')') {
      at += 1
      yield { is: first, at: begun }
      inValue = false
    } else if (closing !== undefined || first === '”') {
      const text = closing === undefined ? null : quoted(query, at + 1, closing)
      if (text === null) return yield { is: 'unclosed', at: begun }
      at = text.end
      yield { is: 'quoted', at: begun, text: text.text }
      inValue = false
    } else if (!inValue && first === '-' && /^-[^\s)-]/.test(query.slice(at, at + 2))) {
      at += 1
      yield { is: '-', at: begun }
    } else {
      const name = inValue ? null : take(NAME)
      if (name !== null) {
        at += name[0].length
        yield { is: 'name', at: begun, text: name[1]!.toLowerCase() }
        inValue = true
      } else {
        const bare = take(BARE)![0]
        at += bare.length
        yield { is: 'bare', at: begun, text: bare }
        inValue = false
      }
    }
  }
}

/** Up to the closing quote; a backslash takes the next character as it is. null: there is no closing quote. */
const quoted = (query: string, from: number, closing: string): { text: string; end: number } | null => {
  let text = ''
  for (let at = from; at < query.length; at += 1) {
    const one = query[at]!
    if (one === closing) return { text, end: at + 1 }
    if (one === '\\' && at + 1 < query.length) at += 1
    text += query[at]
  }
  return null
}
