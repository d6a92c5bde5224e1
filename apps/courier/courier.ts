import { createHash } from 'node:crypto'
import type { Logger } from 'pino'
import { isDeclined } from '#domain/kernel/decider'
import type { Instant } from '#domain/kernel/instant'
import { domainOf } from '#domain/message/mailbox'
import { formatReply } from '#domain/message/reply'
import { nextStep } from '#domain/mail/next-step'
import { recipientOf, type Mail, type RecipientState } from '#domain/mail/state'
import { mailStream } from '#domain/mail/events'
import { aggregates } from '#infra/commands/aggregates'
import type { Commands } from '#infra/commands/commands'
import type { HostedDomains } from '#infra/commands/hosted-domains'
import type { Policies } from '#infra/commands/policies'
import type { StreamStates } from '#infra/commands/stream-states'
import type { ContentStore } from '#infra/content-store/port'
import type { EventLog } from '#infra/event-log/port'
import { OneAtATime, startDueWork, startReaction, type Reaction } from '#infra/event-log/reaction'
import type { MailboxHost } from '#infra/mailbox-host/port'
import { withoutForeignTraces } from './foreign-traces.ts'
import { traceHeaders } from './trace-headers.ts'

/** What the courier stands on; apps/mailkeep puts it together. */
export interface CourierParts {
  readonly log: EventLog
  readonly commands: Pick<Commands, 'mail'>
  readonly states: StreamStates
  readonly content: Pick<ContentStore, 'open'>
  readonly policies: Policies
  readonly domains: HostedDomains
  /** By the `mailboxHost` of a domain's settings. */
  readonly hosts: ReadonlyMap<string, MailboxHost>
  /** Mails with a delivery whose time has come, oldest first, from the delivery-queue view. */
  readonly due: (now: Instant, limit: number) => readonly string[]
  readonly clock: () => Instant
  readonly logger: Logger
  readonly metrics: { delivered(host: string, outcome: 'delivered' | 'deferred' | 'failed'): void }
}

/** Types after which a delivery may be owed. */
const WAKES = ['Cleared', 'Released', 'RetryRequested', 'DeliveryUnheld']

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
    const { log, logger, policies } = this.#parts
    await policies.fresh()
    const concurrency = policies.current('delivery').document.parallel
    this.#running = [
      await startReaction(log, {
        group: 'courier',
        filter: { types: WAKES },
        concurrency,
        react: (event) =>
          this.#deliverWhatIsOwed(
            event.stream.slice('mail-'.length),
            event.revision,
            event.metadata.occurredAt < this.#startedAt,
          ),
        onFailure: (event, error, retryCount) =>
          logger.error({ err: error, mail: event.stream, retryCount }, 'delivery failed, it is tried again'),
      }),
      startDueWork({
        due: () => this.#parts.due(this.#parts.clock(), 200),
        react: (mailId) => this.#deliverWhatIsOwed(mailId, null, true),
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
  #deliverWhatIsOwed(mailId: string, revision: number | null, repeat: boolean): Promise<void> {
    return this.#turns.run(mailId, async () => {
      const { states } = this.#parts
      const { state: mail } =
        revision === null
          ? await states.loadNewest(aggregates.mail, mailStream(mailId))
          : await states.loadAtLeast(aggregates.mail, mailStream(mailId), revision)
      const now = this.#parts.clock()
      const failures: unknown[] = []
      for (const { recipient, attempt, dueAt } of nextStep(mail).deliveries) {
        if (mail === null || (dueAt !== null && dueAt > now)) continue
        const owed = recipientOf(mail, recipient)
        if (owed?.route !== 'mailbox') continue
        const key = `${mailId}/${recipient}`
        const mayBeThere = repeat || attempt > 1 || this.#unrecorded.has(key)
        this.#unrecorded.add(key)
        try {
          await this.#deliver(mailId, mail, owed, attempt, mayBeThere)
          this.#unrecorded.delete(key)
        } catch (error) {
          failures.push(error)
        }
      }
      // What fails for one recipient must not keep the mail from the others.
      if (failures.length > 0) throw new AggregateError(failures, failures.map(String).join('; '))
    })
  }

  async #deliver(
    mailId: string,
    mail: Mail,
    recipient: RecipientState,
    attempt: number,
    repeat: boolean,
  ): Promise<void> {
    const { commands, content, clock, domains, hosts, logger, metrics, policies } = this.#parts
    await Promise.all([domains.fresh(), policies.fresh()])
    const { accepted } = mail
    const settings = domains.current(domainOf(recipient.mailbox))
    const host = hosts.get(settings?.mailboxHost ?? 'maildir') ?? unknownHost(settings?.mailboxHost ?? 'maildir')
    const reply = await host.deliver({
      deliveryId: `${Math.floor(accepted.acceptedAt / 1000)}.${mailId}_${shortHash(recipient.mailbox)}`,
      mailbox: recipient.mailbox,
      reversePath: accepted.reversePath,
      repeat,
      open: () =>
        prepend(
          traceHeaders(mailId, mail, recipient, policies.current('inspection').document.threshold),
          withoutForeignTraces(content.open(mail.contentHash), accepted.hostname),
        ),
    })
    const { retryDelays, expireAfter } = policies.current('delivery').document
    const commandId = `${mailId}/${recipient.mailbox}/delivery/${attempt}`
    const recorded = await commands.mail(
      mailId,
      {
        kind: 'record-delivery',
        recipient: recipient.mailbox,
        host: host.name,
        attempt,
        reply,
        now: clock(),
        retry: { delays: retryDelays, expireAfter },
      },
      { actor: { kind: 'system', part: 'courier' }, now: clock(), commandId, correlationId: mailId },
    )
    if (isDeclined(recorded))
      throw new Error(`delivery of ${mailId} to ${recipient.mailbox} was declined: ${recorded.reason}`)
    for (const { type } of recorded.events) {
      const outcome = OUTCOMES[type]
      if (outcome !== undefined) metrics.delivered(host.name, outcome)
    }
    if (reply.code >= 300)
      logger.warn({ mail: mailId, recipient: recipient.mailbox, reply: formatReply(reply), attempt }, 'not delivered')
  }
}

const OUTCOMES: Readonly<Record<string, 'delivered' | 'deferred' | 'failed'>> = {
  Delivered: 'delivered',
  Deferred: 'deferred',
  Bounced: 'failed',
  QueueExpired: 'failed',
}

/** A domain that names a host this build can't reach: its mail waits, and says why. */
const unknownHost = (name: string): MailboxHost => ({
  name,
  deliver: async () => ({
    code: 451,
    enhancedCode: '4.3.5',
    text: `The domain's mailbox host ${name} is not known here`,
  }),
})

async function* prepend(headers: string, message: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield Buffer.from(headers, 'utf8')
  yield* message
}

const shortHash = (mailbox: string): string => createHash('sha256').update(mailbox).digest('hex').slice(0, 12)
