import { setTimeout as sleep } from 'node:timers/promises'
import { ContentStoreUnavailable } from '#infra/content-store/port'
import { LogUnavailable, type EventFilter, type EventLog, type GroupDelivery, type RecordedEvent } from './port.ts'

/** One piece of work per key at a time; the others wait their turn in order. */
export class OneAtATime {
  readonly #last = new Map<string, Promise<unknown>>()

  async run<Result>(key: string, work: () => Promise<Result>): Promise<Result> {
    const before = this.#last.get(key)
    const mine = (async () => {
      if (before !== undefined) await before.then(undefined, () => undefined)
      return work()
    })()
    this.#last.set(key, mine)
    try {
      return await mine
    } finally {
      if (this.#last.get(key) === mine) this.#last.delete(key)
    }
  }

  get keys(): number {
    return this.#last.size
  }
}

export interface ReactionOptions {
  /** The group's name: who competes for these events. */
  readonly group: string
  readonly filter: EventFilter
  readonly concurrency: number
  /** Tries before the event is parked (an alarm tells). Tries that failed for want of a disk don't count. */
  readonly maxRetries?: number
  readonly timeoutMs?: number
  /**
   * Work for one event: loads the stream, asks the decider, and finds nothing to do the second time. Throws to be tried again. `claimed` answers the group
   * before the work begins, which an event claims by then (`EventLog.shared`): from there on a due time sees to it that the work is done.
   */
  react(event: RecordedEvent, claimed: () => void): Promise<void>
  onFailure(event: RecordedEvent, error: unknown, retryCount: number): void
}

/** A running `WhenXThenY`. */
export interface Reaction {
  /** Takes no more, waits for what is in flight. */
  stop(): Promise<void>
}

const MAX_BACK_OFF_MS = 5_000
/** How often the group hands an event out before it parks it by itself: the reaction parks much sooner, unless the disk is at fault. */
const HANDED_OUT_AT_MOST = 10_000

/**
 * Joins the group and reacts to its events, `concurrency` at a time. An event that keeps failing is tried again with back-off, then parked. While the log
 * or the content store can't write (a full disk) nothing is parked: no event is to blame, and all goes on by itself when they can.
 */
export const startReaction = async (log: EventLog, options: ReactionOptions): Promise<Reaction> => {
  const { concurrency, maxRetries = 8, timeoutMs = 10 * 60_000 } = options
  const subscription = await log.subscribeGroup(options.group, options.filter, {
    concurrency,
    maxRetries: HANDED_OUT_AT_MOST,
    timeoutMs,
  })
  const inFlight = new Set<Promise<void>>()
  const stopping = new AbortController()
  /** Tries that don't count, per event that is being tried. */
  const outagesOf = new Map<string, number>()

  const answer = async (delivery: GroupDelivery): Promise<void> => {
    let isClaimed = false
    const claimed = (): void => {
      isClaimed = true
      delivery.ack()
    }
    try {
      await options.react(delivery.event, claimed)
      outagesOf.delete(delivery.event.id)
      if (!isClaimed) delivery.ack()
    } catch (error) {
      options.onFailure(delivery.event, error, delivery.retryCount)
      if (isClaimed) {
        outagesOf.delete(delivery.event.id)
        return
      }
      const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
      const outages = outagesOf.get(delivery.event.id) ?? 0
      if (isOutage(error)) outagesOf.set(delivery.event.id, outages + 1)
      else if (delivery.retryCount - outages >= maxRetries) {
        outagesOf.delete(delivery.event.id)
        delivery.park(reason)
        return
      }
      await sleep(Math.min(MAX_BACK_OFF_MS, 50 * 2 ** delivery.retryCount), undefined, {
        signal: stopping.signal,
      }).catch(ignoreAbort)
      delivery.retry(reason)
    }
  }

  const running = (async () => {
    for await (const delivery of subscription) {
      const work: Promise<void> = answer(delivery).finally(() => inFlight.delete(work))
      inFlight.add(work)
      // The group counts what it has no answer to: what was claimed is still at work.
      while (inFlight.size >= concurrency && !stopping.signal.aborted) await Promise.race(inFlight)
    }
  })()

  return {
    async stop() {
      stopping.abort()
      while (inFlight.size > 0) await Promise.allSettled(inFlight)
      await subscription.close()
      await running
    },
  }
}

/** Nothing is wrong with the event: nothing can be written now. Of several failures at once, all have to say so. */
const isOutage = (error: unknown): boolean =>
  error instanceof AggregateError
    ? error.errors.length > 0 && error.errors.every(isOutage)
    : error instanceof LogUnavailable || error instanceof ContentStoreUnavailable

const ignoreAbort = (error: unknown): void => {
  if (!(error instanceof Error) || error.name !== 'AbortError') throw error
}

export interface DueWork {
  /** Keys whose due time has come, from a view; at most a batch. */
  due(): readonly string[]
  react(key: string): Promise<void>
  readonly concurrency: number
  /** With so many at once there are more: it looks again at once. */
  readonly batch?: number
  readonly everyMs: number
  onFailure(key: string, error: unknown): void
}

/** Looks at a view of due times again and again: waiting is a due time in an event, and this is the only clock that reads it. */
export const startDueWork = (work: DueWork): Reaction => {
  const stopping = new AbortController()
  const troubled = new BackOff(work.everyMs)
  const running = (async () => {
    while (!stopping.signal.aborted) {
      const keys = dueKeys(work).filter((key) => troubled.mayBeTried(key))
      const waiting = keys.values()
      const lane = async (): Promise<void> => {
        for (const key of waiting) {
          if (stopping.signal.aborted) return
          try {
            await work.react(key)
            troubled.worked(key)
          } catch (error) {
            troubled.failed(key, isOutage(error) ? MAX_BACK_OFF_MS : LONGEST_BACK_OFF_MS)
            work.onFailure(key, error)
          }
        }
      }
      await Promise.all(Array.from({ length: work.concurrency }, lane))
      const more = keys.length >= (work.batch ?? Number.POSITIVE_INFINITY)
      await sleep(more ? AGAIN_MS : work.everyMs, undefined, { signal: stopping.signal }).catch(ignoreAbort)
    }
  })()
  return {
    async stop() {
      stopping.abort()
      await running
    },
  }
}

/** For the view to take in what was done. */
const AGAIN_MS = 20
const LONGEST_BACK_OFF_MS = 5 * 60_000
/** Beyond it the oldest troubles are forgotten: those keys are tried as often as any. */
const MOST_TROUBLED = 10_000

/** What keeps failing is tried less and less often. */
class BackOff {
  readonly #firstMs: number
  readonly #failures = new Map<string, { readonly count: number; readonly until: number }>()

  constructor(firstMs: number) {
    this.#firstMs = firstMs
  }

  mayBeTried(key: string): boolean {
    return performance.now() >= (this.#failures.get(key)?.until ?? 0)
  }

  worked(key: string): void {
    this.#failures.delete(key)
  }

  failed(key: string, longestMs: number): void {
    const count = (this.#failures.get(key)?.count ?? 0) + 1
    const wait = Math.min(longestMs, this.#firstMs * 2 ** Math.min(count, 20))
    this.#failures.delete(key)
    this.#failures.set(key, { count, until: performance.now() + wait })
    const [oldest] = this.#failures.keys()
    if (this.#failures.size > MOST_TROUBLED && oldest !== undefined) this.#failures.delete(oldest)
  }
}

const dueKeys = (work: DueWork): readonly string[] => {
  try {
    return work.due()
  } catch (error) {
    work.onFailure('', error)
    return []
  }
}
