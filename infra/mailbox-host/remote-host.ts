import type { RemoteMailboxHost } from '#domain/hosted-domain/mailbox-route'
import type { Reply } from '#domain/message/reply'
import type { MailTransport, SmtpTarget } from '#infra/smtp/client/port'
import type { HandedOver, MailboxDelivery, MailboxHost } from './port.ts'

export interface RemoteHostOptions {
  readonly transport: MailTransport
  /** For a host that is told a user. */
  readonly password: string | null
  /** Connections at a time. */
  readonly connections: number
}

/** A host that is spoken to in LMTP or SMTP: one mail per recipient, whose copy has headers of its own. */
export class RemoteHost implements MailboxHost {
  readonly name: string
  readonly #host: RemoteMailboxHost
  readonly #options: RemoteHostOptions

  constructor(host: RemoteMailboxHost, options: RemoteHostOptions) {
    this.name = host.name
    this.#host = host
    this.#options = options
  }

  async deliver(delivery: MailboxDelivery): Promise<HandedOver> {
    const { transport, password, connections } = this.#options
    const { protocol, at, tls, user } = this.#host
    if (user !== null && password === null)
      return this.#away({
        code: 451,
        enhancedCode: '4.3.5',
        text: `${this.name}: its route names the user ${user}, and the domain has no mailboxHostPassword`,
      })
    const auth = user === null || password === null ? null : { user, password }
    const target: SmtpTarget = { protocol, at, tls, auth, connections }
    const { outcomes, away } = await transport.send(target, {
      reversePath: delivery.reversePath,
      recipients: [delivery.mailbox],
      size: delivery.size,
      open: () => delivery.open({ addsReturnPath: true }),
    })
    const [outcome] = outcomes
    if (away !== null || outcome === undefined) return this.#away(away ?? noOutcome)
    return { reply: outcome.reply, host: this.name, away: false, uncertain: outcome.uncertain }
  }

  #away(reply: Reply): HandedOver {
    return { reply, host: this.name, away: true, uncertain: false }
  }
}

const noOutcome: Reply = { code: 451, enhancedCode: '4.4.2', text: 'The host said nothing' }
