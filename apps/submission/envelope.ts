import type { Recipient } from '#domain/mail/events'
import type { MailParameters } from '#infra/smtp/port'

/** Groups unfolded: what one append to the log can tell about all of them must stay under 1 MiB. */
export const MOST_RECIPIENTS = 2_000

/** With where they forward it to. */
const sizeOf = (recipients: readonly Recipient[]): number =>
  recipients.reduce((size, { forward }) => size + 1 + (forward?.to.length ?? 0), 0)

/** A mail that has been begun. */
export class Envelope {
  readonly reversePath: string | null
  readonly parameters: MailParameters
  readonly #recipients = new Map<string, Recipient>()
  readonly #named = new Set<string>()

  constructor(reversePath: string | null, parameters: MailParameters) {
    this.reversePath = reversePath
    this.parameters = parameters
  }

  /** False: with these it would be too many, and none was added. Who is in it already stays as first named. */
  add(address: string, recipients: readonly Recipient[]): boolean {
    const fresh = recipients.filter(({ mailbox }) => !this.#recipients.has(mailbox))
    if (sizeOf([...this.#recipients.values(), ...fresh]) > MOST_RECIPIENTS) return false
    for (const recipient of fresh)
      if (!this.#recipients.has(recipient.mailbox)) this.#recipients.set(recipient.mailbox, recipient)
    this.#named.add(address)
    return true
  }

  get recipients(): readonly Recipient[] {
    return [...this.#recipients.values()]
  }

  /** As they were named in RCPT TO, each once. */
  get named(): readonly string[] {
    return [...this.#named]
  }

  /** What counts against the day's quota: everybody who was named (a group here is one), and everybody outside. */
  get counted(): number {
    const outside = this.recipients.filter(({ route }) => route === 'relay').length
    const local = new Set(this.recipients.filter(({ route }) => route === 'mailbox').map(({ address }) => address)).size
    return outside + local
  }
}
