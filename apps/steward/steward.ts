import { startDueWork, startReaction, type Reaction } from '#infra/event-log/reaction'
import { watchAlarms } from './alarm-watch.ts'
import { blockListWatch } from './block-list-watch.ts'
import { carryOutApprovals } from './carry-out-approvals.ts'
import { dkimWatch } from './dkim-watch.ts'
import { syncDirectories } from './directory-sync.ts'
import { sweepContent } from './content-sweep.ts'
import { orphanSweep } from './orphan-sweep.ts'
import { NOTICE_EVENTS, sendNotice } from './notices.ts'
import { ownReputation } from './own-reputation.ts'
import { holdLateMails, holdQueue, SUSPENSION_EVENTS } from './hold-queue.ts'
import { runSimulations } from './simulations.ts'
import type { StewardParts } from './steward-parts.ts'
import { trustSender } from './trust.ts'

const chores = (stopping: AbortSignal) => ({
  alarms: { everyMs: 5_000, run: watchAlarms },
  approvals: { everyMs: 1_000, run: carryOutApprovals },
  sweep: { everyMs: 60_000, run: sweepContent },
  directories: { everyMs: 2_000, run: (parts: StewardParts) => syncDirectories(parts, stopping) },
  orphans: { everyMs: 60_000, run: orphanSweep() },
  suspensions: { everyMs: 2_000, run: holdLateMails },
  dkim: { everyMs: 2_000, run: dkimWatch(stopping) },
  reputation: { everyMs: 60_000, run: ownReputation(stopping) },
  blockLists: { everyMs: 10_000, run: blockListWatch(stopping) },
  simulations: { everyMs: 1_000, run: (parts: StewardParts) => runSimulations(parts, stopping) },
})

/** Looks after the installation: alarms and notices, approvals that take effect, trust after a release, bytes nobody needs. */
export class Steward {
  readonly #parts: StewardParts
  readonly #stopping = new AbortController()
  #running: Reaction[] = []

  constructor(parts: StewardParts) {
    this.#parts = parts
  }

  async start(): Promise<void> {
    const { log, logger } = this.#parts
    const onFailure = (what: string, error: unknown) =>
      logger.error({ err: error, what }, 'a chore failed, it is tried again')
    this.#running = [
      await startReaction(log, {
        group: 'steward-trust',
        filter: { types: ['Released'] },
        concurrency: 4,
        react: (event) => trustSender(this.#parts, event),
        onFailure: (event, error) => onFailure(`trust ${event.stream}`, error),
      }),
      await startReaction(log, {
        group: 'steward-notices',
        filter: { types: NOTICE_EVENTS },
        concurrency: 1,
        react: (event) => sendNotice(this.#parts, event),
        onFailure: (event, error) => onFailure(`notice ${event.stream}`, error),
      }),
      await startReaction(log, {
        group: 'steward-suspensions',
        filter: { types: SUSPENSION_EVENTS },
        concurrency: 1,
        react: (event) => holdQueue(this.#parts, event),
        onFailure: (event, error) => onFailure(`suspension ${event.stream}`, error),
      }),
      ...Object.entries(chores(this.#stopping.signal)).map(([name, { everyMs, run }]) =>
        startDueWork({
          due: () => [name],
          react: async () => {
            await run(this.#parts)
          },
          concurrency: 1,
          everyMs,
          onFailure,
        }),
      ),
    ]
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await Promise.all(this.#running.map((reaction) => reaction.stop()))
  }
}
