/**
 * An immutable map by string keys for states with many entries (an address book, long lists): a change copies one small bucket, not
 * everything, so that folding n events stays near linear.
 */
export class PersistentMap<Value> {
  readonly size: number
  readonly #buckets: readonly (ReadonlyMap<string, Value> | undefined)[]

  constructor(buckets: readonly (ReadonlyMap<string, Value> | undefined)[], size: number) {
    this.#buckets = buckets
    this.size = size
  }

  get(key: string): Value | undefined {
    return this.#buckets[bucketOf(key)]?.get(key)
  }

  has(key: string): boolean {
    return this.#buckets[bucketOf(key)]?.has(key) ?? false
  }

  with(key: string, value: Value): PersistentMap<Value> {
    const bucket = this.#buckets[bucketOf(key)]
    const changed = new Map(bucket).set(key, value)
    return new PersistentMap(
      this.#buckets.with(bucketOf(key), changed),
      this.size + (bucket?.has(key) === true ? 0 : 1),
    )
  }

  without(key: string): PersistentMap<Value> {
    if (!this.has(key)) return this
    const changed = new Map(this.#buckets[bucketOf(key)])
    changed.delete(key)
    return new PersistentMap(this.#buckets.with(bucketOf(key), changed), this.size - 1)
  }

  [Symbol.iterator](): Generator<readonly [string, Value]> {
    return this.entries()
  }

  /** In no particular order. */
  *entries(): Generator<readonly [string, Value]> {
    for (const bucket of this.#buckets) if (bucket !== undefined) yield* bucket
  }
}

const BUCKETS = 256

/** FNV-1a over UTF-16 units. */
const bucketOf = (key: string): number => {
  let hash = 0x811c9dc5
  for (let at = 0; at < key.length; at++) hash = Math.imul(hash ^ key.charCodeAt(at), 0x01000193)
  return (hash ^ (hash >>> 16)) & (BUCKETS - 1)
}

export const emptyMap = <Value>(): PersistentMap<Value> =>
  new PersistentMap<Value>(
    Array.from({ length: BUCKETS }, () => undefined),
    0,
  )
