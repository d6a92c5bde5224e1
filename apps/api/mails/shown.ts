import type { ScoredSymbol } from '#domain/mail/events'
import { copyKey, type Mail, type RecipientState } from '#domain/mail/state'
import type { Reply } from '#domain/message/reply'
import type { RecordedEvent } from '#infra/event-log/port'
import type { MailRow, RecipientRow } from '#projections/mail-trace/tables'
import { toTime, toTimeOrNull } from '../resources/shapes.ts'
import { timesForReaders } from './event-times.ts'
import { visibleData } from './part.ts'

/** A mail folded from its stream. */
export const shownMail = (id: string, mail: Mail, events: readonly RecordedEvent[], visible: ReadonlySet<string>) => {
  const { accepted } = mail
  return {
    id,
    flow: accepted.flow,
    acceptedAt: toTime(accepted.acceptedAt),
    client: accepted.client,
    reversePath: accepted.reversePath,
    headerFrom: accepted.headerFrom?.address ?? null,
    headerFromName: accepted.headerFrom?.name ?? null,
    subject: accepted.subject,
    messageId: accepted.messageId,
    size: accepted.size,
    contentHash: mail.contentHash,
    account: accepted.account,
    authentication: mail.authentication?.results ?? null,
    policyVersion: mail.policyVersion,
    contentKept: !mail.dropped.includes(mail.contentHash),
    recipients: mail.recipients.filter(({ mailbox }) => visible.has(mailbox)).map((one) => shownRecipient(one, mail)),
    events: events.flatMap((event) => shownEvent(event, visible)),
  }
}

const shownRecipient = (recipient: RecipientState, { symbols, copies }: Mail) => ({
  address: recipient.address,
  mailbox: recipient.mailbox,
  route: recipient.route,
  state: recipient.state,
  reason: recipient.reason,
  score: recipient.score,
  threshold: recipient.threshold,
  symbols: recipient.score === null ? [] : symbols,
  reply: recipient.reply,
  archived: copies.get(copyKey(recipient.mailbox, 'received'))?.purged === false,
  held: recipient.held,
  attempts: recipient.attempts,
  dueAt: toTimeOrNull(recipient.dueAt),
  expiresAt: toTimeOrNull(recipient.expiresAt),
})

const shownEvent = (event: RecordedEvent, visible: ReadonlySet<string>) => {
  const data = visibleData(event.data, visible)
  if (data === null) return []
  const { id, type, revision, position, metadata } = event
  const { occurredAt, actor } = metadata
  return [{ id, type, revision, position, occurredAt: toTime(occurredAt), actor, data: timesForReaders(data) }]
}

/** A mail of the trace view, without its events. */
export const shownRow = (row: MailRow, recipients: readonly RecipientRow[]) => {
  const symbols = row.symbols === null ? [] : (JSON.parse(row.symbols) as ScoredSymbol[])
  return {
    id: row.mail,
    flow: row.flow,
    acceptedAt: toTime(row.acceptedAt),
    client: { address: row.clientAddress, name: row.clientName, helo: row.clientHelo },
    reversePath: row.reversePath,
    headerFrom: row.headerFrom,
    headerFromName: row.headerFromName,
    subject: row.subject,
    messageId: row.messageId,
    size: row.size,
    contentHash: row.contentHash,
    recipients: recipients.map((one) => ({
      address: one.address,
      mailbox: one.mailbox,
      route: one.route,
      state: one.state,
      reason: one.reason,
      score: one.score,
      threshold: one.threshold,
      symbols: one.score === null ? [] : symbols,
      reply: one.reply === null ? null : (JSON.parse(one.reply) as Reply),
      archived: one.archived === 1,
      held: one.held === 1,
      attempts: one.attempt,
      dueAt: toTimeOrNull(one.dueAt),
      expiresAt: toTimeOrNull(one.expiresAt),
    })),
  }
}
