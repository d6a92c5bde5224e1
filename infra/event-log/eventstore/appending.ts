import { checkAppend, MAX_APPEND_BYTES } from '../append-rules.ts'
import type { EventCodec } from '../codec.ts'
import type { Appended, ExpectedRevision, NewEvent, RecordedEvent, StreamName } from '../port.ts'
import { AppendTooLarge, WrongRevision } from '../port.ts'
import type { BatchAppends, Proposed } from './batch.ts'
import type { Connection } from './connection.ts'
import { writeMetadata } from './metadata.ts'
import { toPosition } from './position.ts'
import type { Reading } from './reading.ts'

/** Conflicts that an append at `streamExists` gives way to before it gives up: each is another writer's success. */
const MAX_CONFLICTS = 1_000
const PAGE = 256

/**
 * Appends as the port words them. At `noStream` and at a revision the server does it: it compares the ids that lie there, so a repeat is known
 * for ever. At `streamExists` it only remembers recent ids; there the stream itself is searched first and the append is made at its exact
 * revision.
 */
export class Appending {
  readonly #connection: Connection
  readonly #batch: BatchAppends
  readonly #reading: Reading
  readonly #codec: EventCodec
  readonly #last = new Map<string, Promise<unknown>>()
  readonly #running = new Set<Promise<unknown>>()

  constructor(connection: Connection, batch: BatchAppends, reading: Reading, codec: EventCodec) {
    this.#connection = connection
    this.#batch = batch
    this.#reading = reading
    this.#codec = codec
  }

  async append(stream: StreamName, expected: ExpectedRevision, events: readonly NewEvent[]): Promise<Appended> {
    checkAppend(stream, expected, events)
    const proposed = events.map((event) => this.#proposed(stream, event))
    const bytes = proposed.reduce((sum, event) => sum + storedBytes(event), 0)
    if (bytes > MAX_APPEND_BYTES) throw new AppendTooLarge(stream, bytes, MAX_APPEND_BYTES)
    const appended =
      expected === 'streamExists'
        ? this.#inTurn(stream, () => this.#anywhere(stream, proposed))
        : this.#at(stream, expected, proposed)
    this.#running.add(appended)
    try {
      const outcome = await appended
      this.#reading.expect(outcome.position)
      return outcome
    } finally {
      this.#running.delete(appended)
    }
  }

  /** Resolves when everything begun has its answer. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#running)
  }

  async #at(stream: StreamName, expected: 'noStream' | number, proposed: readonly Proposed[]): Promise<Appended> {
    const outcome = await this.#connection.retry(`append to ${stream}`, () =>
      this.#batch.append(stream, expected, proposed),
    )
    if (outcome.kind === 'wrong') throw new WrongRevision(stream, expected, outcome.actual)
    const { revision, position } = outcome
    if (position !== null) return { revision, position: toPosition(position) }
    const [event] = await this.#reading.stream(stream, { from: revision, limit: 1 })
    if (event === undefined)
      throw new Error(`append to ${stream}: revision ${revision} is not there after it was written`)
    return { revision, position: event.position }
  }

  async #anywhere(stream: StreamName, proposed: readonly Proposed[]): Promise<Appended> {
    let searched = -1
    for (let conflicts = 0; ; conflicts++) {
      const found = await this.#search(stream, proposed, searched)
      if (found.repeat !== undefined) return found.repeat
      if (found.last === null || found.broken) throw new WrongRevision(stream, 'streamExists', found.last)
      try {
        return await this.#at(stream, found.last, proposed)
      } catch (error) {
        if (!(error instanceof WrongRevision)) throw error
        if (conflicts >= MAX_CONFLICTS) throw new WrongRevision(stream, 'streamExists', error.actual)
        searched = found.last
      }
    }
  }

  /** Looks backwards, down to the revision `until`, for these events; `broken` when only some are there or in another order. */
  async #search(
    stream: StreamName,
    proposed: readonly Proposed[],
    until: number,
  ): Promise<{ last: number | null; broken: boolean; repeat?: Appended }> {
    const wanted = new Map(proposed.map(({ id }, index) => [id, index]))
    const found: RecordedEvent[] = []
    let last: number | null = null
    let from: number | undefined
    for (;;) {
      const page = await this.#reading.stream(stream, {
        direction: 'backwards',
        limit: PAGE,
        ...(from === undefined ? {} : { from }),
      })
      last ??= page[0]?.revision ?? null
      for (const event of page) if (wanted.has(event.id)) found.push(event)
      const lowest = page.at(-1)
      if (
        lowest === undefined ||
        lowest.revision <= until + 1 ||
        page.length < PAGE ||
        found.length === proposed.length
      )
        break
      from = lowest.revision - 1
    }
    const end = found[0]
    if (end === undefined) return { last, broken: false }
    const whole =
      found.length === proposed.length &&
      found.every(
        ({ id, revision }, index) =>
          revision === end.revision - index && wanted.get(id) === proposed.length - 1 - index,
      )
    return whole
      ? { last, broken: false, repeat: { revision: end.revision, position: end.position } }
      : { last, broken: true }
  }

  /** One append at `streamExists` per stream at a time: the others of this process would only conflict. */
  async #inTurn<Result>(stream: string, work: () => Promise<Result>): Promise<Result> {
    const before = this.#last.get(stream)
    const mine = (async () => {
      if (before !== undefined) await before.then(undefined, () => undefined)
      return work()
    })()
    this.#last.set(stream, mine)
    try {
      return await mine
    } finally {
      if (this.#last.get(stream) === mine) this.#last.delete(stream)
    }
  }

  #proposed(stream: string, event: NewEvent): Proposed {
    const { version, data } = this.#codec.encode(stream, event)
    return {
      id: event.id,
      type: event.type,
      contentType: 'application/json',
      data: Buffer.from(data, 'utf8'),
      metadata: writeMetadata(event.metadata, version),
    }
  }
}

/** As the server counts: the type in UTF-16. */
const storedBytes = ({ type, data, metadata }: Proposed): number => data.length + metadata.length + 2 * type.length
