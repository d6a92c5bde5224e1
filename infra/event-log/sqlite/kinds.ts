import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { EventFilter } from '../port.ts'

/** The pairs of category and type in the log, as this connection last saw them. */
export class Kinds {
  readonly #newest: StatementSync
  readonly #all: StatementSync
  readonly #lastPosition: StatementSync
  readonly #typeOf = new Map<number, string>()
  #rows: readonly { id: number; category: string; type: string }[] = []
  #seen = 0

  constructor(database: DatabaseSync) {
    this.#newest = database.prepare('SELECT max(id) AS newest FROM kinds')
    this.#all = database.prepare('SELECT id, category, type FROM kinds ORDER BY id')
    this.#lastPosition = database.prepare('SELECT max(position) AS last FROM events WHERE kind = ?')
  }

  get count(): number {
    return this.#rows.length
  }

  /** Undefined when every kind matches. */
  matching(filter: EventFilter): readonly number[] | undefined {
    if (filter.categories === undefined && filter.types === undefined) return undefined
    this.#refresh()
    const categories = filter.categories && new Set(filter.categories)
    const types = filter.types && new Set(filter.types)
    return this.#rows
      .filter((row) => (categories?.has(row.category) ?? true) && (types?.has(row.type) ?? true))
      .map(({ id }) => id)
  }

  type(kind: number): string {
    const known = this.#typeOf.get(kind)
    if (known !== undefined) return known
    this.#refresh()
    return this.#typeOf.get(kind) ?? `(kind ${kind})`
  }

  /** 0 when there is none. */
  lastPosition(kinds: readonly number[]): number {
    let newest = 0
    for (const kind of kinds) {
      const last = this.#lastPosition.get(kind)?.['last']
      if (typeof last === 'number' && last > newest) newest = last
    }
    return newest
  }

  #refresh(): void {
    const newest = Number(this.#newest.get()?.['newest'] ?? 0)
    if (newest === this.#seen) return
    this.#rows = this.#all
      .all()
      .map((row) => ({ id: Number(row['id']), category: String(row['category']), type: String(row['type']) }))
    for (const { id, type } of this.#rows) this.#typeOf.set(id, type)
    this.#seen = newest
  }
}
