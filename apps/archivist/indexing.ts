import { Worker } from 'node:worker_threads'
import type { FromIndexing, IndexingSettings, ToIndexing } from './indexing-protocol.ts'
import type { IndexVerified } from './verify-index.ts'

const IS_SOURCE = import.meta.url.endsWith('.ts')
const THREAD = new URL(IS_SOURCE ? './indexing-thread.ts' : './indexing-thread.js', import.meta.url)
/** Milliseconds before a thread that died is started again: doubled each time, up to the longest. */
const FIRST_DELAY = 200
const LONGEST_DELAY = 30_000
/** Milliseconds a stop may take before the thread is ended: nothing of it is lost but the batch it is at. */
const STOP_WITHIN = 2_000

/** The search index, kept in a thread of its own, which is started again when it dies. */
export class Indexing {
  readonly #settings: IndexingSettings
  readonly #trouble: (reason: string | null) => void
  readonly #tasks = new Map<number, { resolve(verified: IndexVerified): void; reject(error: Error): void }>()
  #worker: Worker | undefined
  #restart: NodeJS.Timeout | undefined
  #delay = FIRST_DELAY
  #nextTask = 1

  /** `trouble`: what goes wrong, and null when all is well again. */
  constructor(settings: IndexingSettings, trouble: (reason: string | null) => void) {
    this.#settings = settings
    this.#trouble = trouble
  }

  start(): void {
    if (this.#worker === undefined) this.#begin()
  }

  async stop(): Promise<void> {
    clearTimeout(this.#restart)
    const worker = this.#worker
    this.#worker = undefined
    this.#fail('indexing was stopped')
    if (worker === undefined) return
    const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()))
    worker.postMessage({ kind: 'stop' } satisfies ToIndexing, [])
    const late = setTimeout(() => void worker.terminate(), STOP_WITHIN)
    await ended
    clearTimeout(late)
  }

  /** Compares log, contents and index, and mends the index. `read`: every content is read; `there`: only looked for. */
  verify(contents: 'read' | 'there'): Promise<IndexVerified> {
    const worker = this.#worker
    if (worker === undefined) return Promise.reject(new Error('indexing is not running'))
    const task = this.#nextTask++
    return new Promise((resolve, reject) => {
      this.#tasks.set(task, { resolve, reject })
      worker.postMessage({ kind: 'verify', task, contents } satisfies ToIndexing, [])
    })
  }

  #begin(): void {
    const worker = new Worker(THREAD, {
      workerData: this.#settings,
      execArgv: IS_SOURCE ? ['--conditions=source'] : [],
      name: 'indexing',
    })
    this.#worker = worker
    worker.on('message', (message: FromIndexing) => {
      if (message.kind === 'trouble') return this.#trouble(message.reason)
      const task = this.#tasks.get(message.task)
      this.#tasks.delete(message.task)
      if ('value' in message.outcome) {
        this.#delay = FIRST_DELAY
        task?.resolve(message.outcome.value)
      } else task?.reject(new Error(message.outcome.error))
    })
    let reason = 'it ended'
    worker.on('error', (error) => {
      reason = error instanceof Error ? error.message : String(error)
    })
    worker.on('exit', () => {
      if (this.#worker !== worker) return
      this.#worker = undefined
      this.#fail(`indexing died: ${reason}`)
      this.#trouble(`indexing died (${reason}), it is started again in ${this.#delay} ms`)
      this.#restart = setTimeout(() => this.#begin(), this.#delay)
      this.#delay = Math.min(2 * this.#delay, LONGEST_DELAY)
    })
  }

  #fail(reason: string): void {
    for (const task of this.#tasks.values()) task.reject(new Error(reason))
    this.#tasks.clear()
  }
}
