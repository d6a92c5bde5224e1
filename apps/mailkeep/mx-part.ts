import { monotonicFactory } from 'ulid'
import { MxSessions } from '#apps/mx/mx-sessions'
import type { MxMetrics, MxParts, Pressure } from '#apps/mx/mx-parts'
import { Returns } from '#apps/mx/returns'
import type { CertificateSource } from '#infra/config/tls'
import type { DnsResolver } from '#infra/dns/port'
import { listenSmtp, type SmtpListener } from '#infra/smtp/listen'
import type { Foundation } from './foundation.ts'
import { smtpLimits } from './smtp-limits.ts'

export interface MxPartOptions {
  readonly foundation: Foundation
  readonly port: number
  readonly certificate: CertificateSource
  readonly dns: DnsResolver
  readonly pressure: Pressure
  readonly recipients: MxParts['recipients']
  readonly metrics: MxMetrics
}

/** SMTP from the Internet: the listener with the policy's limits. */
export const startMx = async ({
  foundation,
  port,
  certificate,
  dns,
  pressure,
  recipients,
  metrics,
}: MxPartOptions): Promise<SmtpListener> => {
  const { clock, commands, config, content, hostedDomains, journal, logger, policies } = foundation
  await policies.fresh()
  const sessions = new MxSessions({
    commands,
    content,
    policies,
    hostedDomains,
    recipients,
    returns: new Returns(foundation),
    journal,
    dns,
    logger,
    metrics,
    pressure,
    clock,
    newMailId: monotonicFactory(),
    hostname: config.hostname,
  })
  return listenSmtp({
    bind: config.mx.bind,
    port,
    hostname: config.hostname,
    tls: () => certificate.current(),
    sessions,
    limits: (address) => smtpLimits(foundation, address),
    refresh: () => policies.fresh(),
    mode: 'mx',
    log: logger,
  })
}
