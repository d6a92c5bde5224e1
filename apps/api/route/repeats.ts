import type { StreamName } from '#infra/event-log/port'
import type { ApiParts } from '../parts.ts'
import type { CallContext } from './call.ts'

const PAGE = 500

/**
 * Ids of the commands that have left events in a stream, asked only for a request with an Idempotency-Key: after a restart the answers kept
 * in memory are gone, and what such a request has done already must neither be refused nor be done again.
 */
export async function commandsCarriedOut(
  parts: Pick<ApiParts, 'events'>,
  stream: StreamName,
  call: CallContext,
): Promise<ReadonlySet<string>> {
  if (!call.keyed) return new Set()
  const events = await parts.events.readStream(stream, { direction: 'backwards', limit: PAGE })
  return new Set(events.map(({ metadata }) => metadata.causationId))
}
