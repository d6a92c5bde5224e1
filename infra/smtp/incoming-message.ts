import { isMarkedAsUntransferable } from 'node:worker_threads'

/** Octets that may wait for the session before the socket is paused. */
const highWater = 128 * 1024
/** Less is not worth giving back. */
const worthwhile = 16 * 1024

interface Piece {
  readonly octets: Uint8Array
  /** Nothing else looks at the memory. */
  readonly alone: boolean
}

interface Reader {
  resolve(result: IteratorResult<Uint8Array>): void
  reject(error: Error): void
}

/**
 * A message on its way from the socket to the session: a queue between the two with back-pressure, read once by
 * `for await`. Lighter than a stream: a small mail is one chunk and two promises.
 */
export class IncomingMessage implements AsyncIterable<Uint8Array>, AsyncIterator<Uint8Array> {
  #queue: Piece[] = []
  #queued = 0
  #reader: Reader | null = null
  #roomAgain: (() => void) | null = null
  #state: 'open' | 'ended' | 'failed' | 'discarded' = 'open'
  #failure: Error | null = null
  #readToEnd = false
  #frees = false
  #inUse: Uint8Array | null = null

  /** The session has seen every octet and the end. */
  get readToEnd(): boolean {
    return this.#readToEnd
  }

  /** True while the session owes the next read. */
  get full(): boolean {
    return this.#queued >= highWater
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return this
  }

  push(octets: Uint8Array, { alone }: { alone: boolean }): void {
    if (this.#state !== 'open' || octets.length === 0) return
    const reader = this.#reader
    if (reader !== null) {
      this.#reader = null
      this.#handOut({ octets, alone })
      reader.resolve({ done: false, value: octets })
      return
    }
    this.#queue.push({ octets, alone })
    this.#queued += octets.length
  }

  /** Calls once when there is room again (or nobody reads any more). */
  whenRoom(resume: () => void): void {
    this.#roomAgain = resume
  }

  end(): void {
    if (this.#state !== 'open') return
    this.#state = 'ended'
    if (this.#reader !== null) {
      this.#readToEnd = true
      this.#take().resolve({ done: true, value: undefined })
    }
  }

  /** The reader gets the error at once; what is queued is dropped. */
  fail(error: Error): void {
    if (this.#state === 'failed' || this.#readToEnd) return
    this.#state = 'failed'
    this.#failure = error
    if (this.#reader !== null) this.#take().reject(error)
    this.#empty()
  }

  /** Nobody reads on: what comes is dropped. */
  discard(): void {
    if (this.#state === 'open') this.#state = 'discarded'
    this.#empty()
  }

  next(): Promise<IteratorResult<Uint8Array>> {
    this.#free()
    const piece = this.#queue.shift()
    if (piece !== undefined) {
      const { octets } = piece
      this.#handOut(piece)
      this.#queued -= octets.length
      if (this.#queued < highWater) this.#resume()
      return Promise.resolve({ done: false, value: octets })
    }
    if (this.#failure !== null) return Promise.reject(this.#failure)
    if (this.#state === 'ended') this.#readToEnd = true
    if (this.#state !== 'open') return Promise.resolve({ done: true, value: undefined })
    if (this.#reader !== null) return Promise.reject(new Error('a message is read by one reader, one chunk at a time'))
    const { promise, resolve, reject } = Promise.withResolvers<IteratorResult<Uint8Array>>()
    this.#reader = { resolve, reject }
    return promise
  }

  return(): Promise<IteratorResult<Uint8Array>> {
    this.discard()
    return Promise.resolve({ done: true, value: undefined })
  }

  /** A chunk handed out lives until the next one is asked for. */
  freeAsRead(): void {
    this.#frees = true
  }

  #handOut(piece: Piece): void {
    this.#inUse = this.#frees && piece.alone ? piece.octets : null
  }

  #free(): void {
    const memory = this.#inUse?.buffer
    this.#inUse = null
    // Small buffers share the memory of Node's pool, which is marked so.
    if (memory instanceof ArrayBuffer && memory.byteLength >= worthwhile && !isMarkedAsUntransferable(memory))
      memory.transfer(0)
  }

  #take(): Reader {
    const reader = this.#reader
    if (reader === null) throw new Error('no reader waits')
    this.#reader = null
    return reader
  }

  #empty(): void {
    this.#queue = []
    this.#queued = 0
    this.#resume()
  }

  #resume(): void {
    const resume = this.#roomAgain
    this.#roomAgain = null
    resume?.()
  }
}
