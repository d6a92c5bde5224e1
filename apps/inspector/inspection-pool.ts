import { availableParallelism } from 'node:os'
import { Piscina } from 'piscina'
import type { Inspection, InspectionJob, InspectionWorkerData } from './inspection.ts'

const IS_SOURCE = import.meta.url.endsWith('.ts')
const WORKER = new URL(IS_SOURCE ? './inspection-worker.ts' : './inspection-worker.js', import.meta.url)
const TIMEOUT_MS = 5 * 60_000

/** CPU-heavy inspection off the main thread, so that SMTP stays quick; bounded in number, memory and time. */
export class InspectionPool {
  readonly #pool: Piscina

  constructor(data: InspectionWorkerData, concurrency: number) {
    const threads = Math.max(1, Math.min(8, availableParallelism() - 1))
    this.#pool = new Piscina({
      filename: WORKER.href,
      workerData: data,
      execArgv: IS_SOURCE ? ['--conditions=source'] : [],
      minThreads: 1,
      maxThreads: threads,
      idleTimeout: 60_000,
      concurrentTasksPerWorker: Math.max(1, Math.ceil(concurrency / threads)),
      maxQueue: 10_000,
      resourceLimits: { maxOldGenerationSizeMb: 1_024 },
    })
  }

  /** Rejects when the worker died or took too long: the mail is inspected again. */
  inspect(job: InspectionJob): Promise<Inspection> {
    return this.#pool.run(job, { signal: AbortSignal.timeout(TIMEOUT_MS) })
  }

  close(): Promise<void> {
    return this.#pool.close({ force: true })
  }
}
