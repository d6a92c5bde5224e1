import type { Reply } from '#domain/message/reply'

/** Where a domain's mailboxes live. Maildir (embedded); LMTP and SMTP hosts follow. */
export interface MailboxHost {
  /** Shown in traces, e.g. `maildir` or `lmtp://host:24`. */
  readonly name: string
  /**
   * Delivers once per recipient: the same `deliveryId` again finds what is there and adds nothing.
   * Answers a reply as an SMTP host would (2xx delivered, 4xx try again, 5xx never); throws only on programming errors.
   */
  deliver(delivery: MailboxDelivery): Promise<Reply>
}

export interface MailboxDelivery {
  /** Derived from mail id and recipient. */
  readonly deliveryId: string
  readonly mailId: string
  readonly mailbox: string
  /** The address as given, with its sub-address. */
  readonly address: string
  readonly reversePath: string | null
  /** The complete message to write: trace headers on top, then the stored bytes. */
  open(): AsyncIterable<Uint8Array>
}
