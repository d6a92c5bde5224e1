import { condition, filterNames, textCondition } from './filters.ts'
import { QUERY_LIMITS, QueryProblem, type Condition, type Query } from './query.ts'
import { pieces, type Piece } from './words.ts'

/**
 * Reads a query (docs/searching.md). Words next to each other are an AND, which binds closer than OR; NOT and - take what follows them.
 * An empty text asks for everything.
 */
export const parseQuery = (text: string): Query | QueryProblem => {
  if (text.length > QUERY_LIMITS.length)
    return new QueryProblem(QUERY_LIMITS.length + 1, `a query has at most ${QUERY_LIMITS.length} characters`)
  try {
    return new Parser(text).whole()
  } catch (error) {
    if (error instanceof Found) return error.problem
    throw error
  }
}

/** Carries the problem up to `parseQuery`. */
class Found extends Error {
  readonly problem: QueryProblem
  constructor(at: number, why: string) {
    super(why)
    this.problem = new QueryProblem(at + 1, why)
  }
}

class Parser {
  readonly #pieces: readonly Piece[]
  readonly #end: number
  #next = 0
  #depth = 0
  #conditions = 0

  constructor(text: string) {
    this.#pieces = [...pieces(text)]
    this.#end = text.length
  }

  whole(): Query {
    if (this.#pieces.length === 0) return { is: 'everything' }
    const query = this.#either()
    const left = this.#peek()
    if (left !== undefined) throw new Found(left.at, 'this ) closes nothing')
    return query
  }

  #either(): Query {
    const parts = [this.#all()]
    while (this.#takeWord('OR') !== null) parts.push(this.#all())
    return joined('or', parts)
  }

  #all(): Query {
    const parts = [this.#one()]
    for (;;) {
      const next = this.#peek()
      if (next === undefined || next.is === ')' || isWord(next, 'OR')) return joined('and', parts)
      this.#takeWord('AND')
      parts.push(this.#one())
    }
  }

  #one(): Query {
    const piece = this.#peek()
    if (piece === undefined) throw new Found(this.#end, this.#missing())
    if (piece.is === '-' || isWord(piece, 'NOT')) {
      this.#next += 1
      return this.#deeper(piece.at, () => ({ is: 'not', of: this.#one() }))
    }
    if (piece.is === '(') {
      this.#next += 1
      return this.#deeper(piece.at, () => {
        const inside = this.#either()
        if (this.#peek()?.is !== ')') throw new Found(piece.at, 'this ( is never closed')
        this.#next += 1
        return inside
      })
    }
    if (isWord(piece, 'OR') || isWord(piece, 'AND') || piece.is === ')') throw new Found(piece.at, this.#missing())
    this.#next += 1
    return this.#condition(piece)
  }

  #condition(piece: Piece): Condition {
    this.#conditions += 1
    if (this.#conditions > QUERY_LIMITS.conditions)
      throw new Found(piece.at, `a query has at most ${QUERY_LIMITS.conditions} words and filters`)
    if (piece.is === 'unclosed') throw new Found(piece.at, 'this quotation mark is never closed')
    if (piece.is === 'name') return this.#filter(piece.at, piece.text)
    if (piece.is !== 'quoted' && piece.is !== 'bare') throw new Found(piece.at, 'a word is missing here')
    return sound(piece.at, textCondition(null, { text: piece.text, quoted: piece.is === 'quoted' }))
  }

  #filter(at: number, name: string): Condition {
    if (!filterNames().includes(name))
      throw new Found(
        at,
        `there is no filter ${name}: (there are ${filterNames().join(', ')}); to look for it as it stands, put it in quotes`,
      )
    const value = this.#peek()
    if (value?.is === 'unclosed') throw new Found(value.at, 'this quotation mark is never closed')
    if (value?.is !== 'bare' && value?.is !== 'quoted')
      throw new Found(value?.at ?? this.#end, `what ${name}: is to be is missing`)
    this.#next += 1
    return sound(value.at, condition(name, { text: value.text, quoted: value.is === 'quoted' }))
  }

  #deeper(at: number, read: () => Query): Query {
    this.#depth += 1
    if (this.#depth > QUERY_LIMITS.depth)
      throw new Found(at, `parentheses and NOTs are nested more than ${QUERY_LIMITS.depth} deep`)
    const query = read()
    this.#depth -= 1
    return query
  }

  #peek(): Piece | undefined {
    return this.#pieces[this.#next]
  }

  #takeWord(word: string): Piece | null {
    const piece = this.#peek()
    if (piece === undefined || !isWord(piece, word)) return null
    this.#next += 1
    return piece
  }

  /** What should stand here, going by what stands before. */
  #missing(): string {
    const before = this.#pieces[this.#next - 1]
    if (before === undefined) return 'a word or filter is missing in front of this'
    if (before.is === 'bare') return `a word or filter is missing after ${before.text}`
    return `a word or filter is missing after ${before.is}`
  }
}

const isWord = (piece: Piece, word: string): boolean => piece.is === 'bare' && piece.text === word

const sound = (at: number, read: Condition | string | null): Condition => {
  if (read === null) throw new Found(at, 'there is no such filter')
  if (typeof read === 'string') throw new Found(at, read)
  return read
}

/** Those of the same kind become one. */
const joined = (is: 'and' | 'or', parts: readonly Query[]): Query => {
  const [first] = parts
  if (parts.length === 1 && first !== undefined) return first
  return { is, of: parts.flatMap((part) => (part.is === is ? part.of : [part])) }
}
