import type { CourierParts } from '#apps/courier/courier'
import { DeliveryClaims } from '#apps/courier/claims'
import { Destinations } from '#apps/courier/relay/destinations'
import type { RecordingQueue } from '#apps/courier/recording-queue'
import { OutgoingMessages } from '#apps/courier/relay/message'
import type { OwnListener } from '#apps/courier/relay/own-addresses'
import { Relay } from '#apps/courier/relay/relay'
import { relayMail } from '#apps/courier/relay/relay-mail'
import { routeTo } from '#apps/courier/relay/route'
import { Routes } from '#apps/courier/relay/routes'
import { smarthostRoute, type Smarthost } from '#apps/courier/relay/smarthost'
import { SendingAddresses } from '#apps/courier/relay/sending-addresses'
import type { Config } from '#infra/config/load'
import { readHostPort } from '#infra/config/setting-types'
import { askOf } from '#infra/dns/mail-exchangers'
import type { DnsResolver } from '#infra/dns/port'
import type { Metrics } from '#infra/observability/metrics'
import type { MailTransport } from '#infra/smtp/client/port'
import { openDkimSigner } from './dkim-signing.ts'
import type { Foundation } from './foundation.ts'
import { openTlsPolicies } from './tls-policies.ts'

export interface RelayPartOptions {
  readonly foundation: Foundation
  readonly metrics: Metrics
  readonly dns: DnsResolver
  readonly transport: MailTransport
  readonly records: RecordingQueue
  readonly reportAddresses: CourierParts['reportAddresses']
  /** Where this process takes mail: what would be relayed there goes round in a circle. */
  readonly listeners: () => readonly OwnListener[]
  readonly demo: boolean
}

/** Mail to the Internet: MX look-ups, DKIM signatures, and the scheduler that hands it out. */
export const startRelay = async (options: RelayPartOptions): Promise<Pick<Relay, 'stop'>> => {
  const { foundation, metrics, dns, transport, records, reportAddresses, listeners, demo } = options
  const { clock, config, hostedDomains, logger, policies, projector, views } = foundation
  const destinations = new Destinations()
  const pool = new SendingAddresses((domain) => hostedDomains.current(domain)?.sendingAddresses ?? [])
  const parts = {
    ...foundation,
    transport,
    records,
    destinations,
    reportAddresses,
    claims: new DeliveryClaims({ ...foundation, node: config.node.name }),
    messages: new OutgoingMessages({ ...foundation, signer: openDkimSigner(foundation) }),
    sendingAddresses: (domain: string) => pool.inTurn(domain),
    destinationOf: (domain: string) => routes.known(domain)?.key,
    node: config.node.name,
    metrics: {
      delivered: (_host: string, outcome: 'delivered' | 'deferred' | 'failed') => {
        const counter = { delivered: metrics.delivered, deferred: metrics.deferred, failed: metrics.bounced }[outcome]
        counter.inc({ route: 'relay' })
      },
    },
  }
  const tls = await openTlsPolicies(foundation, { dns, demo })
  const smarthost = smarthostOf(config)
  const routes = new Routes((domain) =>
    smarthost === null
      ? routeTo(
          {
            ask: tls.ask(dns),
            tlsPolicies: tls.policies,
            port: config.relay.port,
            random: Math.random,
            listeners,
            policy: () => policies.current('relay').document,
            mayRelayToLoopback: demo,
          },
          domain,
        )
      : smarthostRoute(askOf(dns), smarthost),
  )
  const relay = new Relay({
    views,
    onViews: (changed) => projector.listen({ progress: changed }),
    routes,
    destinations,
    policies,
    isHeldUp: () => records.isHeldUp,
    attempt: (candidate, route, suspended) => relayMail(parts, candidate, route, suspended),
    clock,
    logger,
  })
  await relay.start()
  return {
    async stop() {
      await relay.stop()
      await tls.close()
    },
  }
}

/** Who is told a password is spoken to in TLS. */
const smarthostOf = ({ relay }: Config): Smarthost | null => {
  const { smarthost, smarthostUser: user, smarthostPassword: password, smarthostTls: tls, port } = relay
  if (smarthost === null) return null
  const { host, port: ownPort } = readHostPort(smarthost) ?? { host: smarthost, port: undefined }
  const auth = user === null || password === null ? null : { user, password }
  const wanted = auth !== null && tls === 'opportunistic' ? 'required' : tls
  return { host, port: ownPort ?? port, tls: wanted, auth }
}
