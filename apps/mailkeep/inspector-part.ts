import type { InspectionRow } from '#projections/inspection-queue/tables'
import type { QuarantineRow } from '#projections/quarantine/projection'
import { InspectionPool } from '#apps/inspector/inspection-pool'
import { Inspector } from '#apps/inspector/inspector'
import type { Metrics } from '#infra/observability/metrics'
import type { Foundation } from './foundation.ts'
import type { Scanners } from './scanners.ts'

/** Inspection: the pool of threads and the reaction that feeds it. */
export const startInspector = async ({
  foundation,
  metrics,
  scanners,
}: {
  foundation: Foundation
  metrics: Metrics
  scanners: Scanners
}): Promise<Inspector> => {
  const { config, folders, hostedDomains, policies, views } = foundation
  await policies.fresh()
  const pool = new InspectionPool(
    {
      content: folders.content,
      engines: config.antivirus.engine,
      clamdAddress: config.clamd.address,
      dnsServers: config.dns.servers,
    },
    policies.current('inspection').document.parallel,
    { onProblem: (error) => foundation.logger.error({ err: error }, 'an inspection thread failed') },
  )
  const inspector = new Inspector({
    ...foundation,
    domains: hostedDomains,
    pool,
    // What was never tried is the reaction group's; here is what a due time waits for.
    due: (now, limit) =>
      views
        .select<InspectionRow>(
          'inspection-queue',
          'SELECT mail FROM {mails} WHERE attempt > 0 AND dueAt <= :now ORDER BY dueAt, mail LIMIT :limit',
          { now, limit },
        )
        .map(({ mail }) => mail),
    expired: (now, limit) =>
      views.select<QuarantineRow>(
        'quarantine',
        'SELECT mail, recipient FROM {items} WHERE expiresAt <= :now ORDER BY expiresAt LIMIT :limit',
        { now, limit },
      ),
    metrics: {
      inspected: (outcome, milliseconds) =>
        metrics.scanSeconds.observe({ scanner: config.antivirus.engine.join('+'), outcome }, milliseconds / 1000),
      recorded: (event) => {
        if (event.type === 'Quarantined') metrics.quarantined.inc({ reason: event.data.reason })
        else if (event.type === 'VirusDetected') metrics.infected.inc({ scanner: event.data.scanner.name })
      },
      judged: (milliseconds) => metrics.inspectionSeconds.observe(Math.max(0, milliseconds) / 1000),
    },
    onScanner: (scanner, trouble) => scanners.heard(scanner, trouble),
  })
  await inspector.start()
  return inspector
}
