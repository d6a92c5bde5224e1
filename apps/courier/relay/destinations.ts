import type { Instant } from '#domain/kernel/instant'
import type { Reply } from '#domain/message/reply'
import { failedAt, faresWell, stateOf, type BackOff } from '#domain/relay/back-off'
import { begunAt, mayBegin, noneYet, type Rate } from '#domain/relay/rate'

export interface DestinationLimits {
  /** Transactions at a time. */
  readonly perDestination: number
  /** Mails a minute; null: any number. */
  readonly perMinute: number | null
}

interface Fares {
  underWay: number
  /** When the newest attempt began. */
  begunAt: Instant
  /** A person has asked for an attempt, and none has begun since. */
  asked: boolean
  backOff: BackOff
  rate: Rate
  lastReply: Reply | null
}

/** Of so many destinations is remembered how they fare; beyond it those that fare well are forgotten. */
const REMEMBERED = 10_000

/** How destinations and single hosts fare, each by its key: what is under way to them, how fast, and whether they are left alone. */
export class Destinations {
  readonly #fares = new Map<string, Fares>()

  /** `suspended`: it has been away for a while: its mail is deferred unseen. */
  readiness(key: string, limits: DestinationLimits, now: Instant): 'ready' | 'not-now' | 'suspended' {
    const fares = this.#fares.get(key)
    if (fares === undefined) return 'ready'
    const fared = stateOf(fares.backOff, now)
    const state = fares.asked && fared !== 'open' ? 'probe' : fared
    if (state === 'away') return 'suspended'
    if (state === 'rests' || (state === 'probe' && fares.underWay > 0)) return 'not-now'
    return fares.underWay < limits.perDestination && mayBegin(fares.rate, limits.perMinute, now) ? 'ready' : 'not-now'
  }

  /** Not known to be away at the moment. */
  isWell(key: string, now: Instant): boolean {
    const state = stateOf(this.#fares.get(key)?.backOff ?? faresWell, now)
    return state === 'open' || state === 'probe'
  }

  /** What it said when it could not be used. */
  lastReply(key: string): Reply | null {
    return this.#fares.get(key)?.lastReply ?? null
  }

  /** A person asked at that time to have its mail tried: one attempt is made now, even if it is left alone. */
  askedFor(key: string, at: Instant): void {
    const fares = this.#fares.get(key)
    if (fares !== undefined && at >= fares.begunAt) fares.asked = true
  }

  begins(key: string, now: Instant): void {
    const fares = this.#remembered(key)
    fares.underWay += 1
    fares.begunAt = now
    fares.asked = false
    fares.rate = begunAt(fares.rate, now)
  }

  ends(key: string): void {
    const fares = this.#fares.get(key)
    if (fares !== undefined) fares.underWay -= 1
  }

  worked(key: string): void {
    const fares = this.#fares.get(key)
    if (fares === undefined) return
    fares.backOff = faresWell
    fares.lastReply = null
  }

  failed(key: string, reply: Reply, now: Instant): void {
    const fares = this.#remembered(key)
    fares.backOff = failedAt(fares.backOff, now)
    fares.lastReply = reply
  }

  #remembered(key: string): Fares {
    let fares = this.#fares.get(key)
    if (fares === undefined) {
      if (this.#fares.size >= REMEMBERED) this.#forget()
      fares = { underWay: 0, begunAt: 0, asked: false, backOff: faresWell, rate: noneYet, lastReply: null }
      this.#fares.set(key, fares)
    }
    return fares
  }

  /** Those that fare well, and where that does not suffice the oldest that nothing is under way to. */
  #forget(): void {
    for (const wellOnly of [true, false]) {
      for (const [key, { underWay, backOff }] of this.#fares) {
        if (this.#fares.size < REMEMBERED) return
        if (underWay === 0 && (!wellOnly || backOff.failures === 0)) this.#fares.delete(key)
      }
    }
  }
}
