import type { Account } from '#domain/account/state'
import { isDeclined } from '#domain/kernel/decider'
import type { Instant } from '#domain/kernel/instant'
import type { Address } from '#domain/message/mailbox'
import { sendingDaysStream, sendingId, type SendingDay } from '#domain/sending/events'
import type { EventLog } from '#infra/event-log/port'
import { aggregates } from './aggregates.ts'
import { execute } from './execute.ts'
import { quotaOf, type QuotaSources } from './quota-of.ts'
import { ReservationQueue } from './reservation-queue.ts'
import type { StreamStates } from './stream-states.ts'

export interface SendingQuotaParts extends QuotaSources {
  readonly log: EventLog
  readonly states: StreamStates
}

export interface Reserve {
  /** As read for this mail: its zone and its quota count. */
  readonly account: Account
  /** The id the mail will have. */
  readonly mail: string
  /** After all recipients are known, local ones included. */
  readonly recipients: number
  readonly now: Instant
}

export type Reservation =
  | {
      readonly kind: 'reserved'
      /** The mail is refused after all. Durable when it answers; a second call does nothing. */
      giveBack(now: Instant): Promise<void>
    }
  | {
      readonly kind: 'over'
      readonly limit: 'mails' | 'recipients'
      /** The number that holds for this day, raised or not. */
      readonly quota: number
      /** When the account's day ends. */
      readonly resetsAt: Instant
    }

/**
 * The daily quota (design.md §3): each mail has its place in `sending-<account>-<day>`, at an exact revision, before it is accepted; so there
 * is never one too many, whatever the number of sessions and nodes. A crash between the reservation and `Accepted` leaves a place that
 * no mail has: the account may send one less that day.
 *
 * One instance for a process. An error (`LogUnavailable`, `Contended`) means that nothing was decided: 451.
 */
export class SendingQuota {
  readonly #parts: SendingQuotaParts
  readonly #queue: ReservationQueue
  readonly #opening = new Map<Address, Promise<SendingDay>>()

  constructor(parts: SendingQuotaParts) {
    this.#parts = parts
    this.#queue = new ReservationQueue(parts.log, parts.states)
  }

  async reserve({ account, mail, recipients, now }: Reserve): Promise<Reservation> {
    const [{ day, ends }, quota] = await Promise.all([this.#day(account, now), quotaOf(this.#parts, account)])
    const id = sendingId(account.address, day)
    const actor = { kind: 'account', address: account.address } as const
    const answer = await this.#queue.ask(id, { kind: 'reserve', mail, recipients, quota, resetsAt: ends, now }, actor)
    if (answer !== 'taken') return { kind: 'over', ...answer, resetsAt: ends }
    let returned: Promise<unknown> | null = null
    return {
      kind: 'reserved',
      giveBack: async (at) => {
        returned ??= this.#queue
          .ask(id, { kind: 'give-back', mail, recipients, now: at }, actor)
          .catch((error: unknown) => {
            returned = null
            throw error
          })
        await returned
      },
    }
  }

  /** The day that runs; opened by its first mail. */
  async #day({ address, timeZone }: Account, now: Instant): Promise<SendingDay> {
    const { state: last } = await this.#parts.states.load(aggregates.sendingDays, sendingDaysStream(address))
    if (last !== null && now < last.ends) return last
    // Sessions that find the day over at once open the next one once.
    let opening = this.#opening.get(address)
    if (opening === undefined) {
      opening = this.#open(address, timeZone, now).finally(() => this.#opening.delete(address))
      this.#opening.set(address, opening)
    }
    const opened = await opening
    return now < opened.ends ? opened : this.#open(address, timeZone, now)
  }

  async #open(address: Address, timeZone: string, now: Instant): Promise<SendingDay> {
    const { log, states } = this.#parts
    const opened = await execute(
      log,
      states,
      aggregates.sendingDays,
      address,
      { kind: 'open-day', zone: timeZone, now },
      {
        actor: { kind: 'account', address },
        now,
        commandId: `open/${timeZone}/${now}`,
        correlationId: `open/${address}/${now}`,
      },
    )
    if (isDeclined(opened) || opened.state === null) throw new Error(`no day of ${address} was opened`)
    return opened.state
  }
}
