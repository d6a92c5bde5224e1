/**
 * A second reader of what streams by: chunks are handed over one at a time, and each is over when the next is asked for, so that memory may be
 * used again.
 */
export class Branch implements AsyncIterable<Uint8Array>, AsyncIterator<Uint8Array> {
  #offered: { readonly chunk: Uint8Array; readonly taken: () => void } | null = null
  #inUse: (() => void) | null = null
  #reader: PromiseWithResolvers<IteratorResult<Uint8Array>> | null = null
  #end: { readonly error: Error | null } | null = null

  /** Resolves when the reader is done with it, or reads no more. */
  push(chunk: Uint8Array): Promise<void> {
    if (this.#end !== null || chunk.length === 0) return Promise.resolve()
    const { promise, resolve } = Promise.withResolvers<void>()
    if (this.#reader === null) this.#offered = { chunk, taken: resolve }
    else {
      this.#inUse = resolve
      this.#answer({ done: false, value: chunk })
    }
    return promise
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return this
  }

  end(): void {
    if (this.#end !== null) return
    this.#end = { error: null }
    if (this.#reader !== null) this.#answer({ done: true, value: undefined })
  }

  fail(error: Error): void {
    if (this.#end !== null) return
    this.#end = { error }
    this.#letGo()
    const reader = this.#reader
    this.#reader = null
    reader?.reject(error)
  }

  next(): Promise<IteratorResult<Uint8Array>> {
    this.#inUse?.()
    this.#inUse = null
    const offered = this.#offered
    if (offered !== null) {
      this.#offered = null
      this.#inUse = offered.taken
      return Promise.resolve({ done: false, value: offered.chunk })
    }
    if (this.#end !== null)
      return this.#end.error === null
        ? Promise.resolve({ done: true, value: undefined })
        : Promise.reject(this.#end.error)
    this.#reader = Promise.withResolvers<IteratorResult<Uint8Array>>()
    return this.#reader.promise
  }

  /** The reader has enough (or failed): nobody waits for it. */
  return(): Promise<IteratorResult<Uint8Array>> {
    this.#end ??= { error: null }
    this.#letGo()
    return Promise.resolve({ done: true, value: undefined })
  }

  #letGo(): void {
    this.#offered?.taken()
    this.#inUse?.()
    this.#offered = null
    this.#inUse = null
  }

  #answer(result: IteratorResult<Uint8Array>): void {
    const reader = this.#reader
    this.#reader = null
    reader?.resolve(result)
  }
}
