import { afterEach } from 'vitest'
import { pino } from 'pino'
import { DeliveryClaims } from '#apps/courier/claims'
import { RecordingQueue } from '#apps/courier/recording-queue'
import { Destinations } from '#apps/courier/relay/destinations'
import { OutgoingMessages } from '#apps/courier/relay/message'
import { Relay } from '#apps/courier/relay/relay'
import { relayMail } from '#apps/courier/relay/relay-mail'
import { routeTo, type Route } from '#apps/courier/relay/route'
import { Routes } from '#apps/courier/relay/routes'
import { smarthostRoute, type Smarthost } from '#apps/courier/relay/smarthost'
import { mailStream, type MailEvent } from '#domain/mail/events'
import type { RelayPolicy } from '#domain/policy/documents'
import type { Commands } from '#infra/commands/commands'
import { askOf } from '#infra/dns/mail-exchangers'
import { SmtpPool } from '#infra/smtp/client/pool'
import type { Installation } from './api-installation.ts'
import { scriptedDns, type ScriptedDns, type Zone } from './dns.ts'
import { accept, scanner } from './mail.ts'
import { returnAddressesOf } from './mx.ts'

export interface World {
  readonly zone?: Zone
  /** Instead of a zone: one that changes. */
  readonly dns?: ScriptedDns
  readonly port?: number
  readonly smarthost?: Smarthost
  readonly perDestination?: number
  readonly perMinute?: number | null
  readonly timeouts?: RelayPolicy['timeouts']
  readonly destinations?: RelayPolicy['destinations']
  /** Through which outcomes are recorded, where that is made to fail. */
  readonly commands?: Pick<Commands, 'mail'>
  readonly from?: readonly string[]
  /** Routes to single ports: what a host name stands for. */
  readonly ports?: Readonly<Record<string, number>>
}

/** So many milliseconds for each step of a conversation. */
export const stepsWithin = (ms: number): RelayPolicy['timeouts'] => ({
  connect: ms,
  greeting: ms,
  command: ms,
  data: ms,
  block: ms,
  final: ms,
})

/** The relay of an installation, over whatever DNS and servers a spec makes up. */
export interface Relaying {
  start(world: World): Promise<void>
  /** An administrator asks for the next attempt now. */
  retried(id: string, recipient: string): Promise<void>
  /** A submission that was scanned: its recipients are cleared. Answers its id. */
  submitted(to: readonly string[], mail?: Submission): Promise<string>
  events(id: string): Promise<readonly MailEvent[]>
  /** `Delivered x@remote.test mx1.remote.test 2.0.0`, in the order of the log. */
  outcomes(id: string): Promise<readonly string[]>
}

export interface Submission {
  readonly text?: string
  readonly account?: string
  readonly smtputf8?: boolean
}

export const relaying = (here: Installation): Relaying => {
  const ends: (() => Promise<void>)[] = []
  let mails = 0
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end()
    // What still waits would go to the next test's servers.
    await here.api.settled()
    const waiting = here.api.parts.views.select<{ mail: string; recipient: string }>(
      'delivery-queue',
      'SELECT * FROM {entries}',
    )
    for (const { mail, recipient } of waiting)
      await here.api.mailCommand(mail, { kind: 'bounce', recipient, by: 'spec', now: here.api.clock.now })
    await here.api.settled()
  })

  const start = async ({
    zone = {},
    dns = scriptedDns(zone),
    port = 1,
    smarthost,
    from = [],
    ports = {},
    timeouts = stepsWithin(2_000),
    commands = here.api.parts.commands,
    ...limits
  }: World): Promise<void> => {
    const { parts, clock } = here.api
    const policy = { privateTargets: 'allow', timeouts, ...limits }
    await parts.commands.policy(
      'relay',
      { kind: 'set-policy', name: 'relay', document: policy, reason: 'spec' },
      here.api.asked(),
    )
    const transport = new SmtpPool({ name: 'mail.test' })
    ends.push(() => transport.close())
    const destinations = new Destinations()
    const logger = pino({ level: process.env['MAILKEEP_TEST_LOG'] ?? 'silent' })
    const now = (): number => clock.now
    const claims = new DeliveryClaims({ log: parts.events, commands: parts.commands, node: 'spec', clock: now, logger })
    const ask = askOf(dns)
    const routes = new Routes(async (domain): Promise<Route> => {
      if (smarthost !== undefined) return smarthostRoute(ask, smarthost)
      const route = await routeTo(
        {
          ask,
          port,
          random: () => 0.5,
          listeners: () => [],
          policy: () => parts.policies.current('relay').document,
          mayRelayToLoopback: true,
        },
        domain,
      )
      if (route.is === 'unroutable') return route
      return { ...route, hosts: route.hosts.map((host) => ({ ...host, port: ports[host.name] ?? host.port })) }
    })
    const records = new RecordingQueue({ commands, clock: now, logger })
    ends.push(async () => records.stop())
    const mailParts = {
      records,
      states: parts.states,
      content: parts.content,
      policies: parts.policies,
      transport,
      destinations,
      claims,
      hostedDomains: parts.hostedDomains,
      returnAddresses: returnAddressesOf(here),
      messages: new OutgoingMessages({ content: parts.content }),
      reportAddresses: () => [],
      sendingAddresses: () => from,
      destinationOf: (domain: string) => routes.known(domain)?.key,
      node: 'spec',
      clock: now,
      logger,
      metrics: { delivered: () => {} },
    }
    const relay = new Relay({
      views: parts.views,
      onViews: (changed) => {
        const looking = setInterval(changed, 20)
        return () => clearInterval(looking)
      },
      routes,
      destinations,
      policies: parts.policies,
      isHeldUp: () => records.isHeldUp,
      attempt: (candidate, route, suspended) => relayMail(mailParts, candidate, route, suspended),
      clock: now,
      logger,
    })
    await relay.start()
    ends.push(() => relay.stop())
  }

  const submitted = async (
    to: readonly string[],
    { text = 'Subject: Hello\r\n\r\nHello\r\n', account = 'ann@one.test', ...changes }: Submission = {},
  ): Promise<string> => {
    const id = `01JNR${String(++mails).padStart(21, '0')}`
    const { hash, size } = await here.api.parts.content.put(Buffer.from(text))
    const recipients = to.map((address) => ({ address, mailbox: address, route: 'relay' as const }))
    await here.api.mailCommand(id, {
      ...accept(recipients, 'submission', {
        contentHash: hash,
        size,
        acceptedAt: here.api.clock.now,
        reversePath: account,
        account,
        ...changes,
      }),
      scanner,
    })
    return id
  }

  const retried = async (id: string, recipient: string): Promise<void> => {
    await here.api.mailCommand(id, { kind: 'retry-now', recipient, by: 'root@one.test', now: here.api.clock.now })
  }

  const events = async (id: string): Promise<readonly MailEvent[]> =>
    (await here.api.parts.events.readStream(mailStream(id))) as unknown as readonly MailEvent[]
  const outcomes = async (id: string): Promise<string[]> =>
    (await events(id)).flatMap((event) =>
      event.type === 'Delivered' || event.type === 'Deferred' || event.type === 'Bounced'
        ? [
            `${event.type} ${event.data.recipient} ${event.data.host.split(':')[0]} ${event.data.reply.enhancedCode ?? event.data.reply.code}`,
          ]
        : [],
    )

  return { start, submitted, retried, events, outcomes }
}
