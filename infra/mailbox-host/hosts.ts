import type { RemoteMailboxHost } from '#domain/hosted-domain/mailbox-route'
import type { Reply } from '#domain/message/reply'
import type { MailTransport } from '#infra/smtp/client/port'
import { HostHealth, type Leave } from './host-health.ts'
import type { DeliveryOptions, DeliveryRoute, HandedOver, MailboxDelivery, MailboxHost, MailboxHosts } from './port.ts'
import { RemoteHost } from './remote-host.ts'
import { Slots } from './slots.ts'

export interface RoutedHostsParts {
  readonly maildir: MailboxHost
  readonly transport: MailTransport
  /** Milliseconds, never going back. */
  readonly clock?: () => number
  /** How long a delivery waits for one of the host's slots before the host counts as away for a moment. */
  readonly slotPatience?: number
}

const SLOT_PATIENCE_MS = 5_000
/** Of so many hosts is remembered how they fare; beyond it those that fare well are forgotten. */
const REMEMBERED = 10_000

interface Remembered {
  readonly health: HostHealth
  readonly slots: Slots
}

/** By each domain's route to its hosts, in order of priority; who is away is passed over until a probe finds it back. */
export class RoutedHosts implements MailboxHosts {
  readonly #parts: Required<RoutedHostsParts>
  readonly #hosts = new Map<string, Remembered>()

  constructor(parts: RoutedHostsParts) {
    this.#parts = { clock: () => performance.now(), slotPatience: SLOT_PATIENCE_MS, ...parts }
  }

  state(route: DeliveryRoute): 'up' | 'probe' | 'away' {
    if (route === null) return 'up'
    const states = route.map((host) => this.#hosts.get(keyOf(host))?.health.state ?? 'up')
    if (states.includes('up')) return 'up'
    return states.includes('probe') ? 'probe' : 'away'
  }

  async deliver(
    route: DeliveryRoute,
    delivery: MailboxDelivery,
    options: DeliveryOptions,
  ): Promise<HandedOver & { attempted: boolean }> {
    if (route === null) return { ...(await this.#parts.maildir.deliver(delivery)), attempted: true }
    let last: (HandedOver & { attempted: boolean }) | null = null
    for (const host of route) {
      const remembered = this.#remembered(host)
      const leave = remembered.health.ask(options)
      if (leave === null) {
        last ??= away(host, remembered.health.away ?? unknown, false)
        continue
      }
      const handedOver = await this.#try(host, remembered, leave, delivery, options)
      if (!handedOver.away) return { ...handedOver, attempted: true }
      last = { ...handedOver, attempted: true }
    }
    return last ?? { reply: noHost, host: 'none', away: true, uncertain: false, attempted: false }
  }

  async #try(
    host: RemoteMailboxHost,
    { health, slots }: Remembered,
    leave: Leave,
    delivery: MailboxDelivery,
    { password, perHost }: DeliveryOptions,
  ): Promise<HandedOver> {
    let why = health.away
    const release = await slots.take(perHost, this.#parts.slotPatience)
    try {
      if (release === null) {
        why = busy(host, perHost)
        return away(host, why, false)
      }
      const remote = new RemoteHost(host, { transport: this.#parts.transport, password, connections: perHost })
      const handedOver = await remote.deliver(delivery)
      why = handedOver.away ? handedOver.reply : null
      return handedOver
    } finally {
      release?.()
      health.report(leave, why)
    }
  }

  #remembered(host: RemoteMailboxHost): Remembered {
    const key = keyOf(host)
    let remembered = this.#hosts.get(key)
    if (remembered === undefined) {
      if (this.#hosts.size >= REMEMBERED) this.#forgetIdle()
      remembered = { health: new HostHealth(this.#parts.clock), slots: new Slots() }
      this.#hosts.set(key, remembered)
    }
    return remembered
  }

  #forgetIdle(): void {
    for (const [key, { health, slots }] of this.#hosts) {
      if (health.state === 'up' && slots.idle) this.#hosts.delete(key)
    }
  }
}

/** How a host fares depends on how it is spoken to: another user or another demand for TLS may fare otherwise. */
const keyOf = ({ name, tls, user }: RemoteMailboxHost): string => JSON.stringify([name, tls, user])

const away = (host: RemoteMailboxHost, reply: Reply, attempted: boolean): HandedOver & { attempted: boolean } => ({
  reply,
  host: host.name,
  away: true,
  uncertain: false,
  attempted,
})

const noHost: Reply = {
  code: 451,
  enhancedCode: '4.3.5',
  text: "The domain's setting mailboxHost names no host that is known here",
}
const unknown: Reply = { code: 451, enhancedCode: '4.4.1', text: 'The host is away' }

const busy = ({ name }: RemoteMailboxHost, perHost: number): Reply => ({
  code: 451,
  enhancedCode: '4.4.1',
  text: `${name}: ${perHost} deliveries are under way, and none of them has ended for too long`,
})
