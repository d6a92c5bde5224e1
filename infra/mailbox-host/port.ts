import type { Reply } from '#domain/message/reply'

/** Where a domain's mailboxes live. Maildir is the embedded one. */
export interface MailboxHost {
  /** Shown in traces, e.g. `maildir`. */
  readonly name: string
  /**
   * Delivers once per recipient: with `repeat`, what an earlier attempt of the same `deliveryId` left is found and nothing is added.
   * Answers a reply as an SMTP host would: 2xx delivered, 4xx try again, 5xx never.
   */
  deliver(delivery: MailboxDelivery): Promise<Reply>
}

export interface MailboxDelivery {
  /** Derived from mail id and recipient: letters, digits, `.`, `_`, `-`. */
  readonly deliveryId: string
  readonly mailbox: string
  readonly reversePath: string | null
  /** An earlier attempt may have got through without anybody knowing. */
  readonly repeat: boolean
  /** The complete message to write: trace headers on top, then the stored bytes. */
  open(): AsyncIterable<Uint8Array>
}
