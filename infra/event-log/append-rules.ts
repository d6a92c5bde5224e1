import type { ExpectedRevision, NewEvent } from './port.ts'

/** Bytes of one append as stored: EventStoreDB's default, kept by every engine. */
export const MAX_APPEND_BYTES = 1_048_576

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const MAX_STREAM_NAME = 512

/** Throws `TypeError` for what is no append: a mistake of the caller, whatever the engine. */
export const checkAppend = (stream: string, expected: ExpectedRevision, events: readonly NewEvent[]): void => {
  if (stream.indexOf('-') < 1 || stream.endsWith('-') || stream.length > MAX_STREAM_NAME) {
    throw new TypeError(`"${stream}" is no stream name: <category>-<id>, at most ${MAX_STREAM_NAME} characters`)
  }
  if (typeof expected === 'number' && !(Number.isSafeInteger(expected) && expected >= 0)) {
    throw new TypeError(`append to ${stream}: ${expected} is no revision`)
  }
  if (events.length === 0) throw new TypeError(`append to ${stream} without events`)
  for (const { id, type, metadata } of events) {
    if (!UUID.test(id)) throw new TypeError(`append to ${stream}: the id "${id}" of ${type} is no lower-case UUID`)
    if (!Number.isSafeInteger(metadata.occurredAt))
      throw new TypeError(`append to ${stream}: ${type} occurred at ${metadata.occurredAt}`)
  }
  if (events.length > 1 && new Set(events.map(({ id }) => id)).size < events.length) {
    throw new TypeError(`append to ${stream}: two of its events have the same id`)
  }
}
