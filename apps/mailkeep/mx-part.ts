import { monotonicFactory } from 'ulid'
import type { PolicyDocument } from '#domain/policy/documents'
import { MxSessions } from '#apps/mx/mx-sessions'
import { isIn } from '#apps/mx/networks'
import type { MxMetrics, Pressure } from '#apps/mx/mx-parts'
import { adoptEntries } from '#apps/mx/adopt-entries'
import { Recipients } from '#apps/mx/recipients'
import { VerifiedRecipients } from '#apps/mx/verified-recipients'
import type { RecipientSources } from '#infra/directory-source/sources'
import type { CertificateSource } from '#infra/config/tls'
import type { DnsResolver } from '#infra/dns/port'
import { listenSmtp, type SmtpListener } from '#infra/smtp/listen'
import type { SmtpLimits } from '#infra/smtp/port'
import type { Foundation } from './foundation.ts'

export interface MxPartOptions {
  readonly foundation: Foundation
  readonly port: number
  readonly certificate: CertificateSource
  readonly dns: DnsResolver
  readonly pressure: Pressure
  readonly sources: RecipientSources
  readonly metrics: MxMetrics
}

/** SMTP from the Internet: the listener with the policy's limits. */
export const startMx = async ({
  foundation,
  port,
  certificate,
  dns,
  pressure,
  sources,
  metrics,
}: MxPartOptions): Promise<SmtpListener> => {
  const { clock, commands, config, content, hostedDomains, journal, log, logger, policies, views } = foundation
  await policies.fresh()
  const sessions = new MxSessions({
    commands,
    content,
    policies,
    hostedDomains,
    recipients: new VerifiedRecipients({
      recipients: new Recipients(log, views),
      hostedDomains,
      policies,
      sources,
      adopt: (domain, entries) => adoptEntries(foundation, domain, entries),
      clock,
      logger,
    }),
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
    limits: (address) => limitsFor(foundation, address),
    refresh: () => policies.fresh(),
    mode: 'mx',
    log: logger,
  })
}

/** Both kinds of limits of one policy: asked for with every command, made once. */
const made = new WeakMap<PolicyDocument<'edge'>, { readonly usual: SmtpLimits; readonly exempt: SmtpLimits }>()

/** What policy says, as the listener wants it; exempt networks are not counted per address. */
const limitsFor = ({ policies }: Foundation, address: string): SmtpLimits => {
  const { document } = policies.current('edge')
  let limits = made.get(document)
  if (limits === undefined) {
    const { backlog: _backlog, ...allowed } = document.limits
    const usual = { ...allowed, bareLineEnds: document.bareLineEnds }
    limits = { usual, exempt: { ...usual, connectionsPerAddress: usual.connections } }
    made.set(document, limits)
  }
  return isIn(document.exemptNetworks, address) ? limits.exempt : limits.usual
}
