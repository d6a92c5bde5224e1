import { setTimeout as sleep } from 'node:timers/promises'
import { Inject, Injectable } from '@nestjs/common'
import { parseQuery } from '#domain/archive/query/parse'
import { isQueryProblem, type Query } from '#domain/archive/query/query'
import type { CopyRole } from '#domain/archive/copy'
import type { Position } from '#infra/event-log/port'
import { accountFact, roleFact } from '#infra/search/facts'
import { highlighter } from '#infra/search/highlights'
import { BadCursor, SearchUnavailable, type Facets, type SearchRequest } from '#infra/search/port'
import { soughtBy, type Sought } from '#infra/search/sought'
import { threadsIn } from '#infra/search/thread'
import type { ArchivedRow } from '#projections/archive-index/projection'
import { API_PARTS, type ApiParts } from '../parts.ts'
import { freshen } from '../route/fresh-view.ts'
import { invalid, Problem } from '../route/problem.ts'
import type { SearchScope } from './reading.ts'
import { shownItem } from './shown.ts'

const VIEW = 'archive-index'
/** Milliseconds that a search waits for the index to get where the asker knows the log to be. */
const PATIENCE_MS = 5_000
const LOOK_AGAIN_MS = 50

export interface SearchWanted {
  readonly query: Query
  readonly role: CopyRole | undefined
  /** null: by date, but for questions with OR the best match first. */
  readonly order: SearchRequest['order'] | null
  readonly cursor: string | null
  readonly limit: number
  readonly facets: boolean
  /** What the answer must know of. */
  readonly after: Position | null
}

/** The query, or the problem that says what is wrong with it and where. */
export const readQuery = (text: string): Query => {
  const query = parseQuery(text)
  if (isQueryProblem(query)) throw invalid('query.q', query.sentence)
  return query
}

/** Searches the archive's index, within what the asker may see. */
@Injectable()
export class ArchiveSearch {
  readonly #parts: Pick<ApiParts, 'log' | 'search' | 'views'>

  constructor(@Inject(API_PARTS) parts: Pick<ApiParts, 'log' | 'search' | 'views'>) {
    this.#parts = parts
  }

  async find(scope: SearchScope, wanted: SearchWanted) {
    try {
      return await this.#find(scope, wanted)
    } catch (error) {
      if (error instanceof BadCursor)
        throw invalid('query.cursor', 'this is no cursor of this list; send `next` of the page before, unchanged')
      if (!(error instanceof SearchUnavailable)) throw error
      this.#parts.log.error({ err: error }, 'the archive can not be searched now')
      throw new Problem('unavailable', 'The archive can not be searched now. Try again in a while.')
    }
  }

  async #find(scope: SearchScope, { query, role, order, cursor, limit, facets, after }: SearchWanted) {
    const { search, views } = this.#parts
    if (after !== null) await this.#reached(after)
    const within = withinScope(scope, role)
    const threads = await threadsIn(query, search, within)
    const asked = soughtBy(query, (named) => threads.get(named) ?? [])
    const sought: Sought = { is: 'and', of: [within, ...(asked.is === 'and' ? asked.of : [asked])] }
    const found = await search.search({
      sought,
      order: order ?? (query.is === 'or' ? 'relevance' : 'date'),
      cursor,
      limit,
    })
    const counted: Facets | null = facets ? await search.facets(sought) : null
    await freshen(this.#parts, VIEW, found.position)
    const excerptsOf = highlighter(asked)
    const items = found.documents.flatMap((document) => {
      const row = views.get<ArchivedRow>(VIEW, 'copies', [document.id])
      // purged a moment ago
      return row === undefined ? [] : [shownItem(row, excerptsOf(document))]
    })
    return { items, next: found.next, position: found.position, facets: counted }
  }

  async #reached(after: Position): Promise<void> {
    const until = performance.now() + PATIENCE_MS
    for (;;) {
      const at = await this.#parts.search.checkpoint()
      if (at !== null && at >= after) return
      if (performance.now() > until)
        throw new Problem('behind', 'The search index has not got to that position yet. Try again in a while.')
      await sleep(LOOK_AGAIN_MS)
    }
  }
}

/** Copies from before somebody else had the address became due before that, too. */
const withinScope = ({ account, after }: SearchScope, role: CopyRole | undefined): Sought => {
  const parts: Sought[] = []
  if (account !== null) parts.push({ is: 'fact', fact: accountFact(account) })
  if (role !== undefined) parts.push({ is: 'fact', fact: roleFact(role) })
  if (after !== null) parts.push({ is: 'date', from: after + 1, to: null })
  return parts.length === 0 ? { is: 'everything' } : { is: 'and', of: parts }
}
