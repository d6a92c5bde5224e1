import type { Instant } from '#domain/kernel/instant'
import type { Flow } from '#domain/mail/events'
import { openCertificate } from '#infra/config/tls'
import { listenersBeyondLoopback } from '#infra/config/loopback'
import type { Config } from '#infra/config/load'
import type { Role } from '#infra/config/settings'
import { createMetrics } from '#infra/observability/metrics'
import type { Logger } from '#infra/observability/logger'
import type { SmtpListener } from '#infra/smtp/listen'
import { startApi } from './api-part.ts'
import { openDigests } from './digests-part.ts'
import { startArchivist } from './archivist-part.ts'
import { startCourier } from './courier-part.ts'
import { firstStart, isDemo, plannedFirstStart, type FirstStart } from './first-start.ts'
import { openFoundation, type Foundation } from './foundation.ts'
import { startInspector } from './inspector-part.ts'
import { metricsText, timings } from './metrics-part.ts'
import { startMx } from './mx-part.ts'
import { listenForOperator } from './operator-socket.ts'
import { neededViews } from './needed-views.ts'
import { onPort } from './port-taken.ts'
import { MeasuredPressure } from './pressure.ts'
import { Readiness } from './readiness.ts'
import { openRecipientSources } from './recipient-sources.ts'
import { openRecipients } from './recipients.ts'
import { Scanners } from './scanners.ts'
import { startSteward } from './steward-part.ts'
import { startSubmission } from './submission-part.ts'

export interface MailkeepOptions {
  readonly config: Config
  readonly logger: Logger
  readonly clock?: () => Instant
}

/** In the order in which they are told. */
const LISTENERS = ['mx', 'submission', 'submissions', 'http'] as const
const SUBMISSION_LISTENERS = ['submission', 'submissions'] as const
export type ListenerName = (typeof LISTENERS)[number]

/** What listens where. */
export interface Listening {
  readonly name: ListenerName
  readonly address: string
  readonly port: number
}

/** A running Mailkeep: all parts that `roles` names, in this process. */
export interface Mailkeep {
  readonly foundation: Foundation
  /** What listens where, for the line that the start prints. */
  readonly listeners: readonly Listening[]
  /** What was made at the very first start; null at every other. */
  readonly firstStart: FirstStart | null
  readonly demo: boolean
  /** Resolves when the views have caught up with what was in the log at the start. */
  ready(signal?: AbortSignal): Promise<void>
  /** Accepts nothing new, finishes what is in flight (at most 30 s), closes everything. */
  stop(): Promise<void>
}

/** A start that was refused for a reason the operator can mend. */
export class StartRefused extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'StartRefused'
  }
}

const STOP_WITHIN_MS = 25_000

