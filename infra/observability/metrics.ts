import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'

/** Seconds: from a fast disk's fsync to a slow scanner. */
const SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]

/** Everything Mailkeep counts. Made once by whoever starts the process, and passed on: there is no global registry. */
export type Metrics = ReturnType<typeof createMetrics>

export interface MetricsOptions {
  /** CPU, memory, event loop lag of this process (`process_*`, `nodejs_*`). Default true. */
  readonly process?: boolean
}

export function createMetrics({ process: ofProcess = true }: MetricsOptions = {}) {
  const registry = new Registry()
  if (ofProcess) collectDefaultMetrics({ register: registry })
  const registers = [registry]

  const counter = <L extends string>(name: string, help: string, ...labelNames: L[]) =>
    new Counter<L>({ name: `mailkeep_${name}_total`, help, labelNames, registers })
  const gauge = <L extends string>(name: string, help: string, ...labelNames: L[]) =>
    new Gauge<L>({ name: `mailkeep_${name}`, help, labelNames, registers })
  const seconds = <L extends string>(name: string, help: string, ...labelNames: L[]) =>
    new Histogram<L>({ name: `mailkeep_${name}_seconds`, help, labelNames, registers, buckets: SECONDS })

  return {
    accepted: counter('accepted', 'Mails accepted', 'flow'),
    refused: counter('refused', 'What was turned away before acceptance', 'stage', 'check'),
    delivered: counter('delivered', 'Recipients delivered to', 'route'),
    deferred: counter('deferred', 'Delivery attempts to be tried again', 'route'),
    bounced: counter('bounced', 'Recipients given up', 'route'),
    quarantined: counter('quarantined', 'Recipients whose mail was held', 'reason'),
    infected: counter('infected', 'Mails with a virus', 'scanner'),
    scanSeconds: seconds('scan', 'One inspection by the pool: reading, scan for viruses, checks', 'scanner', 'outcome'),
    inspectionSeconds: seconds('inspection', 'Acceptance to disposition'),
    acceptSeconds: seconds('accept', 'DATA to 250'),
    appendSeconds: seconds('append', 'One append to the event log'),
    contentPutSeconds: seconds('content_put', 'One put into the content store'),
    projectionLag: gauge('projection_lag_seconds', 'Age of the oldest event a view has not read', 'projection'),
    groupInFlight: gauge('group_in_flight', 'Deliveries of a reaction group that wait for an answer', 'group'),
    groupParked: gauge('group_parked', 'Deliveries of a reaction group that were given up', 'group'),
    connections: gauge('connections', 'Open connections', 'listener'),

    contentType: registry.contentType,
    /** The text format of Prometheus. */
    text: (): Promise<string> => registry.metrics(),
    /** Stops what watches the process. */
    close: (): void => registry.clear(),
  }
}
