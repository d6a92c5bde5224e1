import { createApi } from '#apps/api/api'
import type { CertificateSource } from '#infra/config/tls'
import type { Metrics } from '#infra/observability/metrics'
import type { Foundation } from './foundation.ts'
import type { Scanners } from './scanners.ts'

export interface ApiPartOptions {
  readonly foundation: Foundation
  readonly metrics: Metrics
  readonly certificate: CertificateSource
  readonly scanners: Scanners
  readonly port: number
}

export interface ApiPart {
  readonly address: string
  readonly port: number
  close(): Promise<void>
}

/** REST, health, metrics and the page at `/`. */
export const startApi = async ({ foundation, metrics, port }: ApiPartOptions): Promise<ApiPart> => {
  const { clock, config, log, logger, projector } = foundation
  const api = await createApi({
    ...foundation,
    log: logger,
    events: log,
    projections: {
      status: () => projector.status().views,
      rebuild: (name) => projector.rebuild(name),
      verify: (name) => projector.verify(name),
    },
    readiness: { problems: () => (projector.isCurrent() ? [] : ['the views have not caught up']) },
    metrics,
    now: clock,
    trustedProxies: config.http.trustedProxies,
  })
  const bound = await api.listen(port, config.http.bind)
  return { address: config.http.bind, port: bound, close: () => api.close() }
}
