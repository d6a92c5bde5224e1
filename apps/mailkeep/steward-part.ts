import { whatIf } from '#apps/inspector/what-if'
import { Steward } from '#apps/steward/steward'
import type { CertificateSource } from '#infra/config/tls'
import type { RecipientSources } from '#infra/directory-source/sources'
import { isDemo } from './first-start.ts'
import type { Foundation } from './foundation.ts'
import type { MeasuredPressure } from './pressure.ts'
import { publicUrl } from './public-url.ts'
import type { Scanners } from './scanners.ts'

export interface StewardPartOptions {
  readonly foundation: Foundation
  readonly certificate: CertificateSource
  readonly pressure: MeasuredPressure
  readonly scanners: Scanners
  readonly groups: readonly string[]
  readonly sources: RecipientSources
}

/** Alarms, notices, approvals that take effect, and sweeps. */
export const startSteward = async ({
  foundation,
  certificate,
  pressure,
  scanners,
  groups,
  sources,
}: StewardPartOptions): Promise<Steward> => {
  const { config, projector } = foundation
  const steward = new Steward({
    ...foundation,
    sources,
    demo: () => isDemo(foundation.hostedDomains),
    hostname: config.hostname,
    node: config.node.name,
    publicUrl: publicUrl(config),
    whatIf: (mail, policies) => whatIf({ ...foundation, domains: foundation.hostedDomains }, mail, policies),
    conditions: {
      freeBytes: () => pressure.freeBytes(),
      certificateEndsAt: () => certificate.current().notAfter,
      projections: () =>
        projector.status().views.map(({ name, lag, stopped }) => ({
          name,
          lagMs: lag.ms,
          stopped:
            stopped === null ? null : `${stopped.stream}@${stopped.revision} (${stopped.type}): ${stopped.reason}`,
        })),
      groups,
      scannersAway: () => scanners.away(),
      scannersHaveAnswered: () => scanners.haveAnswered(),
    },
  })
  await steward.start()
  return steward
}
