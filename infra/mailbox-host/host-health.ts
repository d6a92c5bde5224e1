import type { Reply } from '#domain/message/reply'

const SECOND = 1_000
const BACK_OFF = [1 * SECOND, 2 * SECOND, 4 * SECOND, 8 * SECOND, 15 * SECOND, 30 * SECOND]

/** What is remembered of a host that could not be used: after a time, longer each time, one delivery looks whether it is back. */
export class HostHealth {
  readonly #clock: () => number
  #failures = 0
  #probeAt = 0
  #probing = false
  #lastReply: Reply | null = null

  /** `clock`: milliseconds, never going back. */
  constructor(clock: () => number) {
    this.#clock = clock
  }

  /** The reply that it is away by; null: it isn't. */
  get away(): Reply | null {
    return this.#failures === 0 ? null : this.#lastReply
  }

  get state(): 'up' | 'probe' | 'away' {
    if (this.#failures === 0) return 'up'
    return !this.#probing && this.#clock() >= this.#probeAt ? 'probe' : 'away'
  }

  /** Leave to try it, null while it is away. Each leave is given back by `report`. `now`: don't wait for the time. */
  ask({ now = false }: { now?: boolean } = {}): Leave | null {
    if (this.#failures === 0) return { probe: false }
    if (this.#probing || (!now && this.state !== 'probe')) return null
    this.#probing = true
    return { probe: true }
  }

  /** `away`: its reply where it could not be used, null where it spoke. */
  report({ probe }: Leave, away: Reply | null): void {
    if (probe) this.#probing = false
    if (away === null) {
      this.#failures = 0
      this.#lastReply = null
      return
    }
    // Many may fail at once: the first one is the news, and then each probe.
    if (this.#failures > 0 && !probe) return
    this.#lastReply = away
    this.#probeAt = this.#clock() + BACK_OFF[Math.min(this.#failures, BACK_OFF.length - 1)]!
    this.#failures += 1
  }
}

export interface Leave {
  readonly probe: boolean
}
