import type { EventFilter } from '../port.ts'

/** The last position per category and type, in memory: asked before each SMTP verdict. 0 when there is none. */
export class Heads {
  readonly #byCategory = new Map<string, Map<string, number>>()
  #head: number

  constructor(head: number, heads: Iterable<readonly [category: string, type: string, position: number]>) {
    this.#head = head
    for (const [category, type, position] of heads) this.advance(category, type, position)
  }

  get head(): number {
    return this.#head
  }

  advance(category: string, type: string, position: number): void {
    if (position > this.#head) this.#head = position
    const types = this.#byCategory.get(category)
    if (types === undefined) this.#byCategory.set(category, new Map([[type, position]]))
    else if (position > (types.get(type) ?? 0)) types.set(type, position)
  }

  last({ categories, types }: EventFilter): number {
    if (categories === undefined && types === undefined) return this.#head
    let last = 0
    for (const category of categories ?? this.#byCategory.keys()) {
      const known = this.#byCategory.get(category)
      if (known === undefined) continue
      for (const type of types ?? known.keys()) last = Math.max(last, known.get(type) ?? 0)
    }
    return last
  }
}
