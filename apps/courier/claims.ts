import type { Logger } from 'pino'
import { isDeclined } from '#domain/kernel/decider'
import type { Instant } from '#domain/kernel/instant'
import { recipientOf, type Mail } from '#domain/mail/state'
import type { Commands } from '#infra/commands/commands'
import { LEASE_MS, prolong } from '#infra/event-log/lease'
import type { EventLog } from '#infra/event-log/port'

export interface ClaimParts {
  readonly log: Pick<EventLog, 'shared'>
  readonly commands: Pick<Commands, 'mail'>
  /** Names this node: no two have the same. */
  readonly node: string
  readonly clock: () => Instant
  readonly logger: Logger
  /** Milliseconds. Default 5 minutes. */
  readonly lease?: number
}

export interface ClaimedWork {
  readonly mailId: string
  readonly mail: Mail
  /** Mailboxes of those whose delivery is due for this node. */
  readonly recipients: readonly string[]
  /** Called when the claim is in the log: from then on a due time sees to the work, and the reaction group may have its answer. */
  claimed(): void
}

/** `mail`: as it is with the claim. `mine`: who may be delivered to. `lost`: aborted when another node took over: what hasn't begun must not begin. */
export type WorkOnClaim = (mail: Mail, mine: ReadonlySet<string>, lost: AbortSignal) => Promise<void>

/** Deliveries that may outlast a reaction group's time-out, or that several nodes' views say are due: one node at a time has them (design.md §3). */
export class DeliveryClaims {
  readonly #parts: ClaimParts
  readonly #leaseMs: number

  constructor(parts: ClaimParts) {
    this.#parts = parts
    this.#leaseMs = parts.lease ?? LEASE_MS
  }

  /**
   * Claims, answers the group, works, and prolongs the claim meanwhile; the outcomes that the work records end it. Where all is another node's nothing is
   * done: its claim has a due time. On a log of this process alone nothing is claimed, and the work begins at once.
   */
  async during({ mailId, mail, recipients, claimed }: ClaimedWork, work: WorkOnClaim): Promise<void> {
    if (!this.#parts.log.shared) return work(mail, new Set(recipients), NEVER)
    const current = this.#holds(mail, recipients) ? mail : await this.#claim(mailId, recipients)
    const mine = current === null ? [] : this.#mine(current, recipients)
    if (current === null || mine.length === 0) return
    claimed()
    const prolonged = prolong({
      leaseMs: this.#leaseMs,
      claim: async () => (await this.#claim(mailId, mine)) !== null,
      onTrouble: (error) =>
        this.#parts.logger.warn({ err: error, mail: mailId }, 'the claim of a delivery could not be prolonged'),
    })
    try {
      await work(current, new Set(mine), prolonged.lost)
    } finally {
      await prolonged.stop()
    }
  }

  /** Null: another node has them, or nothing is owed. */
  async #claim(mailId: string, recipients: readonly string[]): Promise<Mail | null> {
    const { clock, commands, node } = this.#parts
    const now = clock()
    const leaseUntil = now + this.#leaseMs
    const outcome = await commands.mail(
      mailId,
      { kind: 'claim-delivery', recipients, node, now, leaseUntil },
      {
        actor: { kind: 'system', part: 'courier' },
        now,
        commandId: `${mailId}/claim/${node}/${leaseUntil}/${recipients.join('/')}`,
        correlationId: mailId,
      },
    )
    return isDeclined(outcome) ? null : outcome.state
  }

  /** Claimed before, for long enough: a host that is away is looked for again and again. */
  #holds(mail: Mail, recipients: readonly string[]): boolean {
    const longEnough = this.#parts.clock() + this.#leaseMs / 2
    return recipients.every((mailbox) => {
      const claim = recipientOf(mail, mailbox)?.claim ?? null
      return claim?.node === this.#parts.node && claim.until >= longEnough
    })
  }

  #mine(mail: Mail, recipients: readonly string[]): readonly string[] {
    return recipients.filter((mailbox) => recipientOf(mail, mailbox)?.claim?.node === this.#parts.node)
  }
}

const NEVER = new AbortController().signal
