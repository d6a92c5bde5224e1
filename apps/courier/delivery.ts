import { createHash } from 'node:crypto'
import type { Logger } from 'pino'
import type { Instant } from '#domain/kernel/instant'
import { domainOf } from '#domain/message/mailbox'
import { formatReply, isPermanent } from '#domain/message/reply'
import { wantsToKnow } from '#domain/mail/notifications'
import type { MailEvent } from '#domain/mail/events'
import { destinationOf, type Mail, type RecipientState } from '#domain/mail/state'
import type { HostedDomains } from '#infra/commands/hosted-domains'
import type { Policies } from '#infra/commands/policies'
import type { HandedOver, MailboxHosts } from '#infra/mailbox-host/port'
import { prepend } from './prepend.ts'
import type { RecordedDelivery, RecordingQueue } from './recording-queue.ts'
import { whomToTell, type TellingParts } from './reports/may-be-told.ts'
import { withoutForeignTraces } from './foreign-traces.ts'
import { routeOf } from './routes.ts'
import { traceHeaders } from './trace-headers.ts'

export interface DeliveryMetrics {
  delivered(host: string, outcome: 'delivered' | 'deferred' | 'failed'): void
}

export interface DeliveryParts extends TellingParts {
  readonly records: Pick<RecordingQueue, 'write' | 'writeNow'>
  readonly policies: Policies
  readonly domains: HostedDomains
  readonly hosts: MailboxHosts
  /** What the mailbox hosts of a domain are told where their route names a user. */
  readonly passwordOf: (domain: string) => string | null
  readonly clock: () => Instant
  readonly logger: Logger
  readonly metrics: DeliveryMetrics
}

export interface Attempt {
  readonly mailId: string
  readonly mail: Mail
  readonly recipient: RecipientState
  readonly attempt: number
  /** An earlier attempt may have got through. */
  readonly repeat: boolean
  /** A person asked: look at once whether a host that is away is back. */
  readonly now: boolean
}

/** One attempt for one recipient: to their mailbox host, and its reply into the log. */
export const deliver = async (parts: DeliveryParts, attempt: Attempt): Promise<void> => {
  const { clock, domains, policies } = parts
  await Promise.all([domains.fresh(), policies.fresh()])
  const handedOver = await handOver(parts, attempt)
  const { recipient } = attempt
  const due = recipient.dueAt !== null && recipient.dueAt <= clock()
  // It waits for its host already, and the host is still away: nothing has happened that the log doesn't know.
  if (handedOver.away && recipient.deferral === 'host-away' && !due) return
  await record(parts, attempt, handedOver)
}

const handOver = (
  { content, domains, hosts, passwordOf, policies }: DeliveryParts,
  { mailId, mail, recipient, repeat, now }: Attempt,
): Promise<HandedOver> => {
  const { accepted } = mail
  const { contentHash, size } = accepted.outgoing ?? accepted
  const mailbox = destinationOf(recipient)
  const domain = domainOf(mailbox)
  const headers = (returnPath: boolean): string =>
    traceHeaders(mailId, mail, recipient, policies.current('inspection').document.threshold, { returnPath })
  return hosts.deliver(
    routeOf(domains, domain),
    {
      deliveryId: `${Math.floor(accepted.acceptedAt / 1000)}.${mailId}_${shortHash(mailbox)}`,
      mailbox,
      reversePath: accepted.reversePath,
      repeat,
      size: size + headers(false).length,
      open: ({ addsReturnPath }) =>
        prepend(
          Buffer.from(headers(!addsReturnPath)),
          withoutForeignTraces(content.open(contentHash), accepted.hostname),
        ),
    },
    { password: passwordOf(domain), perHost: policies.current('delivery').document.perHost, now },
  )
}

const record = async (
  parts: DeliveryParts,
  { mailId, mail, recipient, attempt }: Attempt,
  { reply, host, away, uncertain }: HandedOver,
): Promise<void> => {
  const { clock, logger, metrics, policies, records } = parts
  const { retryDelays, expireAfter, mailboxFull } = policies.current('delivery').document
  const now = clock()
  // Asked only when it may be the end: it may mean to read the header.
  const soonest = (recipient.clearedAt ?? 0) + Math.min(expireAfter, mailboxFull.expireAfter)
  const mayEnd = isPermanent(reply) || now >= soonest
  const told = !mayEnd || (await isTold(parts, mail, recipient))
  const delivery: RecordedDelivery = {
    kind: 'record-delivery',
    recipient: recipient.mailbox,
    host,
    attempt,
    reply,
    now,
    retry: { delays: retryDelays, expireAfter },
    mailboxFull: { delays: mailboxFull.retryDelays, expireAfter: mailboxFull.expireAfter },
    ...(away ? { circumstance: 'host-away' } : uncertain ? { circumstance: 'uncertain' } : {}),
    atEnd: told ? 'bounce' : 'keep',
  }
  const mayBeThere = reply.code < 300 || uncertain
  const recorded = await (mayBeThere ? records.write(mailId, [delivery]) : records.writeNow(mailId, [delivery]))
  countOutcomes(metrics, host, recorded)
  if (reply.code >= 300)
    logger.warn({ mail: mailId, recipient: recipient.mailbox, reply: formatReply(reply), attempt }, 'not delivered')
}

/** Somebody gets to know of the failure, or has said that they don't want to. */
export const isTold = async (parts: TellingParts, mail: Mail, recipient: RecipientState): Promise<boolean> =>
  (mail.accepted.flow === 'submission' && !wantsToKnow(recipient, 'FAILURE')) ||
  (await whomToTell(parts, mail)) !== null

const OUTCOMES: Readonly<Record<string, 'delivered' | 'deferred' | 'failed'>> = {
  Delivered: 'delivered',
  Deferred: 'deferred',
  Bounced: 'failed',
  Undeliverable: 'failed',
  QueueExpired: 'failed',
}

/** What was recorded of deliveries to a host, for the metrics. */
export const countOutcomes = (metrics: DeliveryMetrics, host: string, recorded: readonly MailEvent[]): void => {
  for (const { type } of recorded) {
    const outcome = OUTCOMES[type]
    if (outcome !== undefined) metrics.delivered(host, outcome)
  }
}

const shortHash = (mailbox: string): string => createHash('sha256').update(mailbox).digest('hex').slice(0, 12)
