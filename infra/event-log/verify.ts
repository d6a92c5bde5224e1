import type { EventLog, Position, RecordedEvent, StreamName } from './port.ts'
import { LogUnavailable, UnreadableEvent } from './port.ts'

const PAGE = 500
const MAX_PROBLEMS = 100

export interface Verified {
  /** Events that could be read so far. */
  readonly events: number
  /** How far was looked, and how far there is to look. */
  readonly position: Position | null
  readonly end: Position | null
  /** Found since the last report, a sentence each. */
  readonly problems: readonly string[]
}

type Readable = Pick<EventLog, 'readAll' | 'readStream' | 'lastPosition'>

/**
 * Reads the log once from end to end over its port: positions strictly increase, every event can be read by this build, every stream counts
 * its revisions without a gap. Reports after each page; ends early after 100 problems. Needs no memory that grows with the log: a
 * stream is read as a whole when its first event is met, and what no such stream accounts for is missing its beginning.
 */
export async function* verifyLog(log: Readable): AsyncGenerator<Verified, void, undefined> {
  const end = await log.lastPosition()
  if (end === null) return
  let seen = 0
  let accounted = 0
  let found = 0
  let after: Position | null = null
  while ((after ?? '') < end && found < MAX_PROBLEMS) {
    const page = await readPage(log, after, end)
    const problems = [...page.problems]
    let last: Position | null = after
    for (const { position, revision, stream } of page.events) {
      if (last !== null && position <= last) problems.push(`position ${position} comes after ${last}`)
      last = position
      if (revision !== 0) continue
      const whole = await readWhole(log, stream, end)
      accounted += whole.events
      problems.push(...whole.problems)
    }
    seen += page.events.length + page.problems.length
    found += problems.length
    after = page.position
    yield { events: seen, position: after, end, problems }
    if (after === null || page.stuck) return
  }
  if (found === 0 && accounted !== seen) {
    const problem = `${seen} events were read, but the streams that begin at revision 0 have ${accounted}: some stream lacks its beginning`
    yield { events: seen, position: after, end, problems: [problem] }
  }
}

interface Page {
  readonly events: readonly RecordedEvent[]
  readonly position: Position | null
  readonly problems: readonly string[]
  /** The log itself can't be read further. */
  readonly stuck: boolean
}

const readPage = async (log: Readable, after: Position | null, end: Position): Promise<Page> => {
  try {
    const { events, position } = await log.readAll(after, {}, PAGE)
    return { events: events.filter((event) => event.position <= end), position, problems: [], stuck: false }
  } catch (error) {
    if (error instanceof UnreadableEvent)
      return { events: [], position: error.position, problems: [error.message], stuck: false }
    if (!(error instanceof LogUnavailable)) throw error
    return {
      events: [],
      position: after,
      problems: [`after position ${after ?? 'none'}: ${error.message}`],
      stuck: true,
    }
  }
}

/** Unreadable events count: they are told of where they lie in the log. */
const readWhole = async (
  log: Readable,
  stream: StreamName,
  end: Position,
): Promise<{ events: number; problems: string[] }> => {
  const problems: string[] = []
  let next = 0
  let events = 0
  for (;;) {
    try {
      const read = await log.readStream(stream, { from: next, limit: PAGE })
      for (const { revision, position } of read) {
        if (position > end) return { events, problems }
        if (revision !== next) problems.push(`stream ${stream}: revision ${revision} comes where ${next} should be`)
        next = revision + 1
        events++
      }
      if (read.length < PAGE) return { events, problems }
    } catch (error) {
      if (!(error instanceof UnreadableEvent)) throw error
      for (; next < error.revision; next++) {
        const [before] = await log.readStream(stream, { from: next, limit: 1 })
        if (before?.revision === next) events++
        else problems.push(`stream ${stream}: revision ${next} is missing`)
      }
      events++
      next = error.revision + 1
    }
  }
}
