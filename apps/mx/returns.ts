import { LRUCache } from 'lru-cache'
import { HOUR, type Instant } from '#domain/kernel/instant'
import type { Recipient } from '#domain/mail/events'
import { mailboxKey, type Address } from '#domain/message/mailbox'
import { refusal, type Reply } from '#domain/message/reply'
import { aggregates } from '#infra/commands/aggregates'
import type { Policies } from '#infra/commands/policies'
import type { ReturnAddresses } from '#infra/commands/return-addresses'
import type { StreamStates } from '#infra/commands/stream-states'

export interface ReturnParts {
  readonly returnAddresses: Pick<ReturnAddresses, 'whose'>
  readonly states: StreamStates
  readonly policies: Pick<Policies, 'current'>
  readonly clock: () => Instant
}

export type Return =
  /** The sender of what was forwarded; `recipient` stands for the bounce's way back to them. */
  | { readonly is: 'sender'; readonly sender: Address; readonly recipient: Recipient }
  | { readonly is: 'forged' }
  | { readonly is: 'expired' }

/** Senders whose bounces are counted; beyond it those not heard of for longest begin anew. */
const MOST_REMEMBERED = 50_000

/** Return addresses of ours (domain/message/srs.ts), as RCPT TO names them: whose they are, and how many bounces they have had. */
export class Returns {
  readonly #parts: ReturnParts
  /** When the last ones came, oldest first. */
  readonly #counted = new LRUCache<Address, readonly Instant[]>({ max: MOST_REMEMBERED })

  constructor(parts: ReturnParts) {
    this.#parts = parts
  }

  /** null: it is no return address, or not of a domain of ours. */
  async lookUp(given: Address): Promise<Return | null> {
    const returned = await this.#parts.returnAddresses.whose(given)
    if (returned === null || returned.is === 'forged' || returned.is === 'expired') return returned
    const sender = returned.is === 'address' ? returned.address : await this.#senderOf(returned.mail)
    if (sender === null) return { is: 'forged' }
    const recipient: Recipient = {
      address: given,
      mailbox: mailboxKey(given),
      route: 'mailbox',
      forward: { to: [sender], as: 'return' },
    }
    return { is: 'sender', sender, recipient }
  }

  /** In any hour at most so many for one sender: whoever gets hold of a return address can't flood them. Of this node; false: over. */
  countOne(sender: Address): boolean {
    const now = this.#parts.clock()
    const { bouncesPerHour } = this.#parts.policies.current('accounts').document.forwarding
    const within = (this.#counted.get(sender) ?? []).filter((at) => at > now - HOUR)
    if (within.length >= bouncesPerHour) return false
    this.#counted.set(sender, [...within, now])
    return true
  }

  /** Whom a mail came from that has been forwarded. */
  async #senderOf(mail: string): Promise<Address | null> {
    const { state } = await this.#parts.states.loadNewest(aggregates.mail, aggregates.mail.stream(mail))
    return state?.accepted.reversePath ?? null
  }
}

/** What is said of an address that only looks like one of ours; null: it does not. */
export const noReturn = (returned: Return | null): Reply | null => {
  switch (returned?.is) {
    case 'forged':
      return refusal(550, '5.1.1', 'This return address was not made here: its signature is wrong')
    case 'expired':
      return refusal(550, '5.7.1', 'This return address is too old: bounces are taken for 21 days')
    default:
      return null
  }
}

/** Whether an address may be a return address at all. */
export const isReturnLike = (address: Address): boolean => /^srs[01][=+-]/i.test(address)
