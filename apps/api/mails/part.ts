import { type Mail, type RecipientState, recipientOf } from '#domain/mail/state'
import { domainOf } from '#domain/message/mailbox'
import { administers, type Asker } from '../route/asker.ts'

interface Addressed {
  readonly mailbox: string
  /** The recipient of this mail that forwards it there; null: the mail was addressed to it. */
  readonly forwardedBy: string | null
}

/**
 * Which recipients of a mail somebody may know of (design.md §3): a user their own and whom they forward it to, an administrator those of their
 * domain. Who sent the mail knows all it was addressed to, and so does the administrator of the sender: not where those forward it to; to them
 * the sender's account is visible, too.
 */
export function visibleRecipients(
  asker: Asker,
  mail: { readonly account: string | null; readonly recipients: readonly Addressed[] },
): ReadonlySet<string> {
  const account = mail.account?.toLowerCase() ?? null
  const sent = account !== null && isTheirs(asker, account)
  const mailboxes = mail.recipients
    .filter(
      ({ mailbox, forwardedBy }) =>
        isTheirs(asker, mailbox) || (forwardedBy === null ? sent : isTheirs(asker, forwardedBy)),
    )
    .map(({ mailbox }) => mailbox)
  return new Set(sent ? [...mailboxes, account] : mailboxes)
}

/** The same of a mail folded from its stream, with whom it is to be forwarded to when it is cleared. */
export function visibleIn(asker: Asker, mail: Mail): ReadonlySet<string> {
  const { account, recipients: addressedTo } = mail.accepted
  const recipients = mail.recipients.map(({ mailbox, forwardedBy = null }) => ({
    mailbox,
    forwardedBy: forwardedBy !== null && mail.places.has(forwardedBy) ? forwardedBy : null,
  }))
  const wanted = addressedTo.flatMap(({ mailbox, forward }) =>
    (forward?.to ?? []).filter((to) => !mail.places.has(to)).map((to) => ({ mailbox: to, forwardedBy: mailbox })),
  )
  return visibleRecipients(asker, { account, recipients: [...recipients, ...wanted] })
}

const isTheirs = (asker: Asker, address: string): boolean =>
  address === asker.address || administers(asker, domainOf(address))

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
  // Whose archive has a copy; its `to` is what the header says, which all of them have read.
  if (typeof fields['role'] === 'string') return visible.has(String(fields['account'])) ? data : null
  const to = visibleTo(fields['to'], visible)
  if (to?.length === 0 && Array.isArray(fields['to']) && fields['to'].length > 0) return null
  const shown = to === undefined ? fields : { ...fields, to }
  if (!Array.isArray(fields['recipients'])) return shown
  const recipients = fields['recipients']
    .filter((one: unknown) => visible.has(mailboxIn(one)))
    .map((one: unknown) => withoutHidden(one, visible))
  return { ...shown, recipients }
}

/** Of whom a recipient forwards it to, those that may be seen; undefined: it says nothing of that. */
const visibleTo = (to: unknown, visible: ReadonlySet<string>): readonly unknown[] | undefined =>
  Array.isArray(to) ? to.filter((one: unknown) => typeof one === 'string' && visible.has(one)) : undefined

const withoutHidden = (recipient: unknown, visible: ReadonlySet<string>): unknown => {
  const { forward, ...rest } = recipient as { forward?: { to: unknown } }
  if (forward === undefined) return recipient
  const to = visibleTo(forward.to, visible)
  return to !== undefined && to.length > 0 ? { ...rest, forward: { ...forward, to } } : rest
}

const mailboxIn = (one: unknown): string => {
  if (typeof one !== 'object' || one === null) return ''
  const { mailbox, recipient } = one as { mailbox?: unknown; recipient?: unknown }
  return typeof mailbox === 'string' ? mailbox : typeof recipient === 'string' ? recipient : ''
}
