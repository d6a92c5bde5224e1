import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { createSecureContext } from 'node:tls'
import type { SMTPServerOptions } from 'smtp-server'
import type { ListenerContext, SmtpLog, TlsMaterial } from './context.ts'
import type { MailSessionFactory, SmtpLimits } from './port.ts'
import { MailServer } from './server.ts'

export interface SmtpListenerOptions {
  readonly bind: string
  /** 0: any free port. */
  readonly port: number
  /** The name in the greeting and in EHLO. */
  readonly hostname: string
  /** What follows `ESMTP` in the greeting. */
  readonly banner?: string
  /** Read at the start and on `reloadTls`; null: STARTTLS is not offered. */
  readonly tls: (() => TlsMaterial) | null
  readonly sessions: MailSessionFactory
  /** Asked whenever a limit matters, so it should only hand out an object. May differ per client address. */
  readonly limits: (address: string) => SmtpLimits
  /** Waited for before MAIL and RCPT look at `limits`: what was changed a moment ago holds. Must be quick. */
  readonly refresh?: () => Promise<void>
  /** `submission` asks for AUTH before MAIL and offers it under TLS. */
  readonly mode: 'mx' | 'submission'
  /** TLS from the first octet (port 465). */
  readonly implicitTls?: boolean
  /** Offer RFC 3461. */
  readonly dsn?: boolean
  readonly log: SmtpLog
}

export interface SmtpListener {
  readonly address: string
  readonly port: number
  /** Clients connected now. */
  readonly connections: number
  /** New connections use the certificate that `tls` hands out now. Throws when it is no good; then the old one stays. */
  reloadTls(): void
  /** Accepts nothing new; mails under way may finish within `graceMs`. Resolves when all are gone. */
  close(graceMs: number): Promise<void>
}

/** How long a session may take to end after its client is gone and the grace is over. */
const settling = 1_000

/** One SMTP listener. Rejects when the port can't be had or the certificate is no good. */
export const listenSmtp = async (options: SmtpListenerOptions): Promise<SmtpListener> => {
  const { tls, sessions, limits, mode, log, hostname } = options
  const implicit = options.implicitTls === true
  if (implicit && tls === null) throw new Error('implicit TLS needs a certificate')
  let closing = false
  const context: ListenerContext = {
    hostname,
    banner: options.banner ?? null,
    mode,
    sessions,
    limits,
    refresh: options.refresh ?? (() => Promise.resolve()),
    log,
    startTls: tls !== null && !implicit,
    dsn: options.dsn === true,
    closing: () => closing,
  }
  const server = new MailServer(wiring(implicit, tls), context)
  server.on('error', (error: Error) =>
    log.warn({ err: error, port: options.port }, 'SMTP listener: a connection failed'),
  )
  server.listen({ port: options.port, host: options.bind, backlog: 1_024 })
  await once(server.server, 'listening')
  const bound = server.server.address()
  if (bound === null || typeof bound === 'string') throw new Error('the listener has no port')

  return {
    address: bound.address,
    port: bound.port,
    get connections() {
      return server.crowd.size
    },
    reloadTls: () => {
      if (tls !== null) server.updateSecureContext({ ...usable(tls()) })
    },
    close: async (graceMs) => {
      if (closing) return
      closing = true
      const closed = once(server.server, 'close')
      server.server.close()
      server.dismissResting()
      const deadline = performance.now() + graceMs
      const watch = setInterval(() => {
        if (performance.now() < deadline) server.dismissResting()
        else server.dismissAll()
      }, 50)
      await closed
      clearInterval(watch)
      const forgetful = new AbortController()
      const late = sleep(Math.max(0, deadline - performance.now()) + settling, true, { signal: forgetful.signal })
      const stuck = await Promise.race([server.crowd.empty().then(() => false), late])
      forgetful.abort()
      if (stuck) log.warn({ sessions: server.crowd.size }, 'SMTP listener closed; sessions have not answered yet')
    },
  }
}

/** smtp-server drops the certificate it has before it looks at the new one: look first. */
const usable = (material: TlsMaterial): TlsMaterial => {
  createSecureContext(material)
  return material
}

/** No option of smtp-server's that waits, looks up or talks is left on. */
const wiring = (implicit: boolean, tls: (() => TlsMaterial) | null): SMTPServerOptions => ({
  secure: implicit,
  ...(tls === null ? {} : usable(tls())),
  minVersion: 'TLSv1.2',
  honorCipherOrder: true,
  hideSTARTTLS: tls === null,
  authMethods: ['PLAIN', 'LOGIN'],
  authOptional: true,
  disableReverseLookup: true,
  hideENHANCEDSTATUSCODES: false,
  logger: false,
  /** For the TLS handshake of implicit TLS; the rest is counted by MailConnection. */
  socketTimeout: 30_000,
  allowHalfOpen: true,
  noDelay: true,
})
