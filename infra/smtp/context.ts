import type { MailSessionFactory, SmtpLimits } from './port.ts'

/** Where incidents are written; pino's logger fits. */
export interface SmtpLog {
  warn(fields: object, text: string): void
  error(fields: object, text: string): void
}

/** PEM. */
export interface TlsMaterial {
  readonly key: string | Buffer
  readonly cert: string | Buffer
}

/** What all connections of one listener share. */
export interface ListenerContext {
  readonly hostname: string
  readonly banner: string | null
  readonly mode: 'mx' | 'submission'
  readonly sessions: MailSessionFactory
  readonly limits: (address: string) => SmtpLimits
  readonly refresh: () => Promise<void>
  readonly log: SmtpLog
  readonly startTls: boolean
  /** RFC 3461 is offered. */
  readonly dsn: boolean
  /** No new transactions: the listener is closing. */
  readonly closing: () => boolean
}
