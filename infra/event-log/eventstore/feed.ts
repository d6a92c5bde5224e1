import type { ReadResp } from '@eventstore/db-client/generated/streams_pb.js'
import type { Position } from '../port.ts'
import type { Connection } from './connection.ts'
import { closed, unavailable } from './failure.ts'
import { compile } from './filter.ts'
import { streamOf, typeOf } from './messages.ts'
import { fromPosition, toPosition } from './position.ts'
import { subscribeAll } from './requests.ts'
import { answersTo } from './source.ts'

const MAX_RECORDS = 4_096
const MAX_BYTES = 16 * 1_048_576

export interface LiveRecord {
  readonly position: Position
  readonly stream: string
  readonly type: string
  readonly message: ReadResp.ReadEvent.RecordedEvent
  readonly bytes: number
}

/**
 * The newest part of the log in memory, kept up by one subscription to `$all` for all readers of this process. Readers that are further back
 * read pages until they are here. Its end moves over what nobody wants too, by the server's checkpoints.
 */
export class Feed {
  readonly #connection: Connection
  readonly #head: () => Promise<Position | null>
  readonly #closing = new AbortController()
  readonly #waiting = new Set<() => void>()
  #records: LiveRecord[] = []
  #bytes = 0
  #begin: Position | null = null
  #end: Position | null = null
  #expected: Position | null = null
  #starting: Promise<void> | undefined
  #failure: Error | undefined
  #turn = 0

  constructor(connection: Connection, head: () => Promise<Position | null>) {
    this.#connection = connection
    this.#head = head
  }

  /** Grows with everything that comes in. */
  get turn(): number {
    return this.#turn
  }

  /** The log goes at least to here. */
  get end(): Position | null {
    return this.#end
  }

  /** What this process has appended: the log goes there, whether it is here yet or not. */
  get expected(): Position | null {
    return this.#expected
  }

  expect(position: Position): void {
    if (position > (this.#expected ?? '')) this.#expected = position
  }

  /** Resolves when it knows where the log ends. */
  started(): Promise<void> {
    this.#checkOpen()
    if (this.#starting !== undefined) return this.#starting
    const starting = this.#start()
    this.#starting = starting
    starting.catch(() => {
      if (this.#starting === starting) this.#starting = undefined
    })
    return starting
  }

  /** Everything after `position` is here. */
  covers(position: Position | null): boolean {
    this.#checkOpen()
    return (position ?? '') >= (this.#begin ?? '')
  }

  /** What comes after `position`, in order. */
  following(position: Position | null): readonly LiveRecord[] {
    const after = position ?? ''
    let low = 0
    let high = this.#records.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#records[middle]?.position ?? '') <= after) low = middle + 1
      else high = middle
    }
    return this.#records.slice(low)
  }

  /** Resolves when something came after that turn, or the signal aborts. Throws when the log is closed. */
  async after(turn: number, signal: AbortSignal): Promise<void> {
    this.#checkOpen()
    if (this.#turn !== turn || signal.aborted) return
    await new Promise<void>((resolve) => {
      const done = () => {
        this.#waiting.delete(done)
        signal.removeEventListener('abort', done)
        resolve()
      }
      this.#waiting.add(done)
      signal.addEventListener('abort', done)
    })
    if (!signal.aborted) this.#checkOpen()
  }

  close(): void {
    this.#closing.abort()
    this.#wake()
  }

  async #start(): Promise<void> {
    const head = await this.#head()
    this.#begin = head
    this.#end = head
    void this.#run()
  }

  /** For as long as the log is open: a connection that ends is followed by the next, from where this one was. */
  async #run(): Promise<void> {
    for (let failures = 0; !this.#closing.signal.aborted; failures++) {
      try {
        await this.#connection.retry(
          'subscription to $all',
          async () => {
            const after = this.#end === null ? null : fromPosition(this.#end)
            const request = subscribeAll(after, compile({}).server)
            for await (const answer of answersTo(this.#connection, request, this.#closing.signal)) this.#take(answer)
          },
          true,
        )
      } catch (error) {
        if (this.#closing.signal.aborted) return
        this.#failure = unavailable(error, 'subscription to $all')
        this.#wake()
        return
      }
      await this.#connection.pause(Math.min(failures, 4))
    }
  }

  #take(answer: ReadResp): void {
    const checkpoint = answer.getCheckpoint()
    const message = answer.getEvent()?.getEvent()
    if (checkpoint !== undefined) this.#end = toPosition(checkpoint.getCommitPosition())
    else if (message !== undefined) this.#push(message)
    else return
    this.#wake()
  }

  #push(message: ReadResp.ReadEvent.RecordedEvent): void {
    const position = toPosition(message.getCommitPosition())
    if (position <= (this.#end ?? '')) return
    this.#end = position
    const bytes = message.getData_asU8().length + message.getCustomMetadata_asU8().length
    this.#records.push({ position, stream: streamOf(message), type: typeOf(message), message, bytes })
    this.#bytes += bytes
    if (this.#records.length > MAX_RECORDS || this.#bytes > MAX_BYTES) this.#forgetHalf()
  }

  #forgetHalf(): void {
    const forgotten = this.#records.splice(0, Math.ceil(this.#records.length / 2))
    this.#begin = forgotten.at(-1)?.position ?? this.#begin
    for (const { bytes } of forgotten) this.#bytes -= bytes
  }

  #checkOpen(): void {
    if (this.#closing.signal.aborted) throw closed()
    if (this.#failure !== undefined) throw this.#failure
  }

  #wake(): void {
    this.#turn++
    for (const done of this.#waiting) done()
  }
}
