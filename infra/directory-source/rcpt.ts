import type { Address } from '#domain/message/mailbox'
import { formatReply, type Reply } from '#domain/message/reply'
import type { Found, ProbedHost, RcptProbe, RecipientSource } from './port.ts'

/** The mailbox host is who knows: asked by RCPT, hosts in order of priority until one answers. */
export class RcptSource implements RecipientSource {
  readonly #probe: RcptProbe
  readonly #hosts: readonly ProbedHost[]

  constructor(probe: RcptProbe, hosts: readonly ProbedHost[]) {
    this.#probe = probe
    this.#hosts = hosts
  }

  async lookUp(address: Address, signal: AbortSignal): Promise<Found> {
    let away: Found = { kind: 'away', reason: 'the domain has no mailbox host that can be asked by RCPT' }
    for (const host of this.#hosts) {
      if (signal.aborted) break
      const { about, reply } = await this.#probe.ask(host, address, signal)
      const said = formatReply(reply)
      const found: Found = about === 'host' ? { kind: 'away', reason: said } : meaning(reply, said)
      if (found.kind !== 'away') return found
      away = found
    }
    return away
  }

  async close(): Promise<void> {}
}

/**
 * What a reply to RCPT says about the address. A full mailbox exists. 5.7.x is about us, not about the address (RFC 3463 3.8): mail must not
 * be refused for good because a host was told not to trust this one.
 */
const meaning = (reply: Reply, said: string): Found => {
  const { code, enhancedCode } = reply
  if (code < 300) return { kind: 'recipient' }
  if (code === 452 || code === 552 || enhancedCode === '4.2.2' || enhancedCode === '5.2.2') return { kind: 'recipient' }
  if (code < 500 || enhancedCode?.startsWith('5.7.') === true) return { kind: 'away', reason: said }
  return { kind: 'unknown', reason: said }
}
