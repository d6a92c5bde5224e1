import { createApi } from '#apps/api/api'
import type { ApiParts } from '#apps/api/parts'
import type { Foundation } from './foundation.ts'

export interface ApiPartOptions {
  readonly foundation: Foundation
  readonly digests: ApiParts['digests']
  readonly metrics: ApiParts['metrics']
  /** What stands against readiness, as sentences. */
  readonly problems: () => readonly string[]
  readonly port: number
  /** The role api runs elsewhere: health and metrics of this process are served all the same. */
  readonly only?: 'health'
}

export interface ApiPart {
  readonly address: string
  readonly port: number
  close(): Promise<void>
}

/** REST, health, metrics and the page at `/`. */
export const startApi = async ({
  foundation,
  digests,
  metrics,
  port,
  problems,
  only,
}: ApiPartOptions): Promise<ApiPart> => {
  const { clock, config, log, logger, projector } = foundation
  const parts: ApiParts = {
    ...foundation,
    digests,
    log: logger,
    events: log,
    hostname: config.hostname,
    projections: {
      status: () => projector.status().views,
      rebuild: (name) => projector.rebuild(name),
      verify: (name) => projector.verify(name),
    },
    readiness: { problems },
    metrics,
    now: clock,
    trustedProxies: config.http.trustedProxies,
  }
  const api = await createApi(parts, only === undefined ? {} : { only })
  const bound = await api.listen(port, config.http.bind)
  return { address: config.http.bind, port: bound, close: () => api.close() }
}
