import type { EventLog } from '../port.ts'
import { Connection } from './connection.ts'
import type { EventStoreLogOptions } from './open.ts'
import { Reading } from './reading.ts'

const PATIENCE_MS = 15_000

/** The reading half of the log over a connection of its own: for another thread, or a tool. Connects at the first read. */
export const openEventStoreReader = ({
  connectionString,
  codec,
  patienceMs = PATIENCE_MS,
}: Omit<EventStoreLogOptions, 'groups'>): Pick<
  EventLog,
  'readStream' | 'readAll' | 'lastPosition' | 'subscribeAll' | 'close'
> => {
  const connection = new Connection({ connectionString, patienceMs })
  const reading = new Reading(connection, codec)
  return {
    readStream: (stream, options = {}) => reading.stream(stream, options),
    readAll: (after, filter, limit) => reading.all(after, filter, limit),
    lastPosition: (filter = {}) => reading.lastPosition(filter),
    subscribeAll: (after, filter, signal) => reading.subscribe(after, filter, signal),
    close: async () => {
      reading.close()
      await connection.close()
    },
  }
}
