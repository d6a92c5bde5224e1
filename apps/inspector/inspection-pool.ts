import { availableParallelism } from 'node:os'
import { LRUCache } from 'lru-cache'
import { Piscina } from 'piscina'
import { ContentStoreUnavailable } from '#infra/content-store/port'
import type { Inspection, InspectionAnswer, InspectionJob, InspectionWorkerData } from './inspection.ts'

const IS_SOURCE = import.meta.url.endsWith('.ts')
const WORKER = new URL(IS_SOURCE ? './inspection-worker.ts' : './inspection-worker.js', import.meta.url)
const TIMEOUT_MS = 5 * 60_000
/** Contents remembered to have ended a thread. */
const MAX_SUSPECTS = 1_000

export interface InspectionPoolOptions {
  /** Told of threads that die with no mail in them. Default: a warning of the process. */
  readonly onProblem?: (error: Error) => void
  /** The thread's code; another one for specs. */
  readonly worker?: URL
}

/**
 * CPU-heavy inspection off the main thread, so that SMTP stays quick; bounded in number, memory and time. Several mails share a
 * thread. When one of them ends it, each is tried again in a thread where it is alone: the others are none the worse, and what
 * ended its thread then is kept apart from the start.
 */
export class InspectionPool {
  readonly #start: (threads: { min: number; max: number }, mailsPerThread: number) => Piscina
  readonly #startShared: () => Piscina
  readonly #onProblem: (error: Error) => void
  #shared: Piscina
  #apart: Piscina | undefined
  #lastAlone: Promise<unknown> = Promise.resolve()
  readonly #suspects = new LRUCache<string, true>({ max: MAX_SUSPECTS })

  /** `concurrency`: mails inspected at a time, over all threads. */
  constructor(data: InspectionWorkerData, concurrency: number, options: InspectionPoolOptions = {}) {
    const { onProblem = (error) => process.emitWarning(error), worker = WORKER } = options
    this.#onProblem = onProblem
    const threads = Math.max(1, Math.min(8, availableParallelism() - 1))
    this.#start = ({ min, max }, mailsPerThread) => {
      const pool = new Piscina({
        filename: worker.href,
        workerData: data,
        execArgv: IS_SOURCE ? ['--conditions=source'] : [],
        minThreads: min,
        maxThreads: max,
        idleTimeout: 60_000,
        concurrentTasksPerWorker: mailsPerThread,
        maxQueue: 10_000,
        // Room for the short-lived: a mail's parts die young, and should not be copied about before that.
        resourceLimits: { maxOldGenerationSizeMb: 1_024, maxYoungGenerationSizeMb: 96 },
      })
      pool.on('error', onProblem)
      return pool
    }
    this.#startShared = () => this.#start({ min: 1, max: threads }, Math.max(1, Math.ceil(concurrency / threads)))
    this.#shared = this.#startShared()
  }

  /** Rejects when the mail's inspection failed, ended its thread or took too long: the mail is inspected again. */
  async inspect(job: InspectionJob): Promise<Inspection> {
    const { contentHash } = job
    if (!this.#suspects.has(contentHash)) {
      try {
        return inspectionIn(await this.#runShared(job))
      } catch (error) {
        if (!(error instanceof ThreadEnded)) throw error
      }
    }
    try {
      const answer = await this.#runAlone(job)
      this.#suspects.delete(contentHash)
      return inspectionIn(answer)
    } catch (error) {
      if (error instanceof ThreadEnded) this.#suspects.set(contentHash, true)
      throw error
    }
  }

  /** Without a signal: Piscina gives a thread that runs something abortable nothing else to do. */
  async #runShared(job: InspectionJob): Promise<InspectionAnswer> {
    const pool = this.#shared
    const late = setTimeout(() => this.#giveUp(pool), TIMEOUT_MS)
    try {
      return await run(pool, job)
    } finally {
      clearTimeout(late)
    }
  }

  /** One after the other here: what still waits in a pool without threads when its last one ends, Piscina forgets. */
  #runAlone(job: InspectionJob): Promise<InspectionAnswer> {
    const apart = (this.#apart ??= this.#start({ min: 0, max: 1 }, 1))
    const answer = this.#lastAlone.then(() => run(apart, job, AbortSignal.timeout(TIMEOUT_MS)))
    this.#lastAlone = answer.catch(() => undefined)
    return answer
  }

  /** One of its mails takes too long: its threads end, and all that were in them are tried alone, with a limit each. */
  #giveUp(pool: Piscina): void {
    if (this.#shared !== pool) return
    this.#shared = this.#startShared()
    pool.destroy().catch(this.#onProblem)
  }

  async close(): Promise<void> {
    await Promise.all([this.#shared.close({ force: true }), this.#apart?.close({ force: true })])
  }
}

/** The thread answers failures of a mail as values: what rejects is the end of the thread. */
class ThreadEnded extends Error {
  constructor(cause: unknown) {
    super(`its inspection ended the thread it ran in: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    })
    this.name = 'ThreadEnded'
  }
}

const run = async (pool: Piscina, job: InspectionJob, signal?: AbortSignal): Promise<InspectionAnswer> => {
  try {
    return (await pool.run(job, signal === undefined ? {} : { signal })) as InspectionAnswer
  } catch (error) {
    throw new ThreadEnded(error)
  }
}

const inspectionIn = (answer: InspectionAnswer): Inspection => {
  if ('inspection' in answer) return answer.inspection
  const { name, message, stack } = answer.failure
  if (name === 'ContentStoreUnavailable') throw new ContentStoreUnavailable(message)
  const error = new Error(message)
  error.name = name
  if (stack !== null) error.stack = stack
  throw error
}
