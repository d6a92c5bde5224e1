import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { eventType } from '#domain/kernel/event-type'
import type { EventLog, NewEvent } from '#infra/event-log/port'

export const accepted = eventType(
  'BenchAccepted',
  z.object({
    client: z.object({ address: z.string(), helo: z.string(), tls: z.boolean() }),
    reversePath: z.string().nullable(),
    recipients: z.array(z.object({ address: z.string(), mailbox: z.string() })),
    content: z.object({ hash: z.string(), size: z.number().int().nonnegative() }),
    subject: z.string(),
  }),
)

export interface Mail {
  readonly stream: `mail-${string}`
  readonly event: NewEvent
}

const DATA = {
  client: { address: '192.0.2.17', helo: 'mail.example.org', tls: true },
  reversePath: 'sender@example.org',
  recipients: [{ address: 'ann@mailkeep.test', mailbox: 'ann@mailkeep.test' }],
  content: { hash: 'c'.repeat(64), size: 4_096 },
  subject: 'Minutes of the meeting on Tuesday',
}

/** The data is shared: what the collector has to carry for the load itself should not count as the log's. */
export const mail = (number: number): Mail => {
  const id = randomUUID()
  return {
    stream: `mail-01J${String(number).padStart(23, '0')}`,
    event: {
      id,
      type: accepted.type,
      data: DATA,
      metadata: {
        occurredAt: 1_700_000_000_000 + number,
        actor: { kind: 'system', part: 'mx' },
        correlationId: id,
        causationId: id,
      },
    },
  }
}

/** Milliseconds that so many concurrent writers need, each waiting for its answer before the next. */
export const appendAll = async (log: EventLog, mails: readonly Mail[], writers: number): Promise<number> => {
  const queue = mails.values()
  const started = performance.now()
  const writer = async () => {
    for (const { stream, event } of queue) await log.append(stream, 'noStream', [event])
  }
  await Promise.all(Array.from({ length: writers }, writer))
  return performance.now() - started
}

export const rate = (appends: number, milliseconds: number): number => (appends / milliseconds) * 1_000
