/** What a question to the archive asks for, parsed: see docs/searching.md. Values alone; which engine answers is not its concern. */
export type Query =
  | { readonly is: 'everything' }
  | { readonly is: 'and' | 'or'; readonly of: readonly Query[] }
  | { readonly is: 'not'; readonly of: Query }
  | Condition

export type Condition =
  | TextCondition
  | { readonly is: 'role'; readonly role: 'sent' | 'received' }
  | { readonly is: 'attachment' }
  | { readonly is: 'unreadable'; readonly unreadable: boolean }
  /** Address of the archive account, its domain in lower case. */
  | { readonly is: 'account'; readonly account: string }
  /** `value` as written: see `period`. */
  | { readonly is: 'date'; readonly when: 'before' | 'after' | 'on'; readonly value: string }
  | { readonly is: 'size'; readonly than: 'larger' | 'smaller'; readonly bytes: number }
  /** Without its angle brackets. */
  | { readonly is: 'message-id'; readonly messageId: string }
  /** A mail of the thread: its Message-ID, or the id of its archive item. */
  | { readonly is: 'thread'; readonly of: string }

export interface TextCondition {
  readonly is: 'text'
  /** null: any of them. */
  readonly field: TextField | null
  /** `prefix`: without its `*`. */
  readonly form: 'word' | 'phrase' | 'prefix'
  readonly text: string
}

export const TEXT_FIELDS = ['from', 'to', 'cc', 'bcc', 'subject', 'body', 'filename'] as const
export type TextField = (typeof TEXT_FIELDS)[number]

/** How much may be asked at once. `length` in UTF-16 units, `depth` in parentheses and NOTs, `conditions` in words and filters. */
export const QUERY_LIMITS = { length: 4_096, depth: 20, conditions: 100, prefix: 2 } as const

/** Why a text is no query. Counts from 1; a sentence for the person who wrote it. */
export class QueryProblem {
  readonly at: number
  readonly why: string

  constructor(at: number, why: string) {
    this.at = at
    this.why = why
  }

  get sentence(): string {
    return `at character ${this.at}: ${this.why}`
  }
}

export const isQueryProblem = (answer: unknown): answer is QueryProblem => answer instanceof QueryProblem

/** Every condition in it, in the order they are written. */
export function* conditionsOf(query: Query): Generator<Condition> {
  switch (query.is) {
    case 'everything':
      return
    case 'and':
    case 'or':
      for (const part of query.of) yield* conditionsOf(part)
      return
    case 'not':
      yield* conditionsOf(query.of)
      return
    default:
      yield query
  }
}
