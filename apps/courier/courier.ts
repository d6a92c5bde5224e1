import type { Instant } from '#domain/kernel/instant'
import { nextStep } from '#domain/mail/next-step'
import { recipientOf } from '#domain/mail/state'
import { mailStream } from '#domain/mail/events'
import { aggregates } from '#infra/commands/aggregates'
import type { StreamStates } from '#infra/commands/stream-states'
import type { EventLog } from '#infra/event-log/port'
import { OneAtATime, startDueWork, startReaction, type Reaction } from '#infra/event-log/reaction'
import { deliver, type DeliveryParts } from './delivery.ts'
import type { AwayDomains } from './due-deliveries.ts'
import { FAILURES, report, type ReportParts } from './reports.ts'
import { domainsAway } from './routes.ts'

/** What the courier stands on; apps/mailkeep puts it together. */
export interface CourierParts extends Omit<DeliveryParts, 'content'>, Pick<ReportParts, 'content'> {
  readonly log: EventLog
  readonly states: StreamStates
  /** Mails with a delivery to try now, at most so many of a kind. */
  readonly due: (now: Instant, limit: number, domains: AwayDomains) => readonly string[]
}

/** Types after which a delivery may be owed. */
const WAKES = ['Cleared', 'Released', 'RetryRequested', 'DeliveryUnheld', 'Redirected']
/** As many due mails are looked up at once. */
const BATCH = 500
const REPORTS_AT_ONCE = 4

/** WhenClearedThenDeliver: hands each recipient's copy to their mailbox host and records the reply. */
export class Courier {
  readonly #parts: CourierParts
  readonly #turns = new OneAtATime()
  /** An event older than this may stand for a delivery that an earlier life of this process made and could not record. */
  readonly #startedAt: Instant
  /** Deliveries of this life whose reply is not in the log (it could not be written): they may be there when they are made again. */
  readonly #unrecorded = new Set<string>()
  #running: Reaction[] = []

  constructor(parts: CourierParts) {
    this.#parts = parts
    this.#startedAt = parts.clock()
  }

  async start(): Promise<void> {
    const { domains, hosts, log, logger, policies } = this.#parts
    await Promise.all([domains.fresh(), policies.fresh()])
    const concurrency = policies.current('delivery').document.parallel
    this.#running = [
      await startReaction(log, {
        group: 'courier',
        filter: { types: WAKES },
        concurrency,
        react: (event) =>
          this.#deliverWhatIsOwed(event.stream.slice('mail-'.length), {
            revision: event.revision,
            repeat: event.metadata.occurredAt < this.#startedAt,
            now: event.type === 'RetryRequested',
          }),
        onFailure: (event, error, retryCount) =>
          logger.error({ err: error, mail: event.stream, retryCount }, 'delivery failed, it is tried again'),
      }),
      await startReaction(log, {
        group: 'courier-reports',
        filter: { types: FAILURES },
        concurrency: REPORTS_AT_ONCE,
        react: (event) => report(this.#parts, event),
        onFailure: (event, error, retryCount) =>
          logger.error(
            { err: error, mail: event.stream, retryCount },
            'a report of failure was not sent, it is tried again',
          ),
      }),
      startDueWork({
        due: () => this.#parts.due(this.#parts.clock(), BATCH, domainsAway(domains, hosts)),
        batch: BATCH,
        react: (mailId) => this.#deliverWhatIsOwed(mailId, { revision: null, repeat: true, now: false }),
        concurrency,
        everyMs: 500,
        onFailure: (mailId, error) => logger.error({ err: error, mail: mailId }, 'delivery failed, it is tried again'),
      }),
    ]
  }

  async stop(): Promise<void> {
    await Promise.all(this.#running.map((reaction) => reaction.stop()))
  }

  /** `revision`: of the event that says something is owed; null: whatever the log says now. */
  #deliverWhatIsOwed(
    mailId: string,
    { revision, repeat, now }: { revision: number | null; repeat: boolean; now: boolean },
  ): Promise<void> {
    return this.#turns.run(mailId, async () => {
      const { states } = this.#parts
      const { state: mail } =
        revision === null
          ? await states.loadNewest(aggregates.mail, mailStream(mailId))
          : await states.loadAtLeast(aggregates.mail, mailStream(mailId), revision)
      const time = this.#parts.clock()
      const failures: unknown[] = []
      for (const { recipient, attempt, dueAt } of nextStep(mail).deliveries) {
        const owed = mail === null ? undefined : recipientOf(mail, recipient)
        if (mail === null || owed?.route !== 'mailbox') continue
        // What waits for its host is tried whenever the host may be there, whatever its time.
        if (dueAt !== null && dueAt > time && owed.deferral !== 'host-away') continue
        const key = `${mailId}/${recipient}`
        const mayBeThere = repeat || attempt > 1 || this.#unrecorded.has(key)
        this.#unrecorded.add(key)
        try {
          await deliver(this.#parts, { mailId, mail, recipient: owed, attempt, repeat: mayBeThere, now })
          this.#unrecorded.delete(key)
        } catch (error) {
          failures.push(error)
        }
      }
      // What fails for one recipient must not keep the mail from the others.
      if (failures.length > 0) throw new AggregateError(failures, failures.map(String).join('; '))
    })
  }
}
