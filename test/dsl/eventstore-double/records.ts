import { randomUUID } from 'node:crypto'

/** What lies in the log of the double: as an EventStoreDB record, with the bytes as they came. */
export interface LogRecord {
  readonly index: number
  /** Commit and prepare position: strictly increasing, with gaps of the record's size, the first is 0. */
  readonly position: number
  readonly stream: string
  readonly revision: number
  readonly id: string
  readonly type: string
  readonly contentType: string
  readonly metadata: Uint8Array
  readonly data: Uint8Array
  /** Milliseconds. */
  readonly created: number
}

export type Proposed = Pick<LogRecord, 'id' | 'type' | 'contentType' | 'metadata' | 'data'>
export type Expectation = 'any' | 'noStream' | 'streamExists' | number

export type AppendOutcome =
  | { readonly kind: 'appended'; readonly revision: number; readonly position: number }
  | { readonly kind: 'wrong'; readonly current: number | null }
  | { readonly kind: 'tooLarge' }

/** EventStoreDB's default: the sum of the sizes of an append's events. */
export const MAX_APPEND_SIZE = 1_048_576
const RECORD_OVERHEAD = 64

/** The log of the double, in memory, with EventStoreDB's rules for expectations and repeats. */
export class MemoryLog {
  readonly records: LogRecord[] = []
  readonly #streams = new Map<string, LogRecord[]>()
  readonly #byId = new Map<string, LogRecord>()
  readonly #waiting = new Set<() => void>()
  #end = 0

  append(stream: string, expected: Expectation, events: readonly Proposed[]): AppendOutcome {
    if (sizeOf(events) > MAX_APPEND_SIZE) return { kind: 'tooLarge' }
    const current = (this.#streams.get(stream)?.length ?? 0) - 1
    const verdict = this.#check(stream, expected, current, events)
    if (verdict !== undefined) return verdict
    let last: LogRecord | undefined
    for (const event of events) last = this.#write(stream, event)
    this.#wake()
    return { kind: 'appended', revision: last?.revision ?? current, position: last?.position ?? this.#end }
  }

  stream(name: string): readonly LogRecord[] | undefined {
    return this.#streams.get(name)
  }

  /** The first revision that `$tb` of the stream's metadata leaves. */
  firstKept(stream: string): number {
    const metadata = this.#streams.get(`$$${stream}`)?.at(-1)
    if (metadata === undefined) return 0
    const parsed: unknown = JSON.parse(Buffer.from(metadata.data).toString())
    return typeof parsed === 'object' && parsed !== null && '$tb' in parsed ? Number(parsed.$tb) : 0
  }

  /** Index of the first record at or after `position`. */
  indexAt(position: bigint): number {
    let low = 0
    let high = this.records.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (BigInt(this.records[middle]?.position ?? 0) < position) low = middle + 1
      else high = middle
    }
    return low
  }

  /** Resolves when there is more than `length` records, or `signal` aborts. */
  async grown(length: number, signal: AbortSignal): Promise<void> {
    if (this.records.length > length || signal.aborted) return
    await new Promise<void>((resolve) => {
      const done = () => {
        this.#waiting.delete(done)
        signal.removeEventListener('abort', done)
        resolve()
      }
      this.#waiting.add(done)
      signal.addEventListener('abort', done)
    })
  }

  /** Calls back after each append. */
  onAppend(listener: () => void): void {
    this.#listeners.add(listener)
  }

  readonly #listeners = new Set<() => void>()

  /** What the server itself writes: statistics, checkpoints, metadata. */
  writeSystem(stream: string, type: string, data: unknown, metadata: unknown = {}): LogRecord {
    const text = typeof data === 'string' ? data : JSON.stringify(data)
    const record = this.#write(stream, {
      id: randomUUID(),
      type,
      contentType: typeof data === 'string' ? 'application/octet-stream' : 'application/json',
      data: Buffer.from(text),
      metadata: Buffer.from(JSON.stringify(metadata)),
    })
    this.#wake()
    return record
  }

  /**
   * The server's check: an exact expectation behind the stream's end is a repeat when the ids at those revisions are these; `any` and
   * `streamExists` look the ids up among the recent ones.
   */
  #check(
    stream: string,
    expected: Expectation,
    current: number,
    events: readonly Proposed[],
  ): AppendOutcome | undefined {
    const wrong: AppendOutcome = { kind: 'wrong', current: current < 0 ? null : current }
    if (expected === 'streamExists' && current < 0) return wrong
    if (expected === 'any' || expected === 'streamExists') {
      const known = events.map(({ id }) => this.#byId.get(id)).filter((record) => record?.stream === stream)
      const last = known.at(-1)
      if (last === undefined) return undefined
      return known.length === events.length ? repeat(last) : wrong
    }
    const from = expected === 'noStream' ? -1 : expected
    if (from === current) return undefined
    if (from > current) return wrong
    const there = this.#streams.get(stream) ?? []
    for (const [index, { id }] of events.entries()) if (there[from + 1 + index]?.id !== id) return wrong
    const last = there[from + events.length]
    return last === undefined ? wrong : repeat(last)
  }

  #write(stream: string, event: Proposed): LogRecord {
    let there = this.#streams.get(stream)
    if (there === undefined) this.#streams.set(stream, (there = []))
    const record: LogRecord = {
      ...event,
      index: this.records.length,
      position: this.#end,
      stream,
      revision: there.length,
      created: Date.now(),
    }
    this.#end += RECORD_OVERHEAD + event.data.length + event.metadata.length + stream.length
    there.push(record)
    this.records.push(record)
    this.#byId.set(record.id, record)
    return record
  }

  #wake(): void {
    for (const done of this.#waiting) done()
    for (const listener of this.#listeners) listener()
  }
}

const repeat = ({ revision, position }: LogRecord): AppendOutcome => ({ kind: 'appended', revision, position })

const sizeOf = (events: readonly Proposed[]): number =>
  events.reduce((sum, { data, metadata, type }) => sum + data.length + metadata.length + 2 * type.length, 0)
