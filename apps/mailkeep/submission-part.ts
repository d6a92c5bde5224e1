import { hash } from 'node:crypto'
import { monotonicFactory } from 'ulid'
import { isIn } from '#apps/mx/networks'
import type { Recipients, Scan, SubmissionMetrics } from '#apps/submission/submission-parts'
import { SlidingRates } from '#apps/submission/rates'
import { SubmissionSessions } from '#apps/submission/submission-sessions'
import { InspectionPool } from '#apps/inspector/inspection-pool'
import { SendingQuota } from '#infra/commands/sending-quota'
import type { CertificateSource } from '#infra/config/tls'
import { listenSmtp, type SmtpListener } from '#infra/smtp/listen'
import { DIRECTORY_EVENTS } from '#projections/directory/follows'
import { addressLookup } from '#projections/directory/identities'
import type { Foundation } from './foundation.ts'
import { smtpLimits } from './smtp-limits.ts'

export interface SubmissionPartOptions {
  readonly foundation: Foundation
  readonly certificate: CertificateSource
  readonly recipients: Recipients
  readonly freeBytes: () => number
  readonly metrics: SubmissionMetrics
}

/** SMTP from users: what both listeners share. */
export interface SubmissionPart {
  listen(kind: 'submission' | 'submissions', port: number): Promise<SmtpListener>
  close(): Promise<void>
}

export const startSubmission = async ({
  foundation,
  certificate,
  recipients,
  freeBytes,
  metrics,
}: SubmissionPartOptions): Promise<SubmissionPart> => {
  const { config, hostedDomains, log, policies, states, views } = foundation
  await Promise.all([policies.fresh(), hostedDomains.fresh()])
  const pool = scanPool(foundation)
  const lookup = addressLookup((table, key) => views.get('directory', table, key))
  const sessions = new SubmissionSessions({
    ...foundation,
    recipients,
    addresses: {
      current: async () => {
        const newest = await log.lastPosition(DIRECTORY_EVENTS)
        if (newest !== null) await views.caughtUp('directory', newest)
        return lookup
      },
    },
    rates: new SlidingRates({
      policy: () => policies.current('submission').document,
      isExempt: (address) => isIn(policies.current('edge').document.exemptNetworks, address),
    }),
    quota: new SendingQuota({ log, states, policies, hostedDomains }),
    scan: scanIn(pool),
    metrics,
    freeBytes,
    newMailId: monotonicFactory(),
    hostname: config.hostname,
  })
  return {
    listen: (kind, port) =>
      listenSmtp({
        bind: config[kind].bind,
        port,
        hostname: config.hostname,
        tls: () => certificate.current(),
        sessions,
        limits: (address) => smtpLimits(foundation, address),
        refresh: () => policies.fresh(),
        mode: 'submission',
        implicitTls: kind === 'submissions',
        dsn: true,
        log: foundation.logger,
      }),
    close: () => pool.close(),
  }
}

/** Threads of its own: what users wait for is not behind what came from the Internet. */
const scanPool = ({ config, folders, logger, policies }: Foundation): InspectionPool =>
  new InspectionPool(
    {
      content: folders.content,
      engines: config.antivirus.engine,
      clamdAddress: config.clamd.address,
      dnsServers: config.dns.servers,
    },
    policies.current('inspection').document.parallel,
    { onProblem: (error) => logger.error({ err: error }, 'a scanning thread failed') },
  )

const scanIn =
  (pool: InspectionPool): Scan =>
  async (what) => {
    const { scan } = await pool.inspect({
      ...('bytes' in what
        ? { bytes: what.bytes, contentHash: hash('sha256', what.bytes, 'hex'), size: what.bytes.length }
        : { contentHash: what.stored.hash, size: what.stored.size }),
      wants: 'scan',
      scored: [],
      judging: null,
    })
    if (scan === null) throw new Error('the scanning thread answered without a scan')
    return scan
  }
