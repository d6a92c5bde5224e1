import { randomUUID } from 'node:crypto'
import type { Actor } from '#domain/kernel/actor'
import type { EdgeEvent } from '#domain/edge/events'
import { WrongRevision, type EventLog, type NewEvent, type StreamName } from '#infra/event-log/port'

type RefusedData = Extract<EdgeEvent, { type: 'Refused' }>['data']
type AccessEvent = Exclude<EdgeEvent, { type: 'Refused' }>

interface Waiting {
  readonly event: EdgeEvent
  readonly actor: Actor
  readonly occurredAt: number
  /** Adds up while it waits and equal ones come. */
  count: number
  readonly done: ((error: Error | null) => void)[]
}

const FLUSH_AFTER_MS = 200
const FLUSH_AT = 250
/** Beyond this many waiting, equal refusals of one client are counted instead of kept one by one. */
const GROUP_BEYOND = 2_000

/**
 * The streams with one writer each (design.md §5): `refusals-<node>-<day>` and `access-<node>-<day>`. Written in batches beside the
 * accept path, which never waits for them; `access` answers when its event is durable.
 */
export class Journal {
  readonly #log: EventLog
  readonly #node: string
  readonly #now: () => number
  readonly #onError: (error: Error) => void
  readonly #queues: Record<'refusals' | 'access', Waiting[]> = { refusals: [], access: [] }
  readonly #revisions = new Map<StreamName, number | null>()
  #timer: NodeJS.Timeout | null = null
  #writing: Promise<void> = Promise.resolve()

  constructor(log: EventLog, node: string, now: () => number, onError: (error: Error) => void) {
    this.#log = log
    this.#node = node.replaceAll(/[^A-Za-z0-9.]/g, '_')
    this.#now = now
    this.#onError = onError
  }

  /** Records a refusal soon; never throws. */
  refused(refusal: Omit<RefusedData, 'id' | 'count'>, actor: Actor): void {
    const queue = this.#queues.refusals
    if (queue.length >= GROUP_BEYOND) {
      const equal = queue.findLast(
        ({ event }) =>
          event.type === 'Refused' &&
          event.data.check === refusal.check &&
          event.data.client.address === refusal.client.address,
      )
      if (equal) {
        equal.count += 1
        return
      }
    }
    queue.push({
      event: { type: 'Refused', data: { ...refusal, id: randomUUID(), count: 1 } },
      actor,
      occurredAt: this.#now(),
      count: 1,
      done: [],
    })
    if (queue.length >= FLUSH_AT) void this.flush()
    else this.#timer ??= setTimeout(() => void this.flush(), FLUSH_AFTER_MS).unref()
  }

  /** Durable when the promise resolves. */
  access(event: AccessEvent, actor: Actor): Promise<void> {
    return new Promise((resolve, reject) => {
      const done = (error: Error | null) => (error === null ? resolve() : reject(error))
      this.#queues.access.push({ event, actor, occurredAt: this.#now(), count: 1, done: [done] })
      void this.flush()
    })
  }

  /** Writes what waits; resolves when it is written (or reported). */
  flush(): Promise<void> {
    if (this.#timer) clearTimeout(this.#timer)
    this.#timer = null
    this.#writing = this.#writing.then(() => this.#writeAll())
    return this.#writing
  }

  async #writeAll(): Promise<void> {
    for (const kind of ['refusals', 'access'] as const) {
      while (this.#queues[kind].length > 0) {
        const batch = this.#queues[kind].splice(0, FLUSH_AT)
        try {
          for (const [day, ofDay] of Map.groupBy(batch, ({ occurredAt }) =>
            new Date(occurredAt).toISOString().slice(0, 10),
          ))
            await this.#append(`${kind}-${this.#node}-${day}`, ofDay)
          for (const { done } of batch) for (const tell of done) tell(null)
        } catch (error) {
          const cause = error instanceof Error ? error : new Error(String(error))
          for (const { done } of batch) for (const tell of done) tell(cause)
          this.#onError(cause)
        }
      }
    }
  }

  async #append(stream: StreamName, batch: readonly Waiting[]): Promise<void> {
    const events = batch.map(({ event, actor, occurredAt, count }): NewEvent => {
      const id = randomUUID()
      const data = event.type === 'Refused' ? { ...event.data, count } : event.data
      return { id, type: event.type, data, metadata: { occurredAt, actor, correlationId: id, causationId: id } }
    })
    for (let attempt = 0; ; attempt++) {
      let revision = this.#revisions.get(stream)
      if (revision === undefined)
        revision = (await this.#log.readStream(stream, { direction: 'backwards', limit: 1 }))[0]?.revision ?? null
      try {
        const appended = await this.#log.append(stream, revision ?? 'noStream', events)
        if (this.#revisions.size > 4) this.#revisions.clear()
        this.#revisions.set(stream, appended.revision)
        return
      } catch (error) {
        this.#revisions.delete(stream)
        if (!(error instanceof WrongRevision) || attempt >= 3) throw error
      }
    }
  }
}
