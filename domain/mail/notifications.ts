import type { Declined } from '../kernel/decider.ts'
import type { MailCommand } from './commands.ts'
import type { MailEvent } from './events.ts'
import { senderMayBeTold } from './sender-may-be-told.ts'
import { recipientOf, type Mail, type RecipientState } from './state.ts'

/** What a notice to the sender is about (RFC 3461 4.1). */
type Occasion = 'SUCCESS' | 'FAILURE' | 'DELAY'

/** Whether the submitter wants to be told: who said nothing wants to know of failures and delays (RFC 3461 4.1). */
export const wantsToKnow = ({ notification }: Pick<RecipientState, 'notification'>, occasion: Occasion): boolean => {
  const notify = notification?.notify ?? null
  return notify === null ? occasion !== 'SUCCESS' : notify.includes(occasion)
}

/** For who asked to be told of a delivery, unless the host that has it now sees to that. */
export const receipt = (
  recipient: RecipientState,
  { host, reply, now, transport }: Extract<MailCommand, { kind: 'record-delivery' }>,
): readonly MailEvent[] =>
  wantsToKnow(recipient, 'SUCCESS') && transport?.dsn !== true
    ? [
        {
          type: 'ReceiptOwed',
          data: { recipient: recipient.mailbox, host, reply, handedOn: recipient.route === 'relay', at: now },
        },
      ]
    : []

/** Once, for what waits and was submitted here; nobody else is told of delays. */
export const reportDelay = (
  mail: Mail,
  command: Extract<MailCommand, { kind: 'report-delay' }>,
): readonly MailEvent[] | Declined => {
  const recipient = recipientOf(mail, command.recipient)
  if (recipient === undefined) return []
  const { state, delayReported, clearedAt, reply, mailbox } = recipient
  if (state !== 'deferred' || delayReported || clearedAt === null || reply === null) return []
  if (command.now < clearedAt + command.after) return []
  if (mail.accepted.flow !== 'submission' || !senderMayBeTold(mail) || !wantsToKnow(recipient, 'DELAY')) return []
  return [{ type: 'DelayReported', data: { recipient: mailbox, reply, at: command.now } }]
}
