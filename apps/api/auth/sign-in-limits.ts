import { LRUCache } from 'lru-cache'
import type { PolicyDocument } from '#domain/policy/documents'

const KEEP = 50_000

export interface SignInLimit {
  /** Failures of one account that are let through within the window. */
  readonly perAccount: number
  /** Failures from one client address that are, over all accounts: an office or a whole provider can be behind one. */
  readonly perAddress: number
  /** Milliseconds. */
  readonly window: number
}

/** What an attempt turned out to be; until then it counts as failed, so that many at once gain nothing. */
export interface Attempt {
  succeeded(): void
}

/** What the accounts policy says. */
export const signInLimit = (policy: PolicyDocument<'accounts'>): SignInLimit => ({
  perAccount: policy.failedSignIns,
  perAddress: policy.failedSignInsPerAddress,
  window: policy.failedSignInsWindow,
})

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
    const [ofAccount, ofClient] = [`account ${account}`, `client ${networkOf(clientAddress)}`]
    const retryAfter = Math.max(
      this.#wait(ofAccount, now, limit.perAccount, limit.window),
      this.#wait(ofClient, now, limit.perAddress, limit.window),
    )
    if (retryAfter > 0) return { retryAfter }
    for (const key of [ofAccount, ofClient]) this.#failures.set(key, [...this.#recent(key, now, limit.window), now])
    return {
      succeeded: () => {
        this.#failures.delete(ofAccount)
        const left = [...(this.#failures.get(ofClient) ?? [])]
        const own = left.lastIndexOf(now)
        if (own >= 0) left.splice(own, 1)
        this.#failures.set(ofClient, left)
      },
    }
  }

  #recent(key: string, now: number, window: number): readonly number[] {
    return (this.#failures.get(key) ?? []).filter((at) => at > now - window)
  }

  #wait(key: string, now: number, failures: number, window: number): number {
    const recent = this.#recent(key, now, window)
    if (recent.length < failures) return 0
    return (recent[recent.length - failures] ?? now) + window - now
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
