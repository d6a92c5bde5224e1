import type { Flow, QuarantineReason, Route } from '#domain/mail/events'
import type { Instant } from '#domain/kernel/instant'
import type { Table } from '#domain/kernel/projection'

/**
 * One row per mail. Newest first is `ORDER BY mail DESC` (ids sort by time), page on with `mail < :cursor`.
 * Columns said to be JSON hold the event's own value as text.
 */
export type MailRow = {
  readonly mail: string
  readonly flow: Flow
  readonly acceptedAt: Instant
  readonly position: string
  readonly clientAddress: string
  readonly clientName: string | null
  readonly clientHelo: string | null
  readonly reversePath: string | null
  readonly headerFrom: string | null
  readonly headerFromName: string | null
  readonly subject: string | null
  readonly messageId: string | null
  readonly size: number
  readonly contentHash: string
  /** The account that submitted it. */
  readonly account: string | null
  readonly protocol: string
  readonly tls: string | null
  /** JSON: the edge checks. */
  readonly checks: string
  readonly recipientCount: number
  /** Lower case: subject, sender, Message-ID, mail id, the first 20 recipients. Search with `instr(searchText, :text) > 0`. */
  readonly searchText: string
  /** Why the scan has no answer yet. */
  readonly scanWaits: string | null
  /** JSON: name, version, database. */
  readonly scanner: string | null
  /** JSON: [{name, part}]. */
  readonly viruses: string | null
  /** JSON: [{kind, part, detail}]. */
  readonly unscannable: string | null
  /** JSON: SPF, DKIM, DMARC, ARC. */
  readonly authentication: string | null
  readonly authenticationEvidence: string | null
  /** JSON: [{name, weight, description}]. */
  readonly symbols: string | null
  readonly policyVersion: number | null
  readonly scoreEvidence: string | null
  readonly contentDropped: 0 | 1
}

export type RecipientState =
  | 'pending'
  | 'quarantined'
  | 'delivered'
  | 'deferred'
  | 'bounced'
  | 'expired'
  | 'discarded'
  | 'undeliverable'

/** One row per mail and mailbox, `ordinal` in the order of RCPT TO. */
export type RecipientRow = {
  readonly mail: string
  readonly mailbox: string
  readonly ordinal: number
  /** As given. */
  readonly address: string
  /** Of the mailbox: what a domain administrator may see. */
  readonly domain: string
  readonly route: Route
  /** The mailbox, group or return address of this mail that forwards it there; null: the mail was addressed to it. */
  readonly forwardedBy: string | null
  readonly state: RecipientState
  /** Why it is or was held. */
  readonly reason: QuarantineReason | null
  readonly detail: string | null
  readonly score: number | null
  readonly threshold: number | null
  /** The list that decided, and its entry. */
  readonly listed: 'allow' | 'block' | null
  readonly listEntry: string | null
  /** Nothing rules out delivery. */
  readonly cleared: 0 | 1
  readonly releaseRequested: 0 | 1
  /** Why the last release did not happen. */
  readonly releaseRefused: string | null
  readonly releasedBy: string | null
  readonly releaseReason: string | null
  readonly expiresAt: Instant | null
  readonly held: 0 | 1
  /** Deliveries tried and deferred so far. */
  readonly attempt: number
  readonly dueAt: Instant | null
  readonly host: string | null
  /** JSON: {code, enhancedCode, text} of the last attempt. */
  readonly reply: string | null
  /** The mailbox that an administrator sent it to instead. */
  readonly redirectedTo: string | null
  readonly deliveredAt: Instant | null
  readonly archived: 0 | 1
  readonly changedAt: Instant
}

/**
 * Who took part in a mail, by lower-case address and by `@domain`: the way in for `?address=`, for a user's own mail
 * (`asRecipient` with a row in recipients, or `asAccount`) and for a domain administrator's.
 * `asSender` is what the mail claims (envelope or header), never proof.
 */
export type ParticipantRow = {
  readonly address: string
  readonly mail: string
  readonly asSender: number
  readonly asRecipient: number
  readonly asAccount: number
}

export const mailTraceTables: readonly Table[] = [
  {
    name: 'mails',
    key: ['mail'],
    columns: {
      mail: 'text',
      flow: 'text',
      acceptedAt: 'integer',
      position: 'text',
      clientAddress: 'text',
      clientName: 'text',
      clientHelo: 'text',
      reversePath: 'text',
      headerFrom: 'text',
      headerFromName: 'text',
      subject: 'text',
      messageId: 'text',
      size: 'integer',
      contentHash: 'text',
      account: 'text',
      protocol: 'text',
      tls: 'text',
      checks: 'text',
      recipientCount: 'integer',
      searchText: 'text',
      scanWaits: 'text',
      scanner: 'text',
      viruses: 'text',
      unscannable: 'text',
      authentication: 'text',
      authenticationEvidence: 'text',
      symbols: 'text',
      policyVersion: 'integer',
      scoreEvidence: 'text',
      contentDropped: 'integer',
    },
    indexes: [
      ['clientAddress', 'mail'],
      ['messageId', 'mail'],
      ['acceptedAt', 'mail'],
    ],
  },
  {
    name: 'recipients',
    key: ['mail', 'mailbox'],
    columns: {
      mail: 'text',
      mailbox: 'text',
      ordinal: 'integer',
      address: 'text',
      domain: 'text',
      route: 'text',
      forwardedBy: 'text',
      state: 'text',
      reason: 'text',
      detail: 'text',
      score: 'real',
      threshold: 'real',
      listed: 'text',
      listEntry: 'text',
      cleared: 'integer',
      releaseRequested: 'integer',
      releaseRefused: 'text',
      releasedBy: 'text',
      releaseReason: 'text',
      expiresAt: 'integer',
      held: 'integer',
      attempt: 'integer',
      dueAt: 'integer',
      host: 'text',
      reply: 'text',
      deliveredAt: 'integer',
      redirectedTo: 'text',
      archived: 'integer',
      changedAt: 'integer',
    },
    indexes: [['state', 'mail']],
  },
  {
    name: 'participants',
    key: ['address', 'mail'],
    columns: { address: 'text', mail: 'text', asSender: 'integer', asRecipient: 'integer', asAccount: 'integer' },
  },
]
