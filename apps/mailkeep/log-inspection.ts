import { eventTypes } from '#domain/event-types'
import { createCodec } from '#infra/event-log/codec'
import {
  LogUnavailable,
  UnreadableEvent,
  type EventFilter,
  type Position,
  type RecordedEvent,
} from '#infra/event-log/port'
import { openLogReader, type LogAddress, type LogReader } from '#infra/event-log/engines'
import { integrityProblems } from '#infra/event-log/sqlite/integrity'
import { openSqliteLogReader } from '#infra/event-log/sqlite/reader'
import type { Progress } from './operations/operation.ts'

/*
 * What looks at the log as a whole: read-only, in the command line's own process, so that it works beside a running server and on a log
 * that can't be opened for writing any more.
 */
const PAGE = 1_000
const MAX_PROBLEMS = 100

export interface LogVerification {
  readonly intact: boolean
  /** Events that could be read. */
  readonly events: number
  readonly last: Position | null
  readonly problems: readonly string[]
  /** The file is damaged, what could be read was read nevertheless. */
  readonly salvaged: boolean
}

/** Checks the file, every stream for gaps, and every event for being readable by this build. */
export const verifyLog = async (
  address: LogAddress,
  progress: (progress: Progress) => void,
): Promise<LogVerification> => {
  const { problems, salvage } =
    address.engine === 'sqlite' ? fileProblems(address.path) : { problems: [], salvage: false }
  const reader = await openReader(address, salvage)
  const gaps = new Gaps()
  try {
    const last = await lastPosition(reader)
    let events = 0
    let after: Position | null = null
    while (problems.length < MAX_PROBLEMS) {
      try {
        const page = await reader.readAll(after, {}, PAGE)
        events += page.events.length
        if (address.engine !== 'sqlite') problems.push(...page.events.flatMap((event) => gaps.before(event)))
        after = page.position
        progress({ what: 'events', done: Number(after ?? 0), total: last === null ? null : Number(last) })
        if (page.caughtUp) break
      } catch (error) {
        if (error instanceof UnreadableEvent) {
          problems.push(error.message)
          after = error.position
        } else {
          // Where the file itself can't be read there is no telling where to go on.
          problems.push(`after position ${after ?? '0'}: ${error instanceof Error ? error.message : String(error)}`)
          break
        }
      }
    }
    return { intact: problems.length === 0, events, last: after, problems, salvaged: salvage }
  } finally {
    await reader.close()
  }
}

const fileProblems = (path: string): { problems: string[]; salvage: boolean } => {
  try {
    return { problems: [...integrityProblems(path)], salvage: false }
  } catch (error) {
    if (!(error instanceof LogUnavailable) || error.why !== 'corrupt') throw error
    return { problems: [error.message], salvage: true }
  }
}

const openReader = async (address: LogAddress, salvage = false): Promise<LogReader> => {
  const codec = createCodec(eventTypes)
  return address.engine === 'sqlite'
    ? openSqliteLogReader({ path: address.path, codec, salvage })
    : openLogReader(address, codec)
}

/** Revisions of each stream as they come: for an engine that doesn't check itself. */
class Gaps {
  readonly #next = new Map<string, number>()

  before({ stream, revision }: RecordedEvent): string[] {
    const expected = this.#next.get(stream) ?? 0
    this.#next.set(stream, revision + 1)
    return revision === expected ? [] : [`stream ${stream}: revision ${revision} where ${expected} was expected`]
  }
}

const lastPosition = async (reader: LogReader): Promise<Position | null> => {
  try {
    return await reader.lastPosition()
  } catch (error) {
    if (error instanceof LogUnavailable) return null
    throw error
  }
}

/** Events in log order, from after a position on, a page at a time. Throws `UnreadableEvent` at the first it can't read. */
export async function* exportLog(
  address: LogAddress,
  after: Position | null,
  filter: EventFilter,
  progress: (progress: Progress) => void,
): AsyncGenerator<readonly RecordedEvent[]> {
  const reader = await openReader(address)
  try {
    const last = await reader.lastPosition()
    for (let from = after; ;) {
      const page = await reader.readAll(from, filter, PAGE)
      if (page.events.length > 0) yield page.events
      from = page.position
      progress({ what: 'events', done: Number(from ?? 0), total: last === null ? null : Number(last) })
      if (page.caughtUp) return
    }
  } finally {
    await reader.close()
  }
}
