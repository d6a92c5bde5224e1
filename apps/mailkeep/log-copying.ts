import { eventTypes } from '#domain/event-types'
import { createCodec } from '#infra/event-log/codec'
import { copyLog, type CopyOutcome } from '#infra/event-log/copy'
import type { LogAddress } from '#infra/event-log/engines'
import { openEventLog, openLogReader } from '#infra/event-log/engines'
import type { Progress } from './operations/operation.ts'

/** Appends under way at once: SQLite keeps their order, EventStoreDB does not when a connection is lost. */
const IN_FLIGHT = { sqlite: 256, eventstore: 1 }

/** Copies the log of this data folder between engines. Throws `LogUnavailable`, `locked`, while a server has the folder, and `NotACopy`. */
export const copyBetween = async (
  from: LogAddress,
  to: LogAddress,
  progress: (progress: Progress) => void,
): Promise<CopyOutcome> => {
  const codec = createCodec(eventTypes)
  const target = await openEventLog(to, { codec, now: Date.now })
  try {
    const source = await openLogReader(from, codec)
    try {
      return await copyLog({
        from: source,
        to: target,
        inFlight: IN_FLIGHT[to.engine],
        progress: ({ what, position, end }) =>
          progress({ what, done: Number(position ?? 0), total: end === null ? null : Number(end) }),
      })
    } finally {
      await source.close()
    }
  } finally {
    await target.close()
  }
}
