import { Declined } from '../kernel/decider.ts'
import type { CopyRole } from '../archive/copy.ts'
import type { Address } from '../message/mailbox.ts'
import type { CopyToMake, MailCommand } from './commands.ts'
import type { MailEvent } from './events.ts'
import { hasMailbox } from './forwarding.ts'
import { copyKey, recipientOf, type Mail, type RecipientState } from './state.ts'

type Command<Kind extends MailCommand['kind']> = Extract<MailCommand, { kind: Kind }>

/** Copies that are due and were never made, each once; what was purged is not made again. */
export const archive = (mail: Mail, { copies }: Command<'archive'>): readonly MailEvent[] | Declined => {
  const made = new Set<string>()
  const events: MailEvent[] = []
  for (const copy of copies) {
    const key = copyKey(copy.account, copy.role)
    if (mail.copies.has(key) || made.has(key)) continue
    const problem = notDue(mail, copy)
    if (problem !== null) return problem
    made.add(key)
    events.push(archived(mail, copy))
  }
  return events
}

/** The account submitted it: its copy is due since acceptance, and the original with its Bcc. */
const isSender = ({ accepted }: Mail, account: Address): boolean =>
  accepted.flow === 'submission' && accepted.account?.toLowerCase() === account

/** Somebody's mailbox here: not an address outside, nor one that only stands for addresses outside. */
export const isArchivable = (recipient: Pick<RecipientState, 'route' | 'forward'>): boolean =>
  recipient.route === 'mailbox' && hasMailbox(recipient)

const notDue = (mail: Mail, { account, role, held }: CopyToMake): Declined | null => {
  if (mail.dropped.includes(contentOf(mail, role).contentHash))
    return new Declined('conflict', 'its content is no longer kept')
  if (role === 'sent')
    return isSender(mail, account) ? null : new Declined('conflict', `${account} did not send this mail`)
  const recipient = recipientOf(mail, account)
  if (recipient === undefined || !isArchivable(recipient))
    return new Declined('conflict', `${account} is no mailbox that this mail is for`)
  return held || recipient.clearedAt !== null
    ? null
    : new Declined('conflict', `the mail has not been cleared for ${account}`)
}

/** What is archived for a role: the submitter's original, or what goes out to recipients. */
export const contentOf = (
  { accepted }: Mail,
  role: CopyRole,
): { readonly contentHash: string; readonly size: number } => {
  const { contentHash, size } = role === 'sent' ? accepted : (accepted.outgoing ?? accepted)
  return { contentHash, size }
}

const archived = (mail: Mail, { account, role, dueAt, retainUntil, to }: CopyToMake): MailEvent => {
  const { headerFrom, subject } = mail.accepted
  return {
    type: 'Archived',
    data: {
      account,
      role,
      ...contentOf(mail, role),
      dueAt,
      retainUntil,
      headerFrom: headerFrom === null ? null : { ...headerFrom, name: beginning(headerFrom.name, 500) },
      to: [...to],
      subject: beginning(subject, 1_000),
    },
  }
}

/** Never half a character. */
const beginning = (text: string | null, most: number): string | null => text?.slice(0, most).toWellFormed() ?? null

export const recordPurge = (
  mail: Mail,
  { account, role }: Command<'record-purge'>,
): readonly MailEvent[] | Declined => {
  const copy = mail.copies.get(copyKey(account, role))
  if (copy === undefined) return new Declined('not-found', `${account} has no such copy of this mail`)
  return copy.purged ? [] : [{ type: 'CopyPurged', data: { account, role, contentHash: copy.contentHash } }]
}
