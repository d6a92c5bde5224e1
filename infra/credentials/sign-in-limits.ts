import { LRUCache } from 'lru-cache'
import { networkOf } from '#domain/message/client-network'
import type { PolicyDocument } from '#domain/policy/documents'

const KEEP = 50_000
/** How long the answer to the last failure that is let through is held back. */
const LONGEST_DELAY_MS = 2_000

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
  /** How long a refusal is held back, in milliseconds: longer with every failure. */
  readonly delay: number
  succeeded(): void
  /** It was not looked at. */
  withdrawn(): void
}

/** What the accounts policy says. */
export const signInLimit = (policy: PolicyDocument<'accounts'>): SignInLimit => ({
  perAccount: policy.failedSignIns,
  perAddress: policy.failedSignInsPerAddress,
  window: policy.failedSignInsWindow,
})

/**
 * Failed sign-ins within a sliding window, per account and per client address. Clients from where somebody has signed in to the account before have
 * a count of their own: guesses from elsewhere don't lock the owner out, nor do the owner's sign-ins forgive them. In memory: a restart forgets
 * them, the refusals themselves are in the log.
 */
export class SignInLimits {
  readonly #failures = new LRUCache<string, readonly number[]>({ max: KEEP })
  readonly #known = new LRUCache<string, true>({ max: KEEP })

  /** After how many milliseconds an attempt is let through; 0: now. */
  wait(account: string, clientAddress: string, now: number, limit: SignInLimit): number {
    const [ofAccount, ofClient] = this.#keys(account, clientAddress)
    return Math.max(
      this.#wait(ofAccount, now, limit.perAccount, limit.window),
      this.#wait(ofClient, now, limit.perAddress, limit.window),
    )
  }

  /** The attempt, or after how many milliseconds another one is let through. */
  begin(
    account: string,
    clientAddress: string,
    now: number,
    limit: SignInLimit,
  ): Attempt | { readonly retryAfter: number } {
    const retryAfter = this.wait(account, clientAddress, now, limit)
    if (retryAfter > 0) return { retryAfter }
    const [ofAccount, ofClient, known] = this.#keys(account, clientAddress)
    const failedOf = (key: string): number => {
      const failures = [...this.#recent(key, now, limit.window), now]
      this.#failures.set(key, failures)
      return failures.length
    }
    const share = Math.max(failedOf(ofAccount) / limit.perAccount, failedOf(ofClient) / limit.perAddress)
    return {
      delay: Math.round(LONGEST_DELAY_MS * share ** 2),
      succeeded: () => {
        this.#known.set(known, true)
        this.#failures.delete(known)
        this.#takeBack(ofAccount, now)
        this.#takeBack(ofClient, now)
      },
      withdrawn: () => {
        this.#takeBack(ofAccount, now)
        this.#takeBack(ofClient, now)
      },
    }
  }

  #keys(account: string, clientAddress: string): readonly [string, string, string] {
    const network = networkOf(clientAddress)
    const known = `account ${account} from ${network}`
    return [this.#known.has(known) ? known : `account ${account}`, `client ${network}`, known]
  }

  #takeBack(key: string, at: number): void {
    const left = [...(this.#failures.get(key) ?? [])]
    const own = left.lastIndexOf(at)
    if (own < 0) return
    left.splice(own, 1)
    if (left.length === 0) this.#failures.delete(key)
    else this.#failures.set(key, left)
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
