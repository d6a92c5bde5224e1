import { setTimeout as sleep } from 'node:timers/promises'
import {
  indexChange,
  INDEXED_TYPES,
  type IndexChange,
  type IndexedEvent,
} from '#projections/archive-index/index-change'
import type { EventFilter, Position, ReadAllPage, RecordedEvent } from '#infra/event-log/port'
import type { LogReader } from '#infra/event-log/engines'
import type { ArchivedCopy } from '#infra/search/document'
import type { IndexBatch, SearchIndex } from '#infra/search/port'
import type { Texts } from './texts.ts'

export interface IndexerParts {
  readonly log: Pick<LogReader, 'readAll' | 'subscribeAll' | 'lastPosition'>
  readonly index: SearchIndex
  readonly texts: Texts
  /** What goes wrong, and null when all is well again. */
  readonly trouble: (reason: string | null) => void
}

export const INDEXED: EventFilter = { categories: ['mail'], types: INDEXED_TYPES }
/** Events looked up at a time, and copies read and written at a time. */
const PAGE = 2_000
const BATCH = 250
/** Milliseconds after which it is written down how far was read, though there was nothing to index. */
const NOTED_EVERY = 500
const FIRST_WAIT = 200
const LONGEST_WAIT = 5_000

/**
 * Keeps the search index: reads the log from where the index is, and writes documents together with that place. Nothing else remembers where it
 * was, so a crash, a restart or a second node repeat at most a batch, which changes nothing.
 */
export class Indexer {
  readonly #parts: IndexerParts
  readonly #stopping = new AbortController()
  #running: Promise<void> = Promise.resolve()
  #noted = 0
  #noting: NodeJS.Timeout | undefined
  /** The index is of another log: what it says of its place is not to be gone by. */
  #astray = false

  constructor(parts: IndexerParts) {
    this.#parts = parts
  }

  start(): void {
    this.#running = this.#run()
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    clearTimeout(this.#noting)
    await this.#running
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping
    for (let wait = FIRST_WAIT; !signal.aborted; wait = Math.min(2 * wait, LONGEST_WAIT)) {
      try {
        for await (const page of this.#pages()) {
          await this.#take(page)
          if (wait !== FIRST_WAIT) this.#parts.trouble(null)
          wait = FIRST_WAIT
        }
      } catch (error) {
        if (signal.aborted) return
        this.#parts.trouble(error instanceof Error ? `${error.name}: ${error.message}` : String(error))
        await sleep(wait, undefined, { signal }).catch(() => undefined)
      }
    }
  }

  async *#pages(): AsyncGenerator<ReadAllPage, void, undefined> {
    const { log } = this.#parts
    const { signal } = this.#stopping
    let from = await this.#beginning()
    for (let caughtUp = false; !caughtUp && !signal.aborted;) {
      const page = await log.readAll(from, INDEXED, PAGE)
      from = page.position
      caughtUp = page.caughtUp
      yield page
    }
    // all positions, that the index is known to be complete up to the newest
    yield* log.subscribeAll(from, INDEXED, signal)
  }

  /** Where the index is; one that is further than the log is of another log, and is gone through again. */
  async #beginning(): Promise<Position | null> {
    const { index, log } = this.#parts
    const at = await index.checkpoint()
    const last = await log.lastPosition()
    this.#astray = at !== null && (last === null || at > last)
    return this.#astray ? null : at
  }

  async #take({ events, position, caughtUp }: ReadAllPage): Promise<void> {
    const { index } = this.#parts
    // another node may have been here
    const ahead = events.length === 0 || this.#astray ? null : await index.checkpoint()
    const left = events.filter((event) => ahead === null || event.position > ahead)
    const batches = Array.from({ length: Math.ceil(left.length / BATCH) }, (_, at) =>
      left.slice(at * BATCH, (at + 1) * BATCH),
    )
    let reading = read(this.#parts, (batches[0] ?? []).map(changeOf))
    for (const [at, batch] of batches.entries()) {
      if (this.#stopping.signal.aborted) break
      const ready = await reading
      const next = batches[at + 1]
      // the next mails are read while these are written
      reading = next === undefined ? reading : read(this.#parts, next.map(changeOf))
      await index.write({ ...ready, position: next === undefined ? position : batch.at(-1)!.position })
      this.#noted = performance.now()
    }
    clearTimeout(this.#noting)
    if (left.length > 0 || position === null || this.#stopping.signal.aborted) return
    if (performance.now() - this.#noted >= NOTED_EVERY) await this.#note(position)
    else if (caughtUp)
      this.#noting = setTimeout(() => {
        this.#note(position).catch((error: unknown) => this.#parts.trouble(String(error)))
      }, NOTED_EVERY)
  }

  async #note(position: Position): Promise<void> {
    const { index } = this.#parts
    const at = await index.checkpoint()
    if (at === null || position > at || this.#astray) await index.write({ documents: [], removals: [], position })
    this.#noted = performance.now()
  }
}

export const changeOf = (event: RecordedEvent): IndexChange =>
  indexChange({ ...(event as RecordedEvent & IndexedEvent), occurredAt: event.metadata.occurredAt })

/** Reads the mails that changes are about and writes them to the index. `mend`: also what it has in the same revision. */
export const writeChanges = async (
  { index, texts }: Pick<IndexerParts, 'index' | 'texts'>,
  changes: readonly IndexChange[],
  position: Position | null,
  mend = false,
): Promise<void> => index.write({ ...(await read({ texts }, changes)), position, mend })

/** What is to be written: of a copy that was removed meanwhile nothing but that. */
const read = async (
  { texts }: Pick<IndexerParts, 'texts'>,
  changes: readonly IndexChange[],
): Promise<Pick<IndexBatch, 'documents' | 'removals'>> => {
  const removals = changes.flatMap((change) => (change.change === 'remove' ? [change] : []))
  const gone = new Set(removals.map(({ id }) => id))
  const copies = changes.flatMap((change): ArchivedCopy[] => {
    if (change.change === 'remove' || gone.has(change.id)) return []
    const { change: _change, ...copy } = change
    return [copy]
  })
  return { documents: await texts.documents(copies), removals }
}
