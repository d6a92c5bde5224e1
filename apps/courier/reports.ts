import type { Instant } from '#domain/kernel/instant'
import { mailStream, type MailEvent } from '#domain/mail/events'
import { senderMayBeTold } from '#domain/mail/sender-may-be-told'
import { recipientOf, type Mail, type RecipientState } from '#domain/mail/state'
import { formatReply } from '#domain/message/reply'
import { aggregates } from '#infra/commands/aggregates'
import type { Commands } from '#infra/commands/commands'
import { acceptOwnMail, ownAddress, ownMailId } from '#infra/commands/own-mail'
import type { StreamStates } from '#infra/commands/stream-states'
import type { ContentStore } from '#infra/content-store/port'
import type { RecordedEvent } from '#infra/event-log/port'
import { composeDeliveryReport } from '#infra/smtp/delivery-report'

export interface ReportParts {
  readonly commands: Pick<Commands, 'mail'>
  readonly states: StreamStates
  readonly content: Pick<ContentStore, 'open' | 'put'>
  /** The mailbox that an address of a hosted domain leads to; null: it leads elsewhere, or to more than one. */
  readonly localMailbox: (address: string) => string | null
  readonly clock: () => Instant
}

export const FAILURES = ['Bounced', 'QueueExpired']

/** So much of the header of a mail goes back to its sender. */
const MOST_HEADERS = 64 * 1024

/**
 * WhenBouncedThenReport: its sender is told (RFC 3464) where they may be (design.md §3, no backscatter) and can be: in a mailbox here. The
 * report's mail id derives from the event: however often this runs, there is one.
 */
export const report = async (parts: ReportParts, event: RecordedEvent): Promise<void> => {
  const mailId = event.stream.slice('mail-'.length)
  const { state: mail } = await parts.states.loadAtLeast(aggregates.mail, mailStream(mailId), event.revision)
  const failure = event as unknown as RecordedEvent & Extract<MailEvent, { type: 'Bounced' | 'QueueExpired' }>
  const recipient = mail === null ? undefined : recipientOf(mail, failure.data.recipient)
  if (mail === null || recipient === undefined || !senderMayBeTold(mail)) return
  const { reversePath, hostname } = mail.accepted
  const to = reversePath === null ? null : parts.localMailbox(reversePath)
  if (reversePath === null || to === null) return
  const id = ownMailId('report', event)
  const from = { name: 'Mail Delivery', address: ownAddress('mailer-daemon', hostname) }
  const subject = `Not delivered: ${(mail.accepted.subject ?? '(no subject)').slice(0, 200)}`
  const messageId = `<${id}@${hostname}>`
  const raw = await composeDeliveryReport({
    hostname,
    from,
    to: reversePath,
    messageId,
    date: new Date(failure.data.at),
    subject,
    text: words(mail, recipient, failure),
    arrivedAt: new Date(mail.accepted.acceptedAt),
    envelopeId: mailId,
    recipient: {
      address: recipient.address,
      mailbox: recipient.mailbox,
      reply: failure.data.reply,
      status: failure.type === 'QueueExpired' ? '4.4.7' : (failure.data.reply.enhancedCode ?? '5.0.0'),
      remoteHost: failure.type === 'Bounced' && failure.data.host.includes('://') ? failure.data.host : null,
      lastAttemptAt: new Date(failure.data.at),
    },
    originalHeaders: await headerOf(parts.content.open(mail.contentHash)),
  })
  const recipients = [{ address: reversePath, mailbox: to }]
  const declined = await acceptOwnMail(
    parts,
    { id, raw, acceptedAt: failure.data.at, from, recipients, subject, messageId, hostname },
    { part: 'courier', correlationId: event.metadata.correlationId },
  )
  if (declined !== null) throw new Error(`the report about ${mailId} was declined: ${declined.reason}`)
}

const words = (
  { accepted }: Mail,
  { address }: RecipientState,
  failure: Extract<MailEvent, { type: 'Bounced' | 'QueueExpired' }>,
): string => {
  const { reply } = failure.data
  const said = reply === null ? '' : `\n    ${formatReply(reply)}\n`
  return failure.type === 'QueueExpired'
    ? `Your mail of ${new Date(accepted.acceptedAt).toUTCString()} could not be delivered to ${address} within the time it is tried for, and is given up.\n${said === '' ? '' : `\nThe last reply was:\n${said}`}`
    : `Your mail of ${new Date(accepted.acceptedAt).toUTCString()} was not delivered to ${address}. The reply was:\n${said}`
}

/** Up to and with the last header field. */
const headerOf = async (message: AsyncIterable<Uint8Array>): Promise<Uint8Array> => {
  let head = Buffer.alloc(0)
  for await (const chunk of message) {
    head = Buffer.concat([head, chunk])
    if (head.length > MOST_HEADERS || head.includes('\r\n\r\n')) break
  }
  const end = head.indexOf('\r\n\r\n')
  if (end !== -1) return head.subarray(0, end + 2)
  return head.subarray(0, head.lastIndexOf('\r\n') + 2)
}
