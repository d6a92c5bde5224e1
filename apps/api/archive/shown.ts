import type { HeaderMailbox } from '#domain/archive/copy'
import type { Mail, RecipientState } from '#domain/mail/state'
import type { ArchivedRow } from '#projections/archive-index/projection'
import { toTime } from '../resources/shapes.ts'
import type { ArchiveReader } from './reading.ts'

/** As lists and searches show it. */
export const shownItem = (row: ArchivedRow, highlights: readonly string[]) => ({
  id: row.id,
  mail: row.mail,
  account: row.account,
  role: row.role,
  archivedAt: toTime(row.archivedAt),
  headerFrom: row.headerFrom,
  headerFromName: row.headerFromName,
  to: (JSON.parse(row.headerTo) as HeaderMailbox[]).map(({ address }) => address),
  subject: row.subject,
  size: row.size,
  highlights,
})

/** With what became of the mail. Whoever received it sees no other recipient; who sent it and officers see them all. */
export const shownArchived = (row: ArchivedRow, mail: Mail, reader: ArchiveReader) => {
  const { accepted } = mail
  const all = reader.as === 'compliance' || row.role === 'sent'
  const recipients = mail.recipients.filter(({ mailbox }) => all || mailbox === row.account)
  return {
    ...shownItem(row, []),
    contentHash: row.contentHash,
    messageId: accepted.messageId,
    flow: accepted.flow,
    acceptedAt: toTime(accepted.acceptedAt),
    dueAt: toTime(row.dueAt),
    client: accepted.client,
    envelope: { reversePath: accepted.reversePath, recipients: recipients.map(shownRecipient) },
    authentication: mail.authentication?.results ?? null,
    symbols: mail.symbols,
    policyVersion: mail.policyVersion,
  }
}

const shownRecipient = ({ address, mailbox, route, state, reason, score, threshold, reply }: RecipientState) => ({
  address,
  mailbox,
  route,
  state,
  reason,
  score,
  threshold,
  reply,
})
