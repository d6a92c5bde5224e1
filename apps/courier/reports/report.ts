import type { Instant } from '#domain/kernel/instant'
import { mailStream } from '#domain/mail/events'
import { failsQuietly } from '#domain/mail/forwarding'
import { wantsToKnow } from '#domain/mail/notifications'
import { recipientOf, type Mail, type RecipientState } from '#domain/mail/state'
import { aggregates } from '#infra/commands/aggregates'
import type { Commands } from '#infra/commands/commands'
import { acceptOwnMail, ownAddress, ownMailId } from '#infra/commands/own-mail'
import type { Policies } from '#infra/commands/policies'
import type { StreamStates } from '#infra/commands/stream-states'
import type { ContentStore } from '#infra/content-store/port'
import type { RecordedEvent } from '#infra/event-log/port'
import { composeDeliveryReport, type DeliveryReport } from '#infra/smtp/delivery-report'
import { headerOf, wholeOf } from '#infra/content-scan/header-of'
import { whomToTell, type TellingParts } from './may-be-told.ts'
import type { ReportedEvent } from './reported.ts'
import { headline, words } from './words.ts'

export interface ReportParts extends TellingParts {
  readonly commands: Pick<Commands, 'mail'>
  readonly states: StreamStates
  readonly content: Pick<ContentStore, 'open' | 'put'>
  readonly policies: Policies
  readonly clock: () => Instant
}

/** Who asked to have the whole mail back (RET=FULL) gets it up to so many octets, beyond that its header. */
const MOST_RETURNED = 1024 * 1024

/**
 * WhenBouncedThenReport, and what else a submitter wants to know (RFC 3461): a delivery status notification (RFC 3464) from `<>`, where one
 * may be sent. The report's mail id derives from the event: however often this runs, there is one.
 */
export const report = async (parts: ReportParts, recorded: RecordedEvent): Promise<void> => {
  const mailId = recorded.stream.slice('mail-'.length)
  const { state: mail } = await parts.states.loadAtLeast(aggregates.mail, mailStream(mailId), recorded.revision)
  const event = recorded as unknown as RecordedEvent & ReportedEvent
  const recipient = mail === null ? undefined : recipientOf(mail, event.data.recipient)
  if (mail === null || recipient === undefined || !isWanted(event, recipient) || failsQuietly(mail, recipient)) return
  const to = await whomToTell(parts, mail)
  if (to === null) return
  const { hostname } = mail.accepted
  const id = ownMailId('report', recorded)
  const from = { name: 'Mail Delivery', address: ownAddress('mailer-daemon', hostname) }
  const subject = `${headline(event)}: ${(mail.accepted.subject ?? '(no subject)').slice(0, 200)}`
  const messageId = `<${id}@${hostname}>`
  await parts.policies.fresh()
  const giveUpAt = new Date((recipient.clearedAt ?? mail.accepted.acceptedAt) + expireAfter(parts.policies, recipient))
  const raw = await composeDeliveryReport({
    hostname,
    from,
    to: to.address,
    messageId,
    boundary: mailId,
    date: new Date(event.data.at),
    subject,
    text: words(mail, recipient, event, giveUpAt),
    arrivedAt: new Date(mail.accepted.acceptedAt),
    envelopeId: mail.accepted.dsn?.envid ?? null,
    recipient: statusOf(recipient, event, giveUpAt),
    original: await originalOf(parts, mail, event),
  })
  const recipients = to.copies.map((copy) => ({ address: to.address, ...copy }))
  const declined = await acceptOwnMail(
    parts,
    { id, raw, acceptedAt: event.data.at, from, recipients, subject, messageId, hostname },
    { part: 'courier', correlationId: recorded.metadata.correlationId },
  )
  if (declined !== null) throw new Error(`the report about ${mailId} was declined: ${declined.reason}`)
}

const isWanted = ({ type }: ReportedEvent, recipient: RecipientState): boolean =>
  (type !== 'Bounced' && type !== 'QueueExpired') || wantsToKnow(recipient, 'FAILURE')

const expireAfter = (policies: Policies, { route }: RecipientState): number =>
  policies.current(route === 'relay' ? 'relay' : 'delivery').document.expireAfter

const statusOf = (recipient: RecipientState, event: ReportedEvent, giveUpAt: Date): DeliveryReport['recipient'] => {
  const { address, mailbox, notification } = recipient
  const { reply } = event.data
  const base = {
    address,
    mailbox,
    originalRecipient: notification?.orcpt ?? null,
    reply,
    at: new Date(event.data.at),
  }
  switch (event.type) {
    case 'Bounced': {
      const status = event.data.reply.enhancedCode ?? '5.0.0'
      return {
        ...base,
        action: 'failed',
        status: `5${status.slice(1)}`,
        remoteHost: hostOf(event.data),
        giveUpAt: null,
      }
    }
    case 'QueueExpired':
      return { ...base, action: 'failed', status: '5.4.7', remoteHost: recipient.host, giveUpAt: null }
    case 'DelayReported':
      return {
        ...base,
        action: 'delayed',
        status: event.data.reply.enhancedCode ?? '4.0.0',
        remoteHost: recipient.host,
        giveUpAt,
      }
    case 'ReceiptOwed':
      return {
        ...base,
        action: event.data.handedOn ? 'relayed' : 'delivered',
        status: event.data.reply.enhancedCode ?? '2.0.0',
        remoteHost: hostOf(event.data),
        giveUpAt: null,
      }
  }
}

/** Where an administrator gave up, nobody elsewhere said anything. */
const hostOf = ({ host }: { readonly host: string }): string | null => (host === 'administrator' ? null : host)

/** Of a failure as much as was asked for (RFC 3461 4.3), of all else the header. */
const originalOf = async (
  { content }: ReportParts,
  { accepted }: Mail,
  { type }: ReportedEvent,
): Promise<DeliveryReport['original']> => {
  // What went out: with the Message-ID by which the submitter's client knows it again.
  const { contentHash } = accepted.outgoing ?? accepted
  const failed = type === 'Bounced' || type === 'QueueExpired'
  const whole = failed && accepted.dsn?.ret === 'FULL' ? await wholeOf(content.open(contentHash), MOST_RETURNED) : null
  return whole === null ? { headers: await headerOf(content.open(contentHash)) } : { message: whole }
}
