import type { RemoteMailboxHost } from '#domain/hosted-domain/mailbox-route'
import type { Reply } from '#domain/message/reply'

/** Where a domain's mailboxes live. Maildir is the embedded one. */
export interface MailboxHost {
  /** Shown in traces, e.g. `maildir`, `lmtp://dovecot.example.org:24`. */
  readonly name: string
  /**
   * Delivers to one mailbox. With `repeat`, a host that can tell finds what an earlier attempt of the same `deliveryId` left and adds
   * nothing; one that can't may deliver twice. Answers a reply as an SMTP host would: 2xx delivered, 4xx try again, 5xx never.
   */
  deliver(delivery: MailboxDelivery): Promise<HandedOver>
}

export interface MailboxDelivery {
  /** Derived from mail id and mailbox: letters, digits, `.`, `_`, `-`. */
  readonly deliveryId: string
  readonly mailbox: string
  readonly reversePath: string | null
  /** An earlier attempt may have got through without anybody knowing. */
  readonly repeat: boolean
  /** Octets, nearly. */
  readonly size: number
  /** The complete message to write: trace headers on top, then the stored bytes. Those for a host that adds its own Return-Path have none. */
  open(host: { readonly addsReturnPath: boolean }): AsyncIterable<Uint8Array>
}

export interface HandedOver {
  readonly reply: Reply
  /** Who replied, as the trace shows it. */
  readonly host: string
  /** The host can't be used now: nothing was said about this mail. */
  readonly away: boolean
  /** The host was lost after the end of the message, which it may have delivered. */
  readonly uncertain: boolean
}

/** The mailbox hosts of all domains, and how they fare. */
export interface MailboxHosts {
  /** Tries the hosts of the route in order. `attempted` false: all of them are known to be away, and none was asked. */
  deliver(
    route: DeliveryRoute,
    delivery: MailboxDelivery,
    options: DeliveryOptions,
  ): Promise<HandedOver & { readonly attempted: boolean }>
  /** `probe`: away, and it is time to look with one mail whether one of them is back. */
  state(route: DeliveryRoute): 'up' | 'probe' | 'away'
}

/** null: the domain's mailboxes are Maildirs. */
export type DeliveryRoute = readonly RemoteMailboxHost[] | null

export interface DeliveryOptions {
  /** For hosts that are told a user. */
  readonly password: string | null
  /** Deliveries to one host at a time. */
  readonly perHost: number
  /** A person asked: look now whether the host is back. */
  readonly now?: boolean
}
