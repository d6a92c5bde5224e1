import { z } from 'zod'
import { invalid } from './problem.ts'

const DEFAULT_LIMIT = 50
const MAX_LIMIT = 500

/** Query of every list (interface.md §4). */
export const pageQuery = {
  cursor: z.string().max(2_000).optional().describe('`next` of the page before'),
  limit: z.coerce
    .number({ message: `expected a whole number from 1 to ${MAX_LIMIT}` })
    .int(`expected a whole number from 1 to ${MAX_LIMIT}`)
    .min(1, `expected a whole number from 1 to ${MAX_LIMIT}`)
    .max(MAX_LIMIT, `expected a whole number from 1 to ${MAX_LIMIT}`)
    .default(DEFAULT_LIMIT)
    .describe('how many at most'),
}

export const pageOf = <Item extends z.ZodType>(item: Item) =>
  z.object({ items: z.array(item), next: z.string().nullable().describe('cursor of the next page, null at the end') })

export type CursorKey = readonly (string | number)[]

/** Where a page ended, as an opaque text. */
export const writeCursor = (key: CursorKey): string => Buffer.from(JSON.stringify(key)).toString('base64url')

/** The key a cursor stands for; throws the problem when it isn't one of ours. `shape`: a sample of each part's type. `where`: it was given. */
export function readCursor<Key extends CursorKey>(
  cursor: string | undefined,
  shape: readonly ('string' | 'number')[],
  where = 'query.cursor',
): Key | null {
  if (cursor === undefined) return null
  const key = parsed(cursor)
  if (!Array.isArray(key) || key.length !== shape.length || !key.every((part, at) => typeof part === shape[at])) {
    throw invalid(where, 'this is no cursor of this list; send `next` of the page before, unchanged')
  }
  return key as unknown as Key
}

function parsed(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}

/** A page from `limit + 1` rows: the one too many says that there is a next page. */
export const pageFrom = <Row, Item>(
  rows: readonly Row[],
  limit: number,
  keyOf: (row: Row) => CursorKey,
  itemOf: (row: Row) => Item,
): { items: Item[]; next: string | null } => {
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  return { items: shown.map(itemOf), next: rows.length > limit && last !== undefined ? writeCursor(keyOf(last)) : null }
}

/** A page out of a sorted list that is in memory, after the cursor's key. */
export const pageOfSorted = <Item>(
  sorted: readonly Item[],
  query: { readonly cursor?: string | undefined; readonly limit: number },
  keyOf: (item: Item) => string,
): { items: Item[]; next: string | null } => {
  const after = readCursor<readonly [string]>(query.cursor, ['string'])
  const rest = after === null ? sorted : sorted.filter((item) => keyOf(item) > after[0])
  return pageFrom(
    rest.slice(0, query.limit + 1),
    query.limit,
    (item) => [keyOf(item)],
    (item) => item,
  )
}