/** Starts every part in the order that loses nothing: what takes mail in comes last, and goes first. */
export const startMailkeep = async ({ config, logger, clock = Date.now }: MailkeepOptions): Promise<Mailkeep> => {
  const started: { name: string; stop: () => Promise<void> | void }[] = []
  const readiness = new Readiness()
  const stop = async () => {
    readiness.stops()
    for (const { name, stop: stopOne } of started.splice(0).reverse()) {
      try {
        await stopOne()
      } catch (error) {
        logger.error({ err: error, part: name }, 'could not be stopped cleanly')
      }
    }
  }
  const begun = <Part>(name: string, part: Part, stopOne: (part: Part) => Promise<void> | void): Part => {
    started.push({ name, stop: () => stopOne(part) })
    return part
  }
  const runs = (role: Role) => config.roles.includes(role)

  try {
    const metrics = begun('metrics', createMetrics(), (one) => one.close())
    const foundation = begun(
      'foundation',
      await openFoundation({ config, logger, clock, timings: timings(metrics), onlyViews: neededViews(config.roles) }),
      (one) => one.close(),
    )
    const { dns, hostedDomains, log, policies, projector, views } = foundation
    // Before anything is made: passwords of a start that is refused would never be shown.
    if ((await plannedFirstStart(foundation))?.demo === true) refuseBeyondLoopback(config)
    const first = await firstStart({ ...foundation, passwords: foundation.credentials.passwords })
    await Promise.all([hostedDomains.fresh(), policies.fresh()])
    const demo = isDemo(hostedDomains)
    if (demo) refuseBeyondLoopback(config)
    const serves = { http: config.http.port !== 'off', mx: runs('mx') && config.mx.port !== 'off' }
    if (serves.mx) readiness.awaits('mx', `${config.mx.bind}:${config.mx.port}`)
    const submits = SUBMISSION_LISTENERS.filter((name) => runs('submission') && config[name].port !== 'off')
    for (const name of submits) readiness.awaits(name, `${config[name].bind}:${config[name].port}`)

    const certificate = begun(
      'certificate',
      await openCertificate(config, {
        onProblem: (error) => logger.error({ err: error }, 'the new certificate can not be used, the old one stays'),
      }),
      (one) => one.close(),
    )
    const pressure = begun(
      'pressure',
      await MeasuredPressure.start(views, config.data, (error) =>
        logger.warn({ err: error }, 'backlog or free space could not be measured'),
      ),
      (one) => one.stop(),
    )
    const sources = begun('recipient sources', openRecipientSources(foundation), (one) => one.close())
    const recipients = openRecipients(foundation, sources)
    const scanners = new Scanners()
    const groups: string[] = []
    const listeners: Listening[] = []

    if (runs('inspector')) {
      begun('inspector', await startInspector({ foundation, metrics, scanners }), (one) => one.stop())
      groups.push('inspector')
    }
    if (runs('courier')) {
      begun('courier', await startCourier({ foundation, metrics, dns, demo, listeners: () => listeners }), (one) =>
        one.stop(),
      )
      groups.push('courier', 'courier-reports')
    }
    if (runs('archivist')) {
      begun('archivist', await startArchivist(foundation), (one) => one.stop())
      groups.push('archivist', 'archivist-purges')
    }
    if (runs('projector')) {
      begun('steward', await startSteward({ foundation, certificate, pressure, scanners, groups, sources }), (one) =>
        one.stop(),
      )
      groups.push('steward-trust', 'steward-notices', 'steward-suspensions')
    }

    const digests = openDigests(foundation, () => listeners)
    if (runs('projector')) {
      await begun('digests', digests, (one) => one.stop()).start()
      groups.push('digests')
    }

    const connections = new Map<string, () => number>()
    begun('operator', await listenForOperator(foundation, () => listeners), (one) => one.close())
    const { port: httpPort } = config.http
    if (serves.http && httpPort !== 'off') {
      const api = begun(
        'api',
        await onPort('http.port', httpPort, () =>
          startApi({
            foundation,
            digests,
            port: httpPort,
            ...(runs('api') ? {} : { only: 'health' as const }),
            metrics: {
              contentType: metrics.contentType,
              text: () => metricsText(metrics, { log, projector, groups, connections }),
            },
            problems: () => readiness.problems(projector.status()),
          }),
        ),
        (one) => one.close(),
      )
      listeners.push({ name: 'http', address: api.address, port: api.port })
    }
    const counted = (flow: Flow) => ({
      accepted: (milliseconds: number) => {
        metrics.accepted.inc({ flow })
        metrics.acceptSeconds.observe(milliseconds / 1000)
      },
      refused: (stage: string, check: string) => metrics.refused.inc({ stage, check }),
    })
    const serve = (name: ListenerName, listener: SmtpListener): void => {
      begun(name, listener, (one) => one.close(STOP_WITHIN_MS))
      certificate.onChange(() => listener.reloadTls())
      connections.set(name, () => listener.connections)
      readiness.isUp(name)
      listeners.push({ name, address: listener.address, port: listener.port })
    }
    if (submits.length > 0) {
      const submission = begun(
        'submission',
        await startSubmission({
          foundation,
          certificate,
          recipients,
          freeBytes: () => pressure.freeBytes(),
          metrics: counted('submission'),
        }),
        (one) => one.close(),
      )
      for (const name of submits) {
        const { port } = config[name]
        if (port !== 'off') serve(name, await onPort(`${name}.port`, port, () => submission.listen(name, port)))
      }
    }
    const { port: mxPort } = config.mx
    if (serves.mx && mxPort !== 'off') {
      const mx = await onPort('mx.port', mxPort, () =>
        startMx({ foundation, port: mxPort, certificate, dns, pressure, recipients, metrics: counted('inbound') }),
      )
      serve('mx', mx)
    }
    listeners.sort((one, other) => LISTENERS.indexOf(one.name) - LISTENERS.indexOf(other.name))

    await first?.finished()
    return { foundation, listeners, firstStart: first, demo, ready: (signal) => projector.whenCurrent(signal), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

const refuseBeyondLoopback = (config: Config): void => {
  const beyond = listenersBeyondLoopback(config)
  if (beyond.length > 0)
    throw new StartRefused(
      `This is a demo: its passwords were printed and it may relay, so it listens on loopback only, not on ${beyond.join(', ')}. For a real installation set \`domain\` and use a new data folder.`,
    )
}
