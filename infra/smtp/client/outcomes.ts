import type { Reply } from '#domain/message/reply'
import type { Outcome, Sent, Transport } from './port.ts'

/** What became of each recipient; what is settled stays. */
export class Outcomes {
  readonly #recipients: readonly string[]
  readonly #settled: (Outcome | undefined)[]

  constructor(recipients: readonly string[]) {
    this.#recipients = recipients
    this.#settled = recipients.map(() => undefined)
  }

  settle(place: number, reply: Reply, uncertain = false): void {
    this.#settled[place] ??= { recipient: this.#recipients[place] ?? '', reply, uncertain }
  }

  settleThese(places: readonly number[], reply: Reply): void {
    for (const place of places) this.settle(place, reply)
  }

  settleAll(reply: Reply): void {
    this.settleRest(reply)
  }

  settleRest(reply: Reply, uncertain = false): void {
    for (const place of this.#recipients.keys()) this.settle(place, reply, uncertain)
  }

  sent(away: Reply | null, transport: Transport): Sent {
    return {
      outcomes: this.#settled.map(
        (outcome, place) => outcome ?? { recipient: this.#recipients[place] ?? '', reply: unanswered, uncertain: true },
      ),
      away,
      transport,
    }
  }
}

const unanswered: Reply = { code: 451, enhancedCode: '4.4.2', text: 'The server said nothing about this recipient' }
