import { LRUCache } from 'lru-cache'
import { MINUTE, type Instant } from '#domain/kernel/instant'
import { networkOf } from '#domain/message/client-network'
import type { SubmissionPolicy } from '#domain/policy/documents'
import type { Counted, Rates } from './rates-port.ts'

export interface SlidingRatesParts {
  readonly policy: () => SubmissionPolicy
  /** Not counted by address. */
  readonly isExempt: (clientAddress: string) => boolean
}

/** Accounts and addresses remembered; beyond it those not heard of for longest begin anew. */
const MOST_REMEMBERED = 50_000

/**
 * Sliding windows of a minute per account and per client address (per /64 of IPv6): in any minute at most so many. In memory of this node: what
 * must never be exceeded is the daily quota's to say.
 */
export class SlidingRates implements Rates {
  readonly #parts: SlidingRatesParts
  readonly #windows = new LRUCache<string, Window>({ max: MOST_REMEMBERED })

  constructor(parts: SlidingRatesParts) {
    this.#parts = parts
  }

  take(counted: Counted, by: Parameters<Rates['take']>[1], now: Instant): ReturnType<Rates['take']> {
    const { perMinute, perMinuteAndAddress } = this.#parts.policy()
    const { account, clientAddress } = by
    const bounds = [
      {
        window: this.#window(`${counted} ${account}`),
        most: perMinute[counted],
        limit: `${perMinute[counted]} ${counted} a minute from ${account}`,
      },
    ]
    if (!this.#parts.isExempt(clientAddress)) {
      const network = networkOf(clientAddress)
      bounds.push({
        window: this.#window(`${counted} ${network}`),
        most: perMinuteAndAddress[counted],
        limit: `${perMinuteAndAddress[counted]} ${counted} a minute from ${network}`,
      })
    }
    for (const { window, most, limit } of bounds) {
      const freeAt = window.freeAt(most, now)
      if (freeAt > now) return { kind: 'over', limit, freeAt }
    }
    for (const { window } of bounds) window.add(now)
    return { kind: 'within' }
  }

  #window(key: string): Window {
    let window = this.#windows.get(key)
    if (window === undefined) {
      window = new Window()
      this.#windows.set(key, window)
    }
    return window
  }
}

/** When things happened within the last minute, oldest first from `#first` on. */
class Window {
  #times: Instant[] = []
  #first = 0

  add(now: Instant): void {
    this.#times.push(now)
  }

  /** When one more fits: `now` or later. */
  freeAt(most: number, now: Instant): Instant {
    while (this.#first < this.#times.length && (this.#times[this.#first] ?? now) <= now - MINUTE) this.#first += 1
    if (this.#first > 1_000 && this.#first * 2 > this.#times.length) {
      this.#times = this.#times.slice(this.#first)
      this.#first = 0
    }
    const inside = this.#times.length - this.#first
    // Policy may have become stricter: so many must leave before one more fits.
    return inside < most ? now : (this.#times[this.#first + inside - most] ?? now) + MINUTE
  }
}
