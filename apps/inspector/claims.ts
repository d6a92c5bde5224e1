import type { Logger } from 'pino'
import { isDeclined } from '#domain/kernel/decider'
import type { Instant } from '#domain/kernel/instant'
import type { Commands } from '#infra/commands/commands'
import { LEASE_MS, prolong } from '#infra/event-log/lease'

export interface ClaimParts {
  readonly commands: Pick<Commands, 'mail'>
  /** Names this node: no two have the same. */
  readonly node: string
  readonly clock: () => Instant
  readonly logger: Logger
  /** Milliseconds. Default 5 minutes. */
  readonly lease?: number
}

/** Inspections on a log that nodes share: an append for each would be dear, so that only the few are claimed that need it. */
export class InspectionClaims {
  readonly #parts: ClaimParts
  readonly #leaseMs: number

  constructor(parts: ClaimParts) {
    this.#parts = parts
    this.#leaseMs = parts.lease ?? LEASE_MS
  }

  /** For what a due time says, which it says on every node: nothing is done where another node has it. */
  async first(mailId: string, work: () => Promise<void>): Promise<void> {
    if (await this.#claim(mailId)) await this.#prolonged(mailId, () => {}, work)
  }

  /**
   * For an event that is this node's until its group's time-out: long before, the work is claimed if it is still going on, and `claimed` answers the group. Two
   * nodes are at it only where a connection is cut meanwhile; then one of them works in vain.
   */
  whenLong(mailId: string, claimed: () => void, work: () => Promise<void>): Promise<void> {
    return this.#prolonged(mailId, claimed, work)
  }

  async #prolonged(mailId: string, claimed: () => void, work: () => Promise<void>): Promise<void> {
    const prolonged = prolong({
      leaseMs: this.#leaseMs,
      claim: async () => {
        const isMine = await this.#claim(mailId)
        if (isMine) claimed()
        return isMine
      },
      onTrouble: (error) =>
        this.#parts.logger.warn({ err: error, mail: mailId }, 'the claim of an inspection could not be prolonged'),
    })
    try {
      await work()
    } finally {
      await prolonged.stop()
    }
  }

  async #claim(mailId: string): Promise<boolean> {
    const { clock, commands, node } = this.#parts
    const now = clock()
    const leaseUntil = now + this.#leaseMs
    const claimed = await commands.mail(
      mailId,
      { kind: 'claim-inspection', node, now, leaseUntil },
      {
        actor: { kind: 'system', part: 'inspector' },
        now,
        commandId: `${mailId}/claim-inspection/${node}/${leaseUntil}`,
        correlationId: mailId,
      },
    )
    return !isDeclined(claimed)
  }
}
