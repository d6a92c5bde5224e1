import type { Reply } from '#domain/message/reply'

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
  /** Over TCP, or to a unix socket. */
  readonly at: { readonly host: string; readonly port: number } | { readonly socket: string }
  /**
   * `opportunistic`: in TLS when it is offered and works, else in plain. `required`: TLS with whatever certificate.
   * `verify`: TLS with a certificate for the host's name from an authority that Node trusts.
   */
  readonly tls: 'off' | 'opportunistic' | 'required' | 'verify'
  readonly auth: { readonly user: string; readonly password: string } | null
  /** Connections at a time. */
  readonly connections: number
}

export interface Transaction {
  /** null: `<>`. */
  readonly reversePath: string | null
  readonly recipients: readonly string[]
  /** Octets of the message, nearly (SIZE, RFC 1870); null: not said. */
  readonly size: number | null
  /** The header has UTF-8 and must not be sent to a server without SMTPUTF8 (RFC 6531); an address beyond ASCII never is. */
  readonly needsSmtputf8?: boolean
  /** The message with CRLF line ends, not dot-stuffed. May be asked for again when a kept connection turns out to be dead. */
  open(): AsyncIterable<Uint8Array>
}

export interface Sent {
  /** One per recipient, in the order given. */
  readonly outcomes: readonly Outcome[]
  /**
   * The server can't be used now (it does not answer, turns us away, has no TLS or no AUTH as asked for): nothing was said about
   * this mail. null: it spoke about the mail.
   */
  readonly away: Reply | null
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
