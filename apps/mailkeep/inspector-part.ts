import type { QuarantineRow } from '#projections/quarantine/projection'
import { dueInspections } from '#apps/inspector/due-inspections'
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
    node: config.node.name,
    due: (now, limit, claimant) => dueInspections(views, now, limit, claimant),
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
