import type { RecordedEvent } from '#infra/event-log/port'
import type { ViewEvent } from '#infra/views/build'
import type { EventSummary } from './protocol.ts'

/** As projections read it. */
export const viewEvent = ({ id, stream, type, data, revision, position, metadata }: RecordedEvent): ViewEvent => ({
  id,
  stream,
  type,
  data,
  revision,
  position,
  occurredAt: metadata.occurredAt,
  actor: metadata.actor,
})

/** As live displays get it. */
export const summary = ({ id, position, stream, revision, type, metadata, data }: RecordedEvent): EventSummary => ({
  id,
  position,
  stream,
  revision,
  type,
  occurredAt: metadata.occurredAt,
  recipient: recipientOf(data),
})

const recipientOf = (data: unknown): string | null =>
  typeof data === 'object' && data !== null && 'recipient' in data && typeof data.recipient === 'string'
    ? data.recipient
    : null
