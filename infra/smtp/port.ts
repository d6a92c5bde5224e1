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
   * One reply covers all recipients.
   */
  data(message: AsyncIterable<Uint8Array>): Promise<Reply>
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
