import type { Logger } from 'pino'
import { isDeclined } from '#domain/kernel/decider'
import type { Instant } from '#domain/kernel/instant'
import type { Mail, RecipientState } from '#domain/mail/state'
import { formatReply, type Reply } from '#domain/message/reply'
import type { Commands } from '#infra/commands/commands'
import type { Policies } from '#infra/commands/policies'
import { isTold, OUTCOMES } from '../delivery.ts'
import type { TellingParts } from '../reports/may-be-told.ts'
import type { RelayedOver } from './hand-over.ts'

export interface RecordingParts extends TellingParts {
  readonly commands: Pick<Commands, 'mail'>
  readonly policies: Policies
  readonly clock: () => Instant
  readonly logger: Logger
  readonly metrics: { delivered(host: string, outcome: 'delivered' | 'deferred' | 'failed'): void }
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

/** So many outcomes fit into one append, however much servers say. */
const RECORDED_AT_ONCE = 200

/** All of a transaction in as few appends as may be. */
export const record = async (
  parts: RecordingParts,
  turnOf: Recorded,
  over: Pick<RelayedOver, 'host' | 'transport'>,
  settled: readonly Settled[],
): Promise<void> => {
  for (let from = 0; from < settled.length; from += RECORDED_AT_ONCE)
    await append(parts, turnOf, over, settled.slice(from, from + RECORDED_AT_ONCE))
}

const append = async (
  parts: RecordingParts,
  { mailId, mail }: Recorded,
  { host, transport }: Pick<RelayedOver, 'host' | 'transport'>,
  settled: readonly Settled[],
): Promise<void> => {
  const { clock, commands, logger, metrics, policies } = parts
  const { retryDelays, expireAfter } = policies.current('relay').document
  const now: Instant = clock()
  const deliveries = await Promise.all(
    settled.map(async ({ recipient, attempt, reply, uncertain }) => {
      // Only what came from outside is kept when nobody can be told: who submits a mail that asks for no answer wants none.
      const told = reply.code < 300 || mail.accepted.flow !== 'inbound' || (await isTold(parts, mail, recipient))
      return {
        kind: 'record-delivery' as const,
        recipient: recipient.mailbox,
        host,
        attempt,
        reply,
        now,
        retry: { delays: retryDelays, expireAfter },
        ...(uncertain ? { circumstance: 'uncertain' as const } : {}),
        atEnd: told ? ('bounce' as const) : ('keep' as const),
        ...(transport === null ? {} : { transport }),
      }
    }),
  )
  const [first] = settled
  const recorded = await commands.mail(
    mailId,
    { kind: 'record-deliveries', deliveries },
    {
      actor: { kind: 'system', part: 'courier' },
      now,
      commandId: `${mailId}/${first?.recipient.mailbox}/${settled.length}/relay/${first?.attempt}`,
      correlationId: mailId,
    },
  )
  if (isDeclined(recorded)) throw new Error(`what relaying ${mailId} came to was declined: ${recorded.reason}`)
  for (const { type } of recorded.events) {
    const outcome = OUTCOMES[type]
    if (outcome !== undefined) metrics.delivered(host, outcome)
  }
  for (const { recipient, attempt, reply } of settled)
    if (reply.code >= 300)
      logger.warn({ mail: mailId, recipient: recipient.mailbox, reply: formatReply(reply), attempt }, 'not relayed')
}
