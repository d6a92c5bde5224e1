import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { eventType } from '#domain/kernel/event-type'
import { createCodec } from '#infra/event-log/codec'
import type {
  EventLog,
  GroupDelivery,
  GroupSubscription,
  NewEvent,
  RecordedEvent,
  StreamName,
} from '#infra/event-log/port'

const opened = eventType('Opened', z.object({ note: z.string() }))
const counted = eventType('Counted', z.object({ number: z.number() }))
const closed = eventType('Closed', z.object({ note: z.string() }))

/** What the engine under test must be opened with. */
export const contractCodec = createCodec([opened, counted, closed])

export interface OpenedLog {
  readonly log: EventLog
  /** Closes it and opens it anew over what was stored. */
  reopen(): Promise<EventLog>
  /** Closes whatever is open and removes what was stored. */
  close(): Promise<void>
}

export const opening = (note = 'hello'): NewEvent => event('Opened', { note })
export const counting = (number: number): NewEvent => event('Counted', { number })
export const closing = (note = 'bye'): NewEvent => event('Closed', { note })

const event = (type: string, data: unknown): NewEvent => ({
  id: randomUUID(),
  type,
  data,
  metadata: {
    occurredAt: 1_700_000_000_000,
    actor: { kind: 'account', address: 'ann@example.org' },
    correlationId: 'correlation',
    causationId: 'cause',
  },
})

/** A category that no other test uses: an engine may be shared and hold other events. */
export const freshCategory = (): string => `t${randomUUID().slice(0, 8)}`
export const streamIn = (category: string, id: string | number = 'one'): StreamName => `${category}-${id}`

/** Appends `count` events `Counted` 0.. to a new stream. */
export const fill = async (log: EventLog, stream: StreamName, count: number): Promise<void> => {
  const events = Array.from({ length: count }, (_, number) => counting(number))
  for (let at = 0; at < count; at += 500) {
    await log.append(stream, at === 0 ? 'noStream' : at - 1, events.slice(at, at + 500))
  }
}

export const ids = (events: readonly { readonly id: string }[]): string[] => events.map(({ id }) => id)
export const numbers = (events: readonly RecordedEvent[]): unknown[] =>
  events.map(({ data }) => (typeof data === 'object' && data !== null && 'number' in data ? data.number : data))

/** Everything that matches, page by page. */
export const readEverything = async (
  log: Pick<EventLog, 'readAll'>,
  categories: readonly string[],
  limit = 100,
): Promise<RecordedEvent[]> => {
  const events: RecordedEvent[] = []
  let page = await log.readAll(null, { categories }, limit)
  for (;;) {
    events.push(...page.events)
    if (page.caughtUp) return events
    page = await log.readAll(page.position, { categories }, limit)
  }
}

/** The next delivery; the subscription must not have ended. */
export const nextOf = async (deliveries: AsyncIterator<GroupDelivery>): Promise<GroupDelivery> => {
  const { done, value } = await deliveries.next()
  if (done === true) throw new Error('the group has ended')
  return value
}

export const iterate = (group: GroupSubscription): AsyncIterator<GroupDelivery> => group[Symbol.asyncIterator]()

/** What a test sees of the log it works on. */
export interface LogUnderTest {
  readonly log: EventLog
  reopen(): Promise<EventLog>
}
