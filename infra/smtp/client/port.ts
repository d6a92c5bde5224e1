import type { RecipientNotification, Transport } from '#domain/mail/events'
import type { Reply } from '#domain/message/reply'
import type { TlsaRecord } from '#infra/dns/port'

export type { Transport } from '#domain/mail/events'

/**
 * Sending mail to a server: SMTP (RFC 5321) or LMTP (RFC 2033). Trouble with the server is never thrown: whatever happens, every
 * recipient has an outcome.
 */
export interface MailTransport {
  send(target: SmtpTarget, transaction: Transaction): Promise<Sent>
  /** Says QUIT where nothing is under way, cuts the rest. */
  close(): Promise<void>
}

/** A server and how to speak to it. Equal targets share connections. */
export interface SmtpTarget {
  readonly protocol: 'smtp' | 'lmtp'
  /** Over TCP, or to a unix socket. `host`: the name for TLS, and what is connected to where no `address` is given. */
  readonly at: { readonly host: string; readonly port: number } | { readonly socket: string }
  /** The IP address of `host` to connect to: no name is looked up then. */
  readonly address?: string
  /** The IP address to connect from. */
  readonly localAddress?: string
  readonly tls: TargetTls
  readonly auth: { readonly user: string; readonly password: string } | null
  /** Connections at a time. */
  readonly connections: number
  /** Those that differ from the transport's own. */
  readonly deadlines?: Partial<Deadlines>
}

/**
 * `opportunistic`: in TLS when it is offered and works, else in plain. `required`: TLS with whatever certificate.
 * `verify`: TLS with a certificate for the host's name from an authority that Node trusts. TLS is at least 1.2.
 */
export type TargetTls = 'off' | 'opportunistic' | 'required' | 'verify' | MtaStsTls | DaneTls

/**
 * The host is one of an MTA-STS policy (RFC 8461). `enforce`: as `verify`, else not at all. `testing`: as `opportunistic`, and
 * what would have failed is remarked.
 */
export interface MtaStsTls {
  readonly by: 'mta-sts'
  readonly mode: 'enforce' | 'testing'
}

/** TLS with a certificate that matches one of the TLSA records (RFC 7672), else not at all. */
export interface DaneTls {
  readonly by: 'dane'
  /** The TLSA base domain: the name for SNI. */
  readonly base: string
  /** Names one of which a certificate must bear that is below a DANE-TA(2) record, `base` among them. */
  readonly names: readonly string[]
  /** Usable ones: usage 2 or 3, selector 0 or 1, matching type 0, 1 or 2. Bounded by who looks them up. */
  readonly records: readonly TlsaRecord[]
}

export interface Transaction {
  /** null: `<>`. */
  readonly reversePath: string | null
  readonly recipients: readonly string[]
  /** Octets of the message, nearly (SIZE, RFC 1870); null: not said. */
  readonly size: number | null
  /** The header has UTF-8 and must not be sent to a server without SMTPUTF8 (RFC 6531); an address beyond ASCII never is. */
  readonly needsSmtputf8?: boolean
  /** What the submitter wants to be told; said to a server that offers to see to it (RFC 3461), which `transport.dsn` then tells. */
  readonly notifications?: Notifications
  /** Whether it has octets beyond ASCII: asked where the server does not take them (RFC 6152). Absent: they are sent all the same. */
  readonly has8Bit?: () => Promise<boolean>
  /** The message with CRLF line ends, not dot-stuffed. May be asked for again when a kept connection turns out to be dead. */
  open(): AsyncIterable<Uint8Array>
}

/** RET and ENVID, and for each recipient in their order NOTIFY and ORCPT, all as they were given. */
export interface Notifications {
  readonly ret: 'FULL' | 'HDRS' | null
  readonly envid: string | null
  readonly of: readonly (RecipientNotification | null)[]
}

export interface Sent {
  /** One per recipient, in the order given. */
  readonly outcomes: readonly Outcome[]
  /**
   * The server can't be used now (it does not answer, turns us away, has no TLS or no AUTH as asked for): nothing was said about
   * this mail. null: it spoke about the mail.
   */
  readonly away: Reply | null
  /** How the server was spoken to; null: no connection to it came about. */
  readonly transport: Transport | null
}

export interface Outcome {
  readonly recipient: string
  /** The server's, or one of our own where it said nothing: 4.4.1, 4.4.2, 4.7.x; 5.6.7, 5.1.3 for an address that can't be sent. */
  readonly reply: Reply
  /** The connection was lost after the final dot: it may have been delivered. */
  readonly uncertain: boolean
}

/** Milliseconds for each phase (RFC 5321 4.5.3.2). `block`: for the network to take one piece of the message. */
export interface Deadlines {
  readonly connect: number
  readonly greeting: number
  readonly command: number
  readonly data: number
  readonly block: number
  /** From the final dot to the reply. */
  readonly final: number
}
