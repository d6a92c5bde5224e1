import { isDeepStrictEqual } from 'node:util'
import type { LogReader } from './engines.ts'
import type { Appended, EventLog, NewEvent, Position, RecordedEvent, StreamName } from './port.ts'

/** Events read at once from each side. */
const PAGE = 500
/** Most of a run of events of one stream that are appended as one. */
const RUN = 50
const RUN_BYTES = 256 * 1_024

export interface LogCopy {
  readonly from: LogReader
  readonly to: Pick<EventLog, 'append' | 'readAll'>
  /**
   * Appends under way at once. More than one only where the engine keeps the order in which they were asked for, come what may: SQLite does,
   * EventStoreDB does not when a connection is lost. Default 1.
   */
  readonly inFlight?: number
  readonly progress?: (progress: CopyProgress) => void
  readonly signal?: AbortSignal
}

export interface CopyProgress {
  readonly what: 'comparing' | 'copying' | 'verifying'
  /** Events so far. */
  readonly done: number
  /** How far the source was read, and where it ends. */
  readonly position: Position | null
  readonly end: Position | null
}

export interface CopyOutcome {
  /** Events that an earlier copy had brought over. */
  readonly found: number
  readonly copied: number
}

/** The target holds something that the source doesn't, or in another place. Nothing was written, unless `verifying` found it. */
export class NotACopy extends Error {
  readonly source: RecordedEvent | null
  readonly target: RecordedEvent

  constructor(source: RecordedEvent | null, target: RecordedEvent) {
    const there = `${target.stream}@${target.revision} (${target.type}, id ${target.id})`
    const wanted =
      source === null ? 'nothing more' : `${source.stream}@${source.revision} (${source.type}, id ${source.id})`
    super(`the target is no copy of the source: it holds ${there} where the source has ${wanted}`)
    this.name = 'NotACopy'
    this.source = source
    this.target = target
  }
}

/**
 * Copies a log into another, event by event in log order: ids, metadata, streams and revisions stay, positions don't, data comes at its
 * newest version. First both are compared: what an earlier copy brought over is gone over, anything else in the target refuses it. At the end all is
 * compared again. The source may be in use; what comes after the copy has begun to verify is not copied. Can be stopped at any
 * time and begun again. Throws `NotACopy`.
 */
export const copyLog = async (copy: LogCopy): Promise<CopyOutcome> => {
  const end = await copy.from.lastPosition()
  const begun = await compare(copy, 'comparing', end)
  const { copied, position } = await copyRest(copy, begun.position, end)
  const verified = await compare(copy, 'verifying', position)
  if (verified.same !== begun.same + copied)
    throw new Error(`the copy has ${verified.same} events, ${begun.same + copied} were expected: copy again`)
  return { found: begun.same, copied }
}

/** Both from their beginning, side by side, to the target's end. */
const compare = async (
  { from, to, progress, signal }: LogCopy,
  what: 'comparing' | 'verifying',
  end: Position | null,
): Promise<{ readonly same: number; readonly position: Position | null }> => {
  const sources = eventsOf(from, signal)
  let same = 0
  let position: Position | null = null
  for await (const target of eventsOf(to, signal)) {
    const { done, value: source } = await sources.next()
    if (done === true) throw new NotACopy(null, target)
    if (!isCopy(source, target)) throw new NotACopy(source, target)
    position = source.position
    same++
    if (same % PAGE === 0) progress?.({ what, done: same, position, end })
  }
  progress?.({ what, done: same, position, end })
  return { same, position }
}

const copyRest = async (
  { from, to, inFlight = 1, progress, signal }: LogCopy,
  after: Position | null,
  end: Position | null,
): Promise<{ readonly copied: number; readonly position: Position | null }> => {
  const underWay: Promise<Appended>[] = []
  let copied = 0
  let position = after
  for (;;) {
    const page = await from.readAll(position, {}, PAGE)
    for (const run of runsOf(page.events)) {
      signal?.throwIfAborted()
      const [first] = run
      if (first === undefined) continue
      const expected = first.revision === 0 ? 'noStream' : first.revision - 1
      const appended = to.append(first.stream, expected, run.map(asNew))
      // Who waits for it below hears of its failure; until then it is nobody's.
      appended.catch(nobody)
      underWay.push(appended)
      if (underWay.length >= inFlight) await underWay.shift()
    }
    await Promise.all(underWay.splice(0))
    copied += page.events.length
    position = page.position
    progress?.({ what: 'copying', done: copied, position, end })
    if (page.caughtUp) return { copied, position }
  }
}

async function* eventsOf(
  log: Pick<EventLog, 'readAll'>,
  signal: AbortSignal | undefined,
): AsyncGenerator<RecordedEvent, void, undefined> {
  for (let after: Position | null = null; ;) {
    signal?.throwIfAborted()
    const page = await log.readAll(after, {}, PAGE)
    yield* page.events
    if (page.caughtUp) return
    after = page.position
  }
}

/** Neighbours of one stream together. */
function* runsOf(events: readonly RecordedEvent[]): Generator<readonly RecordedEvent[]> {
  let run: RecordedEvent[] = []
  let stream: StreamName | undefined
  let bytes = 0
  for (const event of events) {
    const size = JSON.stringify(event.data).length * 3
    if (event.stream !== stream || run.length >= RUN || bytes + size > RUN_BYTES) {
      if (run.length > 0) yield run
      run = []
      bytes = 0
    }
    stream = event.stream
    bytes += size
    run.push(event)
  }
  if (run.length > 0) yield run
}

const asNew = ({ id, type, data, metadata }: RecordedEvent): NewEvent => ({ id, type, data, metadata })

const isCopy = (source: RecordedEvent, target: RecordedEvent): boolean =>
  isDeepStrictEqual({ ...source, position: null }, { ...target, position: null })

const nobody = (): void => undefined
