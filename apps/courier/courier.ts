import type { Instant } from '#domain/kernel/instant'
import { isClaimedByAnother } from '#domain/mail/claims'
import { nextStep } from '#domain/mail/next-step'
import { destinationOf, recipientOf, type Mail, type MailState } from '#domain/mail/state'
import { mailStream } from '#domain/mail/events'
import { domainOf } from '#domain/message/mailbox'
import { aggregates } from '#infra/commands/aggregates'
import type { StreamStates } from '#infra/commands/stream-states'
import type { EventLog } from '#infra/event-log/port'
import { OneAtATime, startDueWork, startReaction, type Reaction } from '#infra/event-log/reaction'
import { DeliveryClaims, type ClaimParts } from './claims.ts'
import { deliver, type Attempt, type DeliveryParts } from './delivery.ts'
import { forwardWhatIsOwed, type ForwardParts } from './forwards/forward.ts'
import type { Claimant } from '#infra/event-log/lease'
import type { AwayDomains } from './due-deliveries.ts'
import { startDelayWarnings, type DelayWarningParts } from './reports/delay-warnings.ts'
import { report, type ReportParts } from './reports/report.ts'
import { REPORTED } from './reports/reported.ts'
import { domainsAway, routeOf } from './routes.ts'

/** What the courier stands on; apps/mailkeep puts it together. */
export interface CourierParts
  extends
    Omit<DeliveryParts, 'content'>,
    Pick<ReportParts, 'content'>,
    Pick<DelayWarningParts, 'views'>,
    Pick<ForwardParts, 'views'>,
    Omit<ClaimParts, 'log'> {
  readonly log: EventLog
  readonly states: StreamStates
  /** Mails with a delivery to try now, at most so many of a kind. */
  readonly due: (now: Instant, limit: number, domains: AwayDomains, claimant: Claimant) => readonly string[]
}

/** Types after which a delivery may be owed. */
const WAKES = ['Cleared', 'Released', 'RetryRequested', 'DeliveryUnheld', 'Redirected', 'ForwardingFailed']
/** As many due mails are looked up at once. */
const BATCH = 500
const REPORTS_AT_ONCE = 4

/** WhenClearedThenDeliver: sees to what goes on to addresses outside, then hands each recipient's copy to their mailbox host and records the reply. */
export class Courier {
  readonly #parts: CourierParts
  readonly #claims: DeliveryClaims
  readonly #turns = new OneAtATime()
  /** An event older than this may stand for a delivery that an earlier life of this process made and could not record. */
  readonly #startedAt: Instant
  /** Deliveries of this life whose reply is not in the log (it could not be written): they may be there when they are made again. */
  readonly #unrecorded = new Set<string>()
  #running: Reaction[] = []

  constructor(parts: CourierParts) {
    this.#parts = parts
    this.#claims = new DeliveryClaims(parts)
    this.#startedAt = parts.clock()
  }

