import { dueBy } from '#domain/archive/due'
import { stampOf } from '#domain/archive/retention'
import { isArchivable } from '#domain/mail/archiving'
import { copyKey, type Copy } from '#domain/mail/state'
import { mailStream, type MailEvent } from '#domain/mail/events'
import type { EventLog, RecordedEvent } from '#infra/event-log/port'
import type { ArchiveTerms } from './archive-terms.ts'
import { asDomainEvent } from './stream-states.ts'

/** A copy that an account's archive is owed. */
export type OwedCopy = Pick<Copy, 'account' | 'role' | 'dueAt' | 'retainUntil'> & { readonly held: boolean }

/** The copy that this event makes due, for who was subscribed when it was written; null: none. `terms.fresh()` has been called since. */
export const owedBy = (terms: Pick<ArchiveTerms, 'asOf'>, event: RecordedEvent): OwedCopy | null => {
  const due = dueBy(asDomainEvent<MailEvent>(event), event.metadata.occurredAt)
  if (due === null) return null
  const { account, role, at, held } = due
  const { subscribed, retention, quarantined } = terms.asOf(account, event.position)
  return subscribed && (quarantined || !held)
    ? { account, role, dueAt: at, retainUntil: stampOf(at, retention), held }
    : null
}

const PAGE = 1_000

/**
 * What the archive is owed of a mail and does not have: everything that ever became due, as of the position where it did, and was never
 * archived. From the mail's stream alone, so that whoever asks gets the same answer, however late.
 */
export const owedCopies = async (
  { log, terms }: { readonly log: Pick<EventLog, 'readStream'>; readonly terms: ArchiveTerms },
  mailId: string,
): Promise<readonly OwedCopy[]> => {
  const made = new Set<string>()
  const mailboxes = new Set<string>()
  const perhaps: RecordedEvent[] = []
  for (let from = 0; ; from += PAGE) {
    const page = await log.readStream(mailStream(mailId), { from, limit: PAGE })
    for (const recorded of page) {
      const event = asDomainEvent<MailEvent>(recorded)
      if (event.type === 'Archived') made.add(copyKey(event.data.account, event.data.role))
      if (event.type === 'Accepted')
        for (const recipient of event.data.recipients.filter(isArchivable)) mailboxes.add(recipient.mailbox)
      const due = dueBy(event, recorded.metadata.occurredAt)
      if (due !== null && (due.role === 'sent' || mailboxes.has(due.account))) perhaps.push(recorded)
    }
    if (page.length < PAGE) break
  }
  // Only now is known what held at each of them.
  await terms.fresh()
  const owed = new Map<string, OwedCopy>()
  for (const recorded of perhaps) {
    const copy = owedBy(terms, recorded)
    if (copy === null) continue
    const key = copyKey(copy.account, copy.role)
    // The first moment counts: what was due while held is no later for being cleared.
    if (!made.has(key) && !owed.has(key)) owed.set(key, copy)
  }
  return [...owed.values()]
}
