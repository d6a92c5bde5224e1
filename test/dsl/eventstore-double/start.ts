import { EventStoreDouble, type DoubleOptions } from './server.ts'

/** A double that listens. */
export const startEventStore = (options: DoubleOptions = {}): Promise<EventStoreDouble> =>
  new EventStoreDouble(options).listen()
