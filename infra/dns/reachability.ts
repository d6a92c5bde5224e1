/** ms. How long an answer proves that the servers are there, and how long their silence is believed. */
const PROVEN_FOR = 30_000
const AWAY_FOR = 10_000

export interface Reachability {
  /** Any answer came, whatever it said. */
  answered(): void
  /** The servers were silent a moment ago: asking would only wait. */
  isAway(): boolean
  /** Resolves when the servers are found to be away; never when they are there. */
  foundAway(): Promise<void>
}

/**
 * Tells "the DNS is away" from "this name is slow", so that mail need not wait out every one of its questions when nobody is
 * there to answer. `probe` asks what any server answers at once (the root) and resolves to whether anything came back; the names
 * in a mail, which its sender chose, decide nothing.
 */
export const reachability = (
  probe: () => Promise<boolean>,
  now: () => number = () => performance.now(),
): Reachability => {
  let answeredAt = Number.NEGATIVE_INFINITY
  let awayUntil = Number.NEGATIVE_INFINITY
  let probing: Promise<boolean> | null = null

  const look = async (): Promise<boolean> => {
    const started = now()
    const there = (await probe()) || answeredAt >= started
    if (there) answeredAt = now()
    else awayUntil = now() + AWAY_FOR
    probing = null
    return there
  }

  return {
    answered() {
      answeredAt = now()
      awayUntil = Number.NEGATIVE_INFINITY
    },
    isAway: () => now() < awayUntil,
    async foundAway() {
      if (now() - answeredAt < PROVEN_FOR) return new Promise<void>(() => {})
      probing ??= look()
      return (await probing) ? new Promise<void>(() => {}) : undefined
    },
  }
}
