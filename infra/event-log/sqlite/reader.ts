import type { EventCodec } from '../codec.ts'
import type { EventFilter, EventLog, Position } from '../port.ts'
import type { ReadingOptions } from './database.ts'
import { openForReading } from './database.ts'
import { Reading } from './reading.ts'
import { RemoteWake } from './wake.ts'

/** The reading half of the log. */
export interface EventLogReader extends Pick<
  EventLog,
  'readStream' | 'readAll' | 'lastPosition' | 'subscribeAll' | 'close'
> {
  /** Says that there is something new, for who hears of it otherwise (another process). Commits of this process wake it by themselves. */
  notify(): void
}

export interface ReaderOptions extends ReadingOptions {
  /** The database file, as given to `openSqliteEventLog`. */
  readonly path: string
  readonly codec: EventCodec
}

/**
 * Opens the log for reading only, in any thread: the projector's, or a tool beside a log that can't be opened for writing (locked,
 * read-only, damaged: then with `salvage`). Throws `LogUnavailable`.
 */
export const openSqliteLogReader = ({ path, codec, ...options }: ReaderOptions): EventLogReader => {
  const database = openForReading(path, options)
  const wake = new RemoteWake(path)
  const reading = new Reading(path, database, codec, wake, options)
  return {
    readStream: (stream, options = {}) => reading.stream(stream, options),
    readAll: (after, filter, limit) => reading.all(after, filter, limit),
    lastPosition: async (filter: EventFilter = {}): Promise<Position | null> => reading.lastPosition(filter),
    subscribeAll: (after, filter, signal) => reading.subscribe(after, filter, signal),
    notify: () => wake.notify(),
    close: async () => reading.close(),
  }
}
