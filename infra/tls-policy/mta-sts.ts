import { LRUCache } from 'lru-cache'
import { HOUR, MINUTE } from '#domain/kernel/instant'
import { type DnsResolver, isTemporary } from '#infra/dns/port'
import type { KeptPolicy, StsCache } from './mta-sts-cache.ts'
import type { StsPolicy } from './mta-sts-policy.ts'
import { stsRecordOf } from './mta-sts-record.ts'

export interface StsPoliciesParts {
  readonly dns: DnsResolver
  readonly cache: StsCache
  /** `fetchStsPolicy`: rejects with why there is none, and when the signal says that nobody waits any more. */
  readonly fetch: (domain: string, closed: AbortSignal) => Promise<StsPolicy>
  /** ms. */
  readonly clock: () => number
}

export interface FoundPolicy {
  /** null: the domain has none that can be had. */
  readonly policy: StsPolicy | null
  /** Why there is none, or that it is an older one; null: there is nothing to say. */
  readonly remark: string | null
}

/** After a fetch that failed, the domain's host is left alone for so long. */
const FAILED_FOR = 5 * MINUTE
const REFRESH_AFTER = 24 * HOUR
/** Policies that nobody asks about are refreshed too, so many at a time, so many an hour. */
const SWEEP = { every: HOUR, most: 200, atOnce: 4 }

/**
 * The policies that domains publish (RFC 8461 5.1). One that is kept counts for as long as it says, whatever becomes of its record
 * or its host; a new id or a day's age has it fetched again behind the scenes. The first fetch is waited for; if it fails the
 * domain has none.
 */
export class StsPolicies {
  readonly #parts: StsPoliciesParts
  readonly #underWay = new Map<string, Promise<FoundPolicy>>()
  readonly #failed = new LRUCache<string, { readonly until: number; readonly why: string }>({ max: 10_000 })
  readonly #closed = new AbortController()
  #sweptAt = Number.NEGATIVE_INFINITY
  #sweeping: Promise<void> = Promise.resolve()

  constructor(parts: StsPoliciesParts) {
    this.#parts = parts
  }

  /**
   * `domain` as `questionName` makes it. `suits`: whether a kept policy lets mail through as it is; when it does not, a newer one is
   * waited for (RFC 8461 5.1: before mail fails by a policy its being current is checked).
   */
  async of(domain: string, suits: (policy: StsPolicy) => boolean = () => true): Promise<FoundPolicy> {
    const { cache, clock, dns } = this.#parts
    const now = clock()
    this.#sweep(now)
    const kept = cache.get(domain, now)
    const { outcome, records } = await dns.query(`_mta-sts.${domain}`, 'TXT')
    const record = stsRecordOf(outcome === 'ok' ? records : [])
    if (kept !== null) {
      const asItIs = { policy: kept.policy, remark: null }
      if (!('id' in record) || (record.id === kept.id && now - kept.fetchedAt < REFRESH_AFTER)) return asItIs
      const refreshing = this.#fetch(domain, record.id, now)
      return suits(kept.policy) ? asItIs : refreshing
    }
    if ('id' in record) return this.#fetch(domain, record.id, now)
    if (isTemporary(outcome)) return none(`no MTA-STS policy: the look-up of its record ends in ${outcome}`)
    return none(record.problem === null ? 'no MTA-STS policy' : `no MTA-STS policy: ${record.problem}`)
  }

  /** Resolves when what is under way behind the scenes has ended. */
  async idle(): Promise<void> {
    await this.#sweeping
    await Promise.all(this.#underWay.values())
  }

  /** Gives up what is under way; resolves when all that was fetched is written. */
  async close(): Promise<void> {
    this.#closed.abort()
    await this.#parts.cache.close()
  }

  /** Never rejects; a fetch that fails leaves what is kept. */
  #fetch(domain: string, id: string, now: number): Promise<FoundPolicy> {
    const known = this.#underWay.get(domain)
    if (known !== undefined) return known
    const before = this.#failed.get(domain)
    if (before !== undefined && now < before.until) return Promise.resolve(this.#without(domain, before.why))
    const fetching = this.#fetchNow(domain, id).finally(() => this.#underWay.delete(domain))
    this.#underWay.set(domain, fetching)
    return fetching
  }

  async #fetchNow(domain: string, id: string): Promise<FoundPolicy> {
    const { cache, clock, fetch } = this.#parts
    try {
      const policy = await fetch(domain, this.#closed.signal)
      cache.put({ domain, id, fetchedAt: clock(), policy })
      this.#failed.delete(domain)
      return { policy, remark: null }
    } catch (error) {
      const why = (error instanceof Error ? error.message : String(error)).slice(0, 300)
      this.#failed.set(domain, { until: clock() + FAILED_FOR, why })
      return this.#without(domain, why)
    }
  }

  #without(domain: string, why: string): FoundPolicy {
    const kept = this.#parts.cache.get(domain, this.#parts.clock())
    if (kept === null) return none(`no MTA-STS policy: it can't be fetched: ${why}`)
    return { policy: kept.policy, remark: `an older MTA-STS policy: the new one can't be fetched: ${why}` }
  }

  /** Driven by use: without mail there is nothing to keep fresh. */
  #sweep(now: number): void {
    if (now - this.#sweptAt < SWEEP.every) return
    this.#sweptAt = now
    const due = this.#parts.cache.fetchedBefore(now - REFRESH_AFTER).slice(0, SWEEP.most)
    const work = async (): Promise<void> => {
      for (let next = due.shift(); next !== undefined && !this.#closed.signal.aborted; next = due.shift())
        await this.#refresh(next, now)
    }
    const before = this.#sweeping
    this.#sweeping = (async () => {
      await before
      await Promise.all(Array.from({ length: SWEEP.atOnce }, work))
    })()
  }

  async #refresh({ domain, id }: KeptPolicy, now: number): Promise<void> {
    const { outcome, records } = await this.#parts.dns.query(`_mta-sts.${domain}`, 'TXT')
    const record = stsRecordOf(outcome === 'ok' ? records : [])
    // While the record can't be had, the policy is fetched all the same: it is the policy that may run out.
    await this.#fetch(domain, 'id' in record ? record.id : id, now)
  }
}

const none = (remark: string): FoundPolicy => ({ policy: null, remark })
