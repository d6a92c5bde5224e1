import type { Reply } from '#domain/message/reply'
import type { QueueRow } from '#projections/delivery-queue/projection'
import { toTime, toTimeOrNull } from '../resources/shapes.ts'

/** An entry of the queue as the API and the command line show it. */
export const shownEntry = (row: QueueRow) => ({
  mail: row.mail,
  recipient: row.recipient,
  address: row.address,
  route: row.route,
  flow: row.flow,
  state: row.state,
  cause: row.cause,
  redirectedTo: row.redirectedTo,
  attempts: row.attempt,
  dueAt: toTimeOrNull(row.dueAt),
  held: row.held === 1,
  reply: row.lastReply === null ? null : (JSON.parse(row.lastReply) as Reply),
  host: row.host,
  reversePath: row.reversePath,
  subject: row.subject,
  size: row.size,
  acceptedAt: toTime(row.acceptedAt),
  queuedAt: toTimeOrNull(row.queuedAt),
})
