import type { Logger } from 'pino'
import type { Instant } from '#domain/kernel/instant'
import { failsQuietly } from '#domain/mail/forwarding'
import type { Mail, RecipientState } from '#domain/mail/state'
import { formatReply, type Reply } from '#domain/message/reply'
import type { Policies } from '#infra/commands/policies'
import { countOutcomes, isTold, type DeliveryMetrics } from '../delivery.ts'
import type { RecordingQueue } from '../recording-queue.ts'
import type { TellingParts } from '../reports/may-be-told.ts'
import type { RelayedOver } from './hand-over.ts'

export interface RecordingParts extends TellingParts {
  readonly records: Pick<RecordingQueue, 'write'>
  readonly policies: Policies
  readonly clock: () => Instant
  readonly logger: Logger
  readonly metrics: DeliveryMetrics
}

interface Recorded {
  readonly mailId: string
  readonly mail: Mail
}

/** What an attempt for one recipient came to. */
export interface Settled {
  readonly recipient: RecipientState
  readonly attempt: number
  readonly reply: Reply
  readonly uncertain: boolean
}

const circumstanceOf = (away: boolean, uncertain: boolean): { circumstance?: 'destination-away' | 'uncertain' } =>
  away ? { circumstance: 'destination-away' } : uncertain ? { circumstance: 'uncertain' } : {}

/** All that a transaction came to. */
export const record = async (
  parts: RecordingParts,
  { mailId, mail }: Recorded,
  { host, transport, away }: Pick<RelayedOver, 'host' | 'transport' | 'away'>,
  settled: readonly Settled[],
): Promise<void> => {
  const { clock, logger, metrics, policies, records } = parts
  const { retryDelays, expireAfter } = policies.current('relay').document
  const now: Instant = clock()
  const deliveries = await Promise.all(
    settled.map(async ({ recipient, attempt, reply, uncertain }) => {
      // Only what came from outside is kept when nobody can be told: who submits a mail that asks for no answer wants none.
      const told =
        reply.code < 300 ||
        mail.accepted.flow !== 'inbound' ||
        failsQuietly(mail, recipient) ||
        (await isTold(parts, mail, recipient))
      return {
        kind: 'record-delivery' as const,
        recipient: recipient.mailbox,
        host,
        attempt,
        reply,
        now,
        retry: { delays: retryDelays, expireAfter },
        ...circumstanceOf(away, uncertain),
        atEnd: told ? ('bounce' as const) : ('keep' as const),
        ...(transport === null ? {} : { transport }),
      }
    }),
  )
  countOutcomes(metrics, host, await records.write(mailId, deliveries))
  for (const { recipient, attempt, reply } of settled)
    if (reply.code >= 300)
      logger.warn({ mail: mailId, recipient: recipient.mailbox, reply: formatReply(reply), attempt }, 'not relayed')
}
