import { isLoopback } from '#infra/config/loopback'
import { createTransport } from 'nodemailer'

export interface SmtpTarget {
  readonly host: string
  readonly port: number
  /** Said in EHLO. */
  readonly name: string
  /** Signed in with, in TLS only. */
  readonly credentials?: { readonly user: string; readonly password: string }
  /** To connect, for the greeting and for each reply; default 30 s. */
  readonly timeoutMs?: number
}

/** A mail to be composed and sent in one transaction. */
export interface OutgoingMail {
  readonly from: string
  readonly to: readonly string[]
  readonly subject: string
  readonly text: string
  readonly attachments?: readonly { readonly filename: string; readonly content: string }[]
}

/** The server answered, but did not take it. */
export class SendRefused extends Error {
  /** The reply, code and all. */
  readonly reply: string

  constructor(reply: string) {
    super(`the server refused it: ${reply}`)
    this.name = 'SendRefused'
    this.reply = reply
  }
}

/** No server answered, or it went away in the middle. */
export class SendFailed extends Error {
  constructor({ host, port }: SmtpTarget, why: string, options?: ErrorOptions) {
    super(`${host}:${port}: ${why}`, options)
    this.name = 'SendFailed'
  }
}

const TIMEOUT_MS = 30_000

/** Sends one mail, in TLS where the server offers it (any certificate: opportunistic; with credentials a valid one, unless it is this machine). Answers the final reply. */
export const sendMail = async (target: SmtpTarget, mail: OutgoingMail): Promise<string> => {
  const timeout = target.timeoutMs ?? TIMEOUT_MS
  const { credentials } = target
  const transport = createTransport({
    host: target.host,
    port: target.port,
    name: target.name,
    secure: false,
    ...(credentials === undefined
      ? {}
      : { requireTLS: true, auth: { user: credentials.user, pass: credentials.password } }),
    // A password is told to nobody else: beyond this machine the certificate has to be the host's.
    tls: { rejectUnauthorized: credentials !== undefined && !isLoopback(target.host) },
    connectionTimeout: timeout,
    greetingTimeout: timeout,
    socketTimeout: timeout,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  try {
    const sent = await transport.sendMail({
      from: mail.from,
      to: [...mail.to],
      subject: mail.subject,
      text: mail.text,
      attachments: [...(mail.attachments ?? [])],
    })
    return sent.response
  } catch (error) {
    if (!(error instanceof Error)) throw error
    if ('response' in error && typeof error.response === 'string') throw new SendRefused(error.response)
    throw new SendFailed(target, error.message, { cause: error })
  } finally {
    transport.close()
  }
}
