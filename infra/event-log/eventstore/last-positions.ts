import type { Position } from '../port.ts'
import type { Feed } from './feed.ts'
import type { CompiledFilter } from './filter.ts'

interface Known {
  readonly last: Position | null
  /** The log was searched up to here. */
  readonly searched: Position
}

interface Searches {
  newest(filter: CompiledFilter): Promise<Position | null>
  newestAfter(after: Position, filter: CompiledFilter): Promise<Position | null>
}

const MAX_KNOWN = 1_000

/**
 * The newest position that matches, in one round trip: the first time the server searches backwards, perhaps far; after that only what
 * came since.
 */
export class LastPositions {
  readonly #feed: Feed
  readonly #searches: Searches
  readonly #known = new Map<string, Known>()

  constructor(feed: Feed, searches: Searches) {
    this.#feed = feed
    this.#searches = searches
  }

  async of(filter: CompiledFilter): Promise<Position | null> {
    await this.#feed.started()
    // How far the log certainly goes before the search: it is searched to its end.
    const { end } = this.#feed
    const known = this.#known.get(filter.key)
    const found =
      known === undefined
        ? await this.#searches.newest(filter)
        : await this.#searches.newestAfter(known.searched, filter)
    const last = found ?? known?.last ?? null
    const searched = [known?.searched, found, end].filter((position) => position !== null && position !== undefined)
    const farthest = searched.toSorted().at(-1)
    if (farthest !== undefined) this.#remember(filter.key, { last, searched: farthest })
    return last
  }

  #remember(key: string, known: Known): void {
    const before = this.#known.get(key)
    if (before !== undefined && before.searched > known.searched) return
    if (before === undefined && this.#known.size >= MAX_KNOWN) this.#known.clear()
    this.#known.set(key, known)
  }
}
