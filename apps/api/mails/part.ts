import { type Mail, type RecipientState, recipientOf } from '#domain/mail/state'
import { domainOf } from '#domain/message/mailbox'
import { administers, type Asker } from '../route/asker.ts'

/**
 * Which recipients of a mail somebody may know of (design.md §3): a user their own, an administrator those of their domain. Who sent the mail
 * knows all of them, and so does the administrator of the sender: to them the sender's account is visible, too.
 */
export function visibleRecipients(
  asker: Asker,
  mail: { readonly account: string | null; readonly recipients: readonly { readonly mailbox: string }[] },
): ReadonlySet<string> {
  const account = mail.account?.toLowerCase() ?? null
  const all = account !== null && (account === asker.address || administers(asker, domainOf(account)))
  const mailboxes = mail.recipients.map(({ mailbox }) => mailbox)
  if (all) return new Set([...mailboxes, account])
  return new Set(mailboxes.filter((mailbox) => mailbox === asker.address || administers(asker, domainOf(mailbox))))
}

/** Part of the mail is the asker's own, as a recipient or as who sent it. */
export const isOwn = (asker: Asker, mail: Mail): boolean =>
  mail.accepted.account?.toLowerCase() === asker.address || recipientOf(mail, asker.address) !== undefined

/** A user's own mail may not be read while it is held as a virus. */
export const heldAsVirus = (mail: Mail, recipient: RecipientState | undefined): boolean =>
  (mail.scan.is === 'infected' || recipient?.reason === 'virus') && recipient?.released === null

/** The recipient that a path names: the mailbox, or the address as given. */
export function namedRecipient(mail: Mail, named: string): RecipientState | undefined {
  return (
    recipientOf(mail, named) ??
    mail.recipients.find(({ address, mailbox }) => address.toLowerCase() === named || mailbox.toLowerCase() === named)
  )
}

/** What `data` of an event may say to somebody who sees only some of the recipients; null: nothing at all. */
export function visibleData(data: unknown, visible: ReadonlySet<string>): unknown {
  if (typeof data !== 'object' || data === null) return data
  const fields = data as Readonly<Record<string, unknown>>
  if (typeof fields['recipient'] === 'string' && !visible.has(fields['recipient'])) return null
  // Whose archive has a copy.
  if (typeof fields['role'] === 'string' && !visible.has(String(fields['account']))) return null
  if (!Array.isArray(fields['recipients'])) return data
  const recipients = fields['recipients'].filter((one: unknown) => visible.has(mailboxIn(one)))
  return { ...fields, recipients }
}

const mailboxIn = (one: unknown): string => {
  if (typeof one !== 'object' || one === null) return ''
  const { mailbox, recipient } = one as { mailbox?: unknown; recipient?: unknown }
  return typeof mailbox === 'string' ? mailbox : typeof recipient === 'string' ? recipient : ''
}
