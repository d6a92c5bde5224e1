import { LRUCache } from 'lru-cache'

const KEEP = 50_000

export interface SignInLimit {
  /** Failures that are let through within the window. */
  readonly failures: number
  /** Milliseconds. */
  readonly window: number
}

/** What an attempt turned out to be; until then it counts as failed, so that many at once gain nothing. */
export interface Attempt {
  succeeded(): void
}

/**
 * Failed sign-ins within a sliding window, per account and per client address. In memory: a restart forgets them, the refusals
 * themselves are in the log.
 */
export class SignInLimits {
  readonly #failures = new LRUCache<string, readonly number[]>({ max: KEEP })

  /** The attempt, or after how many milliseconds another one is let through. */
  begin(
    account: string,
    clientAddress: string,
    now: number,
    limit: SignInLimit,
  ): Attempt | { readonly retryAfter: number } {
    const keys = [`account ${account}`, `client ${networkOf(clientAddress)}`]
    const waits = keys.map((key) => this.#wait(key, now, limit)).filter((wait) => wait > 0)
    if (waits.length > 0) return { retryAfter: Math.max(...waits) }
    for (const key of keys) this.#failures.set(key, [...this.#recent(key, now, limit), now])
    return {
      succeeded: () => {
        this.#failures.delete(keys[0] ?? '')
        const ofClient = [...(this.#failures.get(keys[1] ?? '') ?? [])]
        const own = ofClient.lastIndexOf(now)
        if (own >= 0) ofClient.splice(own, 1)
        this.#failures.set(keys[1] ?? '', ofClient)
      },
    }
  }

  #recent(key: string, now: number, limit: SignInLimit): readonly number[] {
    return (this.#failures.get(key) ?? []).filter((at) => at > now - limit.window)
  }

  #wait(key: string, now: number, limit: SignInLimit): number {
    const recent = this.#recent(key, now, limit)
    if (recent.length < limit.failures) return 0
    return (recent[recent.length - limit.failures] ?? now) + limit.window - now
  }
}

/** One customer has a whole IPv6 /64: counted as one. */
function networkOf(address: string): string {
  if (!address.includes(':') || address.startsWith('::ffff:')) return address
  const [head = '', tail = ''] = address.split('::', 2)
  const left = head === '' ? [] : head.split(':')
  const right = tail === '' ? [] : tail.split(':')
  const groups = [...left, ...Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => '0'), ...right]
  return `${groups.slice(0, 4).join(':')}::/64`
}
