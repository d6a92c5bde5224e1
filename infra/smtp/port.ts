import type { Reply } from '#domain/message/reply'

/**
 * The seam to SMTP, in the shape of go-smtp: one session per connection, one method per verb, a refusal is a thrown `SmtpRefusal`.
 * The rest of the code never sees smtp-server.
 */
export interface MailSession {
  /** MAIL FROM. `reversePath` is null for `<>`. */
  mail(reversePath: string | null, parameters: MailParameters): Promise<void>
  /** RCPT TO. */
  rcpt(forwardPath: string, parameters: RcptParameters): Promise<void>
  /**
   * DATA, as it comes out of dot-unstuffing. Must read `message` to its end or throw. The answer is the final reply (250).
   * One reply covers all recipients. Reading throws when the message breaks a limit or the client goes away: whatever was
   * stored must then be given up, and the reply is the listener's own.
   */
  data(message: AsyncIterable<Uint8Array>, header?: MessageHeader): Promise<Reply>
  /**
   * AUTH (submission only): the account's address, kept in `SmtpConnection.account`. Throws `SmtpRefusal` (535 5.7.8).
   * A listener without it offers no AUTH.
   */
  authenticate?(credentials: SmtpCredentials): Promise<string>
  /** RSET, a new EHLO, STARTTLS, or the end of a transaction. */
  reset(): void
  /** The connection is gone. */
  logout(): void
}

export interface MailSessionFactory {
  /** Before the 220 greeting. Throws `SmtpRefusal` to turn the client away (its reply becomes the greeting). */
  connect(connection: SmtpConnection): Promise<MailSession>
  /** HELO or EHLO was said. Throws `SmtpRefusal`. */
  helo?(session: MailSession, name: string): Promise<void>
  /** A command was refused by the protocol layer itself (syntax, sequence, limits): for the record of refusals. */
  refused?(connection: SmtpConnection, stage: SmtpStage, reply: Reply, check: string): void
}

/** What is known of a message's header while its body is still arriving. */
export interface MessageHeader {
  /**
   * The raw header block, up to and with the line end of its last field, without the blank line. Null until it is complete;
   * complete at the latest when `message` has been read to its end.
   */
  headerBlock(): Uint8Array | null
  /**
   * From now on a chunk of `message` is valid only until the next one is asked for; then its memory is given back at once instead
   * of at some garbage collection. For readers that copy or use up what they get: a 50 MB mail then costs next to no memory.
   */
  freeAsRead(): void
}

export interface SmtpCredentials {
  readonly mechanism: 'PLAIN' | 'LOGIN'
  readonly username: string
  readonly password: string
}

/** What a listener allows, read anew whenever it matters. Sizes are octets, times milliseconds; `edge` policy has the same names. */
export interface SmtpLimits {
  readonly messageSize: number
  readonly recipientsPerMail: number
  readonly mailsPerConnection: number
  /** Refused commands since the last accepted mail. */
  readonly errorsPerConnection: number
  readonly connections: number
  /** Per IPv4 address or IPv6 /64. */
  readonly connectionsPerAddress: number
  readonly commandLine: number
  readonly dataLine: number
  readonly headerSize: number
  readonly headerCount: number
  readonly receivedHops: number
  /** Without a complete command, or without any octet of a message. */
  readonly idleTimeout: number
  /** For one whole message. */
  readonly dataTimeout: number
  readonly sessionTimeout: number
  /** Bare CR or LF in DATA. */
  readonly bareLineEnds: 'reject' | 'normalise'
}

export type SmtpStage = 'connect' | 'helo' | 'mail' | 'rcpt' | 'data' | 'auth'

export interface SmtpConnection {
  readonly id: string
  readonly remoteAddress: string
  readonly localPort: number
  /** What the client said last in HELO/EHLO. */
  readonly helo: string | null
  readonly esmtp: boolean
  /** TLS as negotiated, null in plain. */
  readonly tls: { readonly version: string; readonly cipher: string } | null
  /** The account that authenticated (submission only). */
  readonly account: string | null
  /**
   * Before the greeting: waits until the client has kept silent for `ms` (true) or has spoken out of turn (false, at once).
   * What it said is answered after the greeting, if there is one.
   */
  readonly silence?: (ms: number) => Promise<boolean>
}

export interface MailParameters {
  /** SIZE as declared (RFC 1870), null when not given. */
  readonly size: number | null
  readonly body: '7BIT' | '8BITMIME'
  readonly smtputf8: boolean
  readonly ret?: 'FULL' | 'HDRS'
  readonly envid?: string
}

export interface RcptParameters {
  readonly notify?: readonly ('NEVER' | 'SUCCESS' | 'FAILURE' | 'DELAY')[]
  readonly orcpt?: string
}

/** Thrown by a session to refuse. `check` names what refused (for the record), e.g. `unknown-recipient`. */
export class SmtpRefusal extends Error {
  readonly reply: Reply
  readonly check: string
  /** Close the connection after the reply. */
  readonly close: boolean

  constructor(reply: Reply, check: string, { close = false }: { close?: boolean } = {}) {
    super(`${reply.code} ${reply.enhancedCode ?? ''} ${reply.text}`)
    this.name = 'SmtpRefusal'
    this.reply = reply
    this.check = check
    this.close = close
  }
}
