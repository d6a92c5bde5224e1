import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import { isDeclined } from '#domain/kernel/decider'
import type { Instant } from '#domain/kernel/instant'
import type { MailCommand } from '#domain/mail/commands'
import type { MailEvent } from '#domain/mail/events'
import type { Commands } from '#infra/commands/commands'
import { Contended } from '#infra/commands/execute'
import { LogUnavailable } from '#infra/event-log/port'

export type RecordedDelivery = Extract<MailCommand, { kind: 'record-delivery' }>

export interface RecordingQueueParts {
  readonly commands: Pick<Commands, 'mail'>
  readonly clock: () => Instant
  readonly logger: Logger
}

interface Waiting {
  readonly deliveries: readonly RecordedDelivery[]
  readonly resolve: (events: readonly MailEvent[]) => void
  readonly reject: (reason: unknown) => void
}

/** Of one append. What servers said may be stored twice (in a receipt that is owed as well), and twice as long as it was (escaped). */
const MOST_DELIVERIES = 200
const MOST_OCTETS = 200 * 1024
const FIRST_PAUSE_MS = 100
const LONGEST_PAUSE_MS = 5_000

/**
 * What became of deliveries, on its way into the log. Of one mail one append is made at a time, with all that came meanwhile: many hosts answer
 * at once. What can't be written now (a full disk) is kept and written as soon as it can be: a delivery that was forgotten would be made again.
 */
export class RecordingQueue {
  readonly #parts: RecordingQueueParts
  readonly #waiting = new Map<string, Waiting[]>()
  readonly #stopping = new AbortController()
  #heldUp = 0

  constructor(parts: RecordingQueueParts) {
    this.#parts = parts
  }

  /** The log takes nothing at the moment: whatever was delivered now would only wait as well. */
  get isHeldUp(): boolean {
    return this.#heldUp > 0
  }

  /** Answers what was appended for these deliveries when it is durable. Rejects when they are declined, and what can't be written by `stop`. */
  async write(mailId: string, deliveries: readonly RecordedDelivery[]): Promise<readonly MailEvent[]> {
    const written = await Promise.all(inAppends(deliveries).map((some) => this.#ask(mailId, some)))
    return written.flat()
  }

  /** For what may as well happen again (nothing was delivered): once, now. Throws `LogUnavailable`, `Contended`. */
  writeNow(mailId: string, deliveries: readonly RecordedDelivery[]): Promise<readonly MailEvent[]> {
    return this.#once(mailId, deliveries)
  }

  /** What can't be written is tried once more and given up. */
  stop(): void {
    this.#stopping.abort()
  }

  #ask(mailId: string, deliveries: readonly RecordedDelivery[]): Promise<readonly MailEvent[]> {
    return new Promise((resolve, reject) => {
      const mine = { deliveries, resolve, reject }
      const queue = this.#waiting.get(mailId)
      if (queue !== undefined) return void queue.push(mine)
      const begun = [mine]
      this.#waiting.set(mailId, begun)
      void this.#work(mailId, begun)
    })
  }

  async #work(mailId: string, queue: Waiting[]): Promise<void> {
    while (queue.length > 0) {
      const batch = queue.splice(0, fitting(queue))
      try {
        const events = await this.#append(
          mailId,
          batch.flatMap(({ deliveries }) => deliveries),
        )
        for (const { deliveries, resolve } of batch) resolve(events.filter((event) => isAbout(event, deliveries)))
      } catch (error) {
        for (const { reject } of batch) reject(error)
      }
    }
    this.#waiting.delete(mailId)
  }

  async #append(mailId: string, deliveries: readonly RecordedDelivery[]): Promise<readonly MailEvent[]> {
    let pause = FIRST_PAUSE_MS
    let isHeldUp = false
    try {
      for (;;) {
        try {
          return await this.#once(mailId, deliveries)
        } catch (error) {
          if (!mayWorkLater(error) || this.#stopping.signal.aborted) throw error
          if (!isHeldUp) {
            isHeldUp = true
            this.#heldUp += 1
            this.#parts.logger.error(
              { err: error, mail: mailId },
              'what became of deliveries could not be recorded, it is tried again',
            )
          }
        }
        await sleep(pause, undefined, { signal: this.#stopping.signal }).catch(() => undefined)
        pause = Math.min(LONGEST_PAUSE_MS, pause * 2)
      }
    } finally {
      if (isHeldUp) this.#heldUp -= 1
    }
  }

  async #once(mailId: string, deliveries: readonly RecordedDelivery[]): Promise<readonly MailEvent[]> {
    const { clock, commands } = this.#parts
    const recorded = await commands.mail(
      mailId,
      { kind: 'record-deliveries', deliveries },
      {
        actor: { kind: 'system', part: 'courier' },
        now: clock(),
        commandId: `${mailId}/deliveries/${digestOf(deliveries)}`,
        correlationId: mailId,
      },
    )
    if (isDeclined(recorded)) throw new Error(`what became of deliveries of ${mailId} was declined: ${recorded.reason}`)
    return recorded.events
  }
}

/** Nothing is wrong with what is to be written. A log that is closed stays so. */
const mayWorkLater = (error: unknown): boolean =>
  error instanceof Contended || (error instanceof LogUnavailable && error.why !== 'closed')

const octetsOf = (deliveries: readonly RecordedDelivery[]): number =>
  deliveries.reduce((sum, { recipient, reply, transport }) => {
    const said = Buffer.byteLength(reply.text) + Buffer.byteLength(transport?.remark ?? '')
    return sum + 1_000 + Buffer.byteLength(recipient) + said
  }, 0)

const fits = (deliveries: readonly RecordedDelivery[]): boolean =>
  deliveries.length <= MOST_DELIVERIES && octetsOf(deliveries) <= MOST_OCTETS

/** In pieces each of which fits into one append. */
const inAppends = (deliveries: readonly RecordedDelivery[]): readonly (readonly RecordedDelivery[])[] => {
  if (deliveries.length < 2 || fits(deliveries)) return deliveries.length === 0 ? [] : [deliveries]
  const middle = Math.ceil(deliveries.length / 2)
  return [...inAppends(deliveries.slice(0, middle)), ...inAppends(deliveries.slice(middle))]
}

/** How many of those that wait fit into one append; one does. */
const fitting = (queue: readonly Waiting[]): number => {
  const together: RecordedDelivery[] = []
  const over = queue.findIndex(({ deliveries }, place) => {
    together.push(...deliveries)
    return place > 0 && !fits(together)
  })
  return over === -1 ? queue.length : over
}

const isAbout = ({ data }: MailEvent, deliveries: readonly RecordedDelivery[]): boolean =>
  'recipient' in data && deliveries.some(({ recipient }) => recipient === data.recipient)

/** The same deliveries and attempts, the same append. */
const digestOf = (deliveries: readonly RecordedDelivery[]): string =>
  createHash('sha256')
    .update(deliveries.map(({ recipient, attempt, reply }) => `${recipient} ${attempt} ${reply.code}\n`).join(''))
    .digest('hex')
    .slice(0, 24)
