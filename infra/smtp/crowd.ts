import { networkOf } from '#domain/message/client-network'
import type { SmtpLimits } from './port.ts'
import { limitRefusal, type ProtocolRefusal } from './refusals.ts'

/** Who is connected, counted in all and per client: an IPv4 address, or the /64 that one IPv6 customer has. */
export class Crowd {
  readonly #perClient = new Map<string, number>()
  #size = 0
  #whenEmpty: (() => void) | null = null

  get size(): number {
    return this.#size
  }

  /** Answers why the client can't come in, or null when it is in; then `leave` must follow once. */
  enter(address: string, limits: Pick<SmtpLimits, 'connections' | 'connectionsPerAddress'>): ProtocolRefusal | null {
    const key = networkOf(address)
    const present = this.#perClient.get(key) ?? 0
    if (this.#size >= limits.connections)
      return limitRefusal(
        421,
        '4.7.0',
        `All ${limits.connections} connections are in use, try again later`,
        'connections',
      )
    if (present >= limits.connectionsPerAddress) {
      const text = `No more than ${limits.connectionsPerAddress} connections from ${key}; close some or try again later`
      return limitRefusal(421, '4.7.0', text, 'connections-per-address')
    }
    this.#perClient.set(key, present + 1)
    this.#size++
    return null
  }

  leave(address: string): void {
    const key = networkOf(address)
    const present = this.#perClient.get(key) ?? 0
    if (present <= 1) this.#perClient.delete(key)
    else this.#perClient.set(key, present - 1)
    this.#size--
    if (this.#size === 0) this.#whenEmpty?.()
  }

  /** Nobody is left. */
  async empty(): Promise<void> {
    if (this.#size === 0) return
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#whenEmpty = resolve
    await promise
  }
}
