import type { ParkedEvent } from '#infra/event-log/port'
import { toTime } from '../resources/shapes.ts'

/** What a reaction set aside, as it is shown: the same at the terminal. */
export const parkedShown = ({ event, reason, parkedAt, retryCount }: ParkedEvent) => ({
  eventId: event.id,
  stream: event.stream,
  type: event.type,
  position: event.position,
  reason,
  parkedAt: toTime(parkedAt),
  retries: retryCount,
})
