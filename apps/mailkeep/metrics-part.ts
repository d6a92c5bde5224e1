import type { EventLog } from '#infra/event-log/port'
import type { Metrics } from '#infra/observability/metrics'
import type { Projector } from '#apps/projector/projector'
import type { Timings } from './measured.ts'

export interface Measured {
  readonly log: Pick<EventLog, 'groupStatus'>
  readonly projector: Pick<Projector, 'status'>
  /** Reaction groups that run here. */
  readonly groups: readonly string[]
  /** Connections that are open now, by listener. */
  readonly connections: ReadonlyMap<string, () => number>
}

/** The text for Prometheus; what has a level rather than a count is looked up when it is asked for. */
export const metricsText = async (metrics: Metrics, measured: Measured): Promise<string> => {
  for (const { name, lag } of measured.projector.status().views)
    metrics.projectionLag.set({ projection: name }, lag.ms / 1000)
  for (const group of measured.groups) {
    const { inFlight, parked } = await measured.log.groupStatus(group)
    metrics.groupInFlight.set({ group }, inFlight)
    metrics.groupParked.set({ group }, parked)
  }
  for (const [listener, open] of measured.connections) metrics.connections.set({ listener }, open())
  return metrics.text()
}

export const timings = (metrics: Metrics): Timings => ({
  appended: (milliseconds) => metrics.appendSeconds.observe(milliseconds / 1000),
  put: (milliseconds) => metrics.contentPutSeconds.observe(milliseconds / 1000),
})
