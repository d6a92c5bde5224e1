type Bucket<Value> = ReadonlyMap<string, Value>
type Branch<Value> = readonly (Bucket<Value> | undefined)[]

/**
 * An immutable map by string keys for states with many entries (an address book, long lists). Keys are spread over two levels of 64, so
 * that a change copies two short arrays and one small bucket, not everything: folding n events stays near linear.
 */
export class PersistentMap<Value> {
  readonly size: number
  readonly #branches: readonly (Branch<Value> | undefined)[]

  constructor(branches: readonly (Branch<Value> | undefined)[] = none, size = 0) {
    this.#branches = branches
    this.size = size
  }

  get(key: string): Value | undefined {
    return this.#bucket(hashOf(key))?.get(key)
  }

  has(key: string): boolean {
    return this.#bucket(hashOf(key))?.has(key) ?? false
  }

  with(key: string, value: Value): PersistentMap<Value> {
    const hash = hashOf(key)
    const bucket = this.#bucket(hash)
    const grown = bucket?.has(key) === true ? 0 : 1
    return this.#replaced(hash, new Map(bucket).set(key, value), this.size + grown)
  }

  without(key: string): PersistentMap<Value> {
    if (!this.has(key)) return this
    const hash = hashOf(key)
    const bucket = new Map(this.#bucket(hash))
    bucket.delete(key)
    return this.#replaced(hash, bucket, this.size - 1)
  }

  /** In no particular order. */
  *entries(): Generator<readonly [string, Value]> {
    for (const branch of this.#branches) {
      if (branch === undefined) continue
      for (const bucket of branch) if (bucket !== undefined) yield* bucket
    }
  }

  [Symbol.iterator](): Generator<readonly [string, Value]> {
    return this.entries()
  }

  #bucket(hash: number): Bucket<Value> | undefined {
    return this.#branches[hash & MASK]?.[(hash >>> BITS) & MASK]
  }

  #replaced(hash: number, bucket: Bucket<Value>, size: number): PersistentMap<Value> {
    const branch = (this.#branches[hash & MASK] ?? none).with((hash >>> BITS) & MASK, bucket)
    return new PersistentMap(this.#branches.with(hash & MASK, branch), size)
  }
}

const BITS = 6
const MASK = (1 << BITS) - 1
const none: readonly undefined[] = Array.from({ length: 1 << BITS }, () => undefined)

/** FNV-1a over UTF-16 units, its upper half folded into the bits that are used. */
const hashOf = (key: string): number => {
  let hash = 0x811c9dc5
  for (let at = 0; at < key.length; at++) hash = Math.imul(hash ^ key.charCodeAt(at), 0x01000193)
  return hash ^ (hash >>> 16)
}

export const emptyMap = <Value>(): PersistentMap<Value> => new PersistentMap<Value>()
