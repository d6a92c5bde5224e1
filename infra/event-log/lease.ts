import { setTimeout as sleep } from 'node:timers/promises'
import type { Instant } from '#domain/kernel/instant'

/** How long a claim lasts unless it is prolonged: so long a node that died holds its work up. Clocks of nodes may differ by a third of it. */
export const LEASE_MS = 5 * 60_000

/** Who asks: what another node has claimed is not due, and what this one claimed before `since` was left by an earlier life of its process. */
export interface Claimant {
  readonly node: string
  readonly since: Instant
}

export interface Prolonging {
  readonly leaseMs: number
  /** The claim until `leaseMs` from now, appended at the exact revision; false: another node has it, or nothing is owed any more. */
  claim(): Promise<boolean>
  /** It could not be appended; it is tried again before the lease ends. */
  onTrouble(error: unknown): void
}

/** A claim that is renewed as long as the work goes on. */
export interface Prolonged {
  /** Aborted when the claim is another node's: what hasn't begun yet must not begin. */
  readonly lost: AbortSignal
  stop(): Promise<void>
}

/** Claims every third of the lease from now on, for the first time after one third: a claim made before the work began stays alive, work that is over by then costs none. */
export const prolong = ({ leaseMs, claim, onTrouble }: Prolonging): Prolonged => {
  const lost = new AbortController()
  const stopping = new AbortController()
  const running = (async () => {
    while (await elapsed(leaseMs / 3, stopping.signal)) {
      try {
        if (await claim()) continue
        lost.abort()
        return
      } catch (error) {
        onTrouble(error)
      }
    }
  })()
  return {
    lost: lost.signal,
    async stop() {
      stopping.abort()
      await running
    },
  }
}

const elapsed = async (milliseconds: number, stopping: AbortSignal): Promise<boolean> => {
  try {
    await sleep(milliseconds, undefined, { signal: stopping })
    return true
  } catch (error) {
    if (stopping.aborted) return false
    throw error
  }
}
