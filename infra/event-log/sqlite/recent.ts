/**
 * A bounded map of what was used lately. Two generations, the older dropped whole: a Map that loses its oldest key each time leaves
 * holes at its front that every look for the next oldest must step over.
 */
export class Recent<Value> {
  readonly #generation: number
  #young = new Map<string, Value>()
  #old = new Map<string, Value>()

  /** Keeps at least the `generation` entries set last, at most twice as many. */
  constructor(generation: number) {
    this.#generation = generation
  }

  get(key: string): Value | undefined {
    return this.#young.get(key) ?? this.#old.get(key)
  }

  set(key: string, value: Value): void {
    if (this.#young.size >= this.#generation) {
      this.#old = this.#young
      this.#young = new Map()
    }
    this.#young.set(key, value)
  }

  delete(key: string): void {
    this.#young.delete(key)
    this.#old.delete(key)
  }

  clear(): void {
    this.#young.clear()
    this.#old.clear()
  }
}
