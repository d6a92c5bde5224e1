import { isDeclined } from '#domain/kernel/decider'
import type { MailEvent } from '#domain/mail/events'
import { mailStream } from '#domain/mail/events'
import { aggregates } from '#infra/commands/aggregates'
import type { RecordedEvent } from '#infra/event-log/port'
import type { StewardParts } from './steward-parts.ts'

/** WhenReleasedThenTrust: the sender of a mail that was released with trust joins the recipient's allow list. */
export const trustSender = async (
  { clock, commands, logger, states }: StewardParts,
  event: RecordedEvent,
): Promise<void> => {
  const released = event as unknown as Extract<MailEvent, { type: 'Released' }>
  if (!released.data.trustSender) return
  const mailId = event.stream.slice('mail-'.length)
  const { state: mail } = await states.loadAtLeast(aggregates.mail, mailStream(mailId), event.revision)
  const sender = mail?.accepted.headerFrom?.address ?? mail?.accepted.reversePath
  if (sender === undefined || sender === null) return
  const outcome = await commands.mailbox(
    released.data.recipient,
    { kind: 'allow-sender', entry: sender, note: `released ${mailId}` },
    {
      actor: event.metadata.actor,
      now: clock(),
      commandId: `${event.id}/trust`,
      correlationId: event.metadata.correlationId,
    },
  )
  if (isDeclined(outcome))
    logger.warn({ mail: mailId, sender, reason: outcome.reason }, 'the sender could not be put on the allow list')
}