  async start(): Promise<void> {
    const { domains, hosts, log, logger, node, policies } = this.#parts
    await Promise.all([domains.fresh(), policies.fresh()])
    const concurrency = policies.current('delivery').document.parallel
    this.#running = [
      await startReaction(log, {
        group: 'courier',
        filter: { types: WAKES },
        concurrency,
        react: (event, claimed) =>
          this.#deliverWhatIsOwed(event.stream.slice('mail-'.length), {
            revision: event.revision,
            repeat: event.metadata.occurredAt < this.#startedAt,
            now: event.type === 'RetryRequested',
            claimed,
          }),
        onFailure: (event, error, retryCount) =>
          logger.error({ err: error, mail: event.stream, retryCount }, 'delivery failed, it is tried again'),
      }),
      await startReaction(log, {
        group: 'courier-reports',
        filter: { types: REPORTED },
        concurrency: REPORTS_AT_ONCE,
        react: (event) => report(this.#parts, event),
        onFailure: (event, error, retryCount) =>
          logger.error(
            { err: error, mail: event.stream, retryCount },
            'a report of failure was not sent, it is tried again',
          ),
      }),
      startDelayWarnings(this.#parts),
      startDueWork({
        due: () =>
          this.#parts.due(this.#parts.clock(), BATCH, domainsAway(domains, hosts), { node, since: this.#startedAt }),
        batch: BATCH,
        react: (mailId) =>
          this.#deliverWhatIsOwed(mailId, { revision: null, repeat: true, now: false, claimed: () => {} }),
        concurrency,
        everyMs: 500,
        onFailure: (mailId, error) => logger.error({ err: error, mail: mailId }, 'delivery failed, it is tried again'),
      }),
    ]
  }

  async stop(): Promise<void> {
    await Promise.all(this.#running.map((reaction) => reaction.stop()))
  }

  #deliverWhatIsOwed(mailId: string, call: Call): Promise<void> {
    return this.#turns.run(mailId, async () => {
      const { states } = this.#parts
      const { state: mail } =
        call.revision === null
          ? await states.loadNewest(aggregates.mail, mailStream(mailId))
          : await states.loadAtLeast(aggregates.mail, mailStream(mailId), call.revision)
      if (mail === null) return
      const forwarded = await forwardWhatIsOwed(this.#parts, mailId, mail)
      await this.#deliver(mailId, forwarded.mail, call)
      if (forwarded.failures.length > 0) throw together(forwarded.failures)
    })
  }

  async #deliver(mailId: string, mail: Mail, call: Call): Promise<void> {
    const { domains, log } = this.#parts
    const owed = this.#owed(mail)
    if (owed.length === 0) return
    if (log.shared) await domains.fresh()
    // Of a Maildir another node could at worst find that the mail is there already.
    const mayBeSlow = owed.some(({ recipient }) => routeOf(domains, domainOf(destinationOf(recipient))) !== null)
    if (!mayBeSlow) return this.#attempt(mailId, mail, owed, call)
    const recipients = owed.map(({ recipient }) => recipient.mailbox)
    await this.#claims.during({ mailId, mail, recipients, claimed: call.claimed }, (current, mine, lost) =>
      this.#attempt(
        mailId,
        current,
        this.#owed(current).filter(({ recipient }) => mine.has(recipient.mailbox)),
        call,
        lost,
      ),
    )
  }

  /** What this node may try now. */
  #owed(mail: MailState): readonly Owed[] {
    const { clock, node } = this.#parts
    const time = clock()
    return nextStep(mail, node).deliveries.flatMap(({ recipient: mailbox, attempt, dueAt }) => {
      const recipient = mail === null ? undefined : recipientOf(mail, mailbox)
      if (recipient?.route !== 'mailbox') return []
      // What waits for its host is tried whenever the host may be there, whatever its time.
      const isDue =
        recipient.deferral === 'host-away'
          ? !isClaimedByAnother(recipient.claim, node, time)
          : dueAt === null || dueAt <= time
      return isDue ? [{ recipient, attempt }] : []
    })
  }

  async #attempt(
    mailId: string,
    mail: Mail,
    owed: readonly Owed[],
    { repeat, now }: Call,
    lost?: AbortSignal,
  ): Promise<void> {
    const failures: unknown[] = []
    for (const { recipient, attempt } of owed) {
      if (lost?.aborted === true) break
      const key = `${mailId}/${recipient.mailbox}`
      const mayBeThere = repeat || attempt > 1 || this.#unrecorded.has(key)
      this.#unrecorded.add(key)
      try {
        await deliver(this.#parts, { mailId, mail, recipient, attempt, repeat: mayBeThere, now })
        this.#unrecorded.delete(key)
      } catch (error) {
        failures.push(error)
      }
    }
    // What fails for one recipient must not keep the mail from the others.
    if (failures.length > 0) throw together(failures)
  }
}

const together = (failures: readonly unknown[]): AggregateError =>
  new AggregateError(failures, failures.map(String).join('; '))

type Owed = Pick<Attempt, 'recipient' | 'attempt'>

/** Why the courier looks at a mail. */
interface Call extends Pick<Attempt, 'repeat' | 'now'> {
  /** Of the event that says something is owed; null: whatever the log says now. */
  readonly revision: number | null
  claimed(): void
}
