/** Where the mailboxes of a domain are, as its setting `mailboxHost` says it. */
export interface MailboxRoute {
  readonly kind: 'maildir'
}

/** What a setting that is none is told. */
export const MAILBOX_ROUTES = 'expected `maildir` (folders under data/mailboxes)'

/** The syntax alone: whether there is such a host shows at delivery. null: it is no route. */
export const parseMailboxRoute = (text: string): MailboxRoute | null =>
  text === 'maildir' ? { kind: 'maildir' } : null
