import { Readable } from 'node:stream'
import { Controller, Inject } from '@nestjs/common'
import { z } from 'zod'
import type { EventFilter, Position, RecordedEvent } from '#infra/event-log/port'
import { timesForReaders } from '../mails/event-times.ts'
import { API_PARTS, type ApiParts } from '../parts.ts'
import { toTime } from '../resources/shapes.ts'
import type { Answer } from '../route/answer.ts'
import { Route, route, type SignedCall, TheCall } from '../route/route.ts'

const PAGE = 500
const MAX = 100_000

const position = z
  .string()
  .regex(/^\d{1,20}$/, 'expected a position')
  .transform((text) => text.padStart(20, '0') as Position)

const listEvents = route({
  verb: 'get',
  path: '/audit/events',
  tag: 'Operation',
  summary: 'The events of the log, one JSON object a line',
  description:
    'In log order after `after`. The last line is `{"position": ...}`: how far was looked, the next request\'s `after`. Secrets are left out.',
  access: { who: ['admin', 'compliance'], scope: 'audit:read' },
  query: z.strictObject({
    after: position.optional(),
    limit: z.coerce.number().int().min(1).max(MAX).default(10_000),
    category: z.string().max(50).optional().describe('`mail`, `account`, `domain`, ...'),
    type: z.string().max(50).optional(),
  }),
  answers: { 200: { is: 'Events', type: 'application/x-ndjson' } },
})

@Controller()
export class AuditController {
  readonly #parts: ApiParts

  constructor(@Inject(API_PARTS) parts: ApiParts) {
    this.#parts = parts
  }

  @Route(listEvents)
  list(@TheCall() call: SignedCall<typeof listEvents>): Answer {
    const { after, limit, category, type } = call.query
    const filter: EventFilter = {
      ...(category === undefined ? {} : { categories: [category] }),
      ...(type === undefined ? {} : { types: [type] }),
    }
    return {
      status: 200,
      stream: Readable.from(this.#lines(after ?? null, limit, filter), { objectMode: false }),
      headers: { 'Content-Type': 'application/x-ndjson', 'Cache-Control': 'no-store' },
    }
  }

  async *#lines(after: Position | null, limit: number, filter: EventFilter): AsyncGenerator<string> {
    let at = after
    let left = limit
    while (left > 0) {
      const { events, position, caughtUp } = await this.#parts.events.readAll(at, filter, Math.min(PAGE, left))
      if (events.length > 0) yield `${events.map((event) => JSON.stringify(shown(event))).join('\n')}\n`
      at = position
      left -= events.length
      if (caughtUp) break
    }
    yield `${JSON.stringify({ position: at })}\n`
  }
}

const shown = ({ id, stream, type, revision, position, schemaVersion, metadata, data }: RecordedEvent) => ({
  id,
  stream,
  type,
  revision,
  position,
  schemaVersion,
  occurredAt: toTime(metadata.occurredAt),
  actor: metadata.actor,
  correlationId: metadata.correlationId,
  causationId: metadata.causationId,
  data: timesForReaders(withoutSecrets(data)),
})

const SECRETS: readonly string[] = ['hash', 'tokenHash']

const SEALED = /^sealed:\d/

/** Sealed or hashed, they are of no use to a reader and not for a file that leaves the house. */
function withoutSecrets(data: unknown): unknown {
  if (typeof data === 'string' && SEALED.test(data)) return '***'
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return data
  return Object.fromEntries(
    Object.entries(data).map(([name, value]) => [name, SECRETS.includes(name) ? '***' : withoutSecrets(value)]),
  )
}
