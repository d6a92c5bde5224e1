import { Worker } from 'node:worker_threads'
import type { ViewReader } from '#infra/views/port'
import type {
  EventSummary,
  FromProjector,
  Outcome,
  ProjectorSettings,
  Rebuilt,
  ToProjector,
  Verified,
  ViewStatus,
} from './protocol.ts'
import { LateReader } from './late-reader.ts'

export interface ProjectorStatus {
  /** `restarting`: the thread died and is started again; `off`: not started, or stopped. */
  readonly thread: 'running' | 'restarting' | 'off'
  /** Why the log or the disk has no answer now; null: all is well. */
  readonly trouble: string | null
  /** How often the thread died. */
  readonly deaths: number
  readonly views: readonly ViewStatus[]
}

/** What there is to hear of; each is called for every such thing. */
export interface ProjectorListener {
  /** Something was read: where the views are. */
  progress?(views: readonly ViewStatus[]): void
  /** What just happened, for live displays: may miss events and never repeats them. */
  events?(events: readonly EventSummary[]): void
  /** A view stopped at an event. */
  stopped?(view: string, reason: string): void
  /** The thread died, the views' file was thrown away, the log is away; null: it is well again. */
  trouble?(reason: string | null): void
}

/** Milliseconds before a thread that died is started again: doubled each time, up to the longest. */
const FIRST_DELAY = 100
const LONGEST_DELAY = 30_000
/** A thread that lived this long had a good start: the delay begins anew. */
const GOOD_LIFE = 60_000
/** Milliseconds a stop may take before the thread is ended. */
const STOP_WITHIN = 900

/**
 * The projections, run in a thread of their own, and the views they keep. A thread that dies is started again, later each time;
 * the views go on where their checkpoints are.
 */
export class Projector {
  readonly #settings: ProjectorSettings
  readonly #reader: LateReader
  readonly #listeners = new Set<ProjectorListener>()
  readonly #tasks = new Map<number, Task>()
  #worker: Worker | undefined
  #thread: ProjectorStatus['thread'] = 'off'
  #views: readonly ViewStatus[] = []
  #trouble: string | null = null
  #deaths = 0
  #delay = FIRST_DELAY
  #restart: NodeJS.Timeout | undefined
  #nextTask = 1

  constructor(settings: ProjectorSettings) {
    this.#settings = settings
    this.#reader = new LateReader(settings.views)
  }

  /** Reads the views, in this thread. Throws before the first start. */
  get reader(): ViewReader {
    return this.#reader
  }

  /** Resolves when the views can be read (not: have caught up). Rejects when the thread can't start at all. */
  start(): Promise<void> {
    if (this.#thread !== 'off') throw new Error('the projector has started already')
    return new Promise((resolve, reject) => {
      this.#begin({ resolve, reject })
    })
  }

  /** At most a second. */
  async stop(): Promise<void> {
    clearTimeout(this.#restart)
    this.#thread = 'off'
    const worker = this.#worker
    this.#worker = undefined
    if (worker !== undefined) await ended(worker)
    this.#failTasks('the projector was stopped')
    this.#reader.close()
  }

  status(): ProjectorStatus {
    return { thread: this.#thread, trouble: this.#trouble, deaths: this.#deaths, views: this.#views }
  }

  /** Every view has caught up since the start, or has stopped: what comes in now is read as it comes. */
  isCurrent(): boolean {
    return (
      this.#thread === 'running' &&
      this.#views.length > 0 &&
      this.#views.every(({ state }) => state === 'live' || state === 'stopped')
    )
  }

  /** Resolves when `isCurrent`. Rejects when `signal` aborts. */
  whenCurrent(signal?: AbortSignal): Promise<void> {
    if (this.isCurrent()) return Promise.resolve()
    return new Promise((resolve, reject) => {
      const off = this.listen({
        progress: () => {
          if (!this.isCurrent()) return
          off()
          resolve()
        },
      })
      signal?.addEventListener(
        'abort',
        () => {
          off()
          reject(signal.reason as Error)
        },
        { once: true },
      )
    })
  }

  /** Builds the view anew beside the live one and swaps; one at a time. */
  rebuild(view: string): Promise<Rebuilt> {
    return this.#ask('rebuild', view) as Promise<Rebuilt>
  }

  /** Builds the view anew beside the live one and compares every row. */
  verify(view: string): Promise<Verified> {
    return this.#ask('verify', view) as Promise<Verified>
  }

  /** Where the views are, after each batch. The answer ends it. */
  onCheckpoint(progress: (views: readonly ViewStatus[]) => void): () => void {
    return this.listen({ progress })
  }

  listen(listener: ProjectorListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #begin(first?: { resolve: () => void; reject: (error: Error) => void }): void {
    const fromSource = import.meta.url.endsWith('.ts')
    const worker = new Worker(
      new URL(fromSource ? './projector-thread.ts' : './projector-thread.js', import.meta.url),
      {
        workerData: this.#settings,
        execArgv: fromSource ? ['--conditions=source'] : [],
        name: 'projector',
      },
    )
    this.#worker = worker
    this.#thread = first === undefined ? 'restarting' : 'running'
    const begun = Date.now()
    let opened = false
    let death: Error | undefined
    worker.on('message', (message: FromProjector) => {
      if (message.kind === 'opened') {
        opened = true
        this.#open(message)
        first?.resolve()
      } else this.#hear(message)
    })
    worker.on('error', (error) => {
      death = error instanceof Error ? error : new Error(String(error))
    })
    worker.on('exit', (code) => {
      const reason = death ?? new Error(`its thread ended with code ${code}`)
      if (!opened) first?.reject(reason)
      if (this.#worker !== worker) return
      this.#worker = undefined
      this.#failTasks(`the projector died: ${reason.message}`)
      if (first !== undefined && !opened) {
        this.#thread = 'off'
        return
      }
      this.#deaths++
      this.#thread = 'restarting'
      if (Date.now() - begun > GOOD_LIFE) this.#delay = FIRST_DELAY
      this.#tell(`the projector died (${reason.message}), it is started again in ${this.#delay} ms`)
      this.#restart = setTimeout(() => this.#begin(), this.#delay)
      this.#delay = Math.min(2 * this.#delay, LONGEST_DELAY)
    })
  }

  #open({ discarded, views }: Extract<FromProjector, { kind: 'opened' }>): void {
    this.#reader.open()
    this.#thread = 'running'
    this.#tell(discarded === null ? null : `the views were thrown away and are built anew: ${discarded}`)
    this.#progressed(views)
  }

  #hear(message: Exclude<FromProjector, { kind: 'opened' }>): void {
    switch (message.kind) {
      case 'progress':
        this.#progressed(message.views)
        if (message.events.length > 0) for (const listener of this.#listeners) listener.events?.(message.events)
        return
      case 'stopped': {
        const { stream, revision, type, reason } = message.stopped
        const said = `event ${stream}@${revision} (${type}): ${reason}`
        for (const listener of this.#listeners) listener.stopped?.(message.view, said)
        return
      }
      case 'trouble':
        this.#tell(message.reason)
        return
      case 'rebuilt':
      case 'verified':
        this.#answer(message.task, message.outcome)
    }
  }

  #progressed(views: readonly ViewStatus[]): void {
    this.#views = views
    this.#reader.notify()
    for (const listener of this.#listeners) listener.progress?.(views)
  }

  #tell(trouble: string | null): void {
    if (trouble === this.#trouble) return
    this.#trouble = trouble
    for (const listener of this.#listeners) listener.trouble?.(trouble)
  }

  #ask(kind: 'rebuild' | 'verify', view: string): Promise<Rebuilt | Verified> {
    const worker = this.#worker
    if (worker === undefined || this.#thread !== 'running')
      return Promise.reject(new Error('the projector is not running'))
    const task = this.#nextTask++
    return new Promise((resolve, reject) => {
      this.#tasks.set(task, { resolve, reject })
      worker.postMessage({ kind, task, view } satisfies ToProjector, [])
    })
  }

  #answer(number: number, outcome: Outcome<Rebuilt | Verified>): void {
    const task = this.#tasks.get(number)
    this.#tasks.delete(number)
    if ('value' in outcome) task?.resolve(outcome.value)
    else task?.reject(new Error(outcome.error))
  }

  #failTasks(reason: string): void {
    for (const task of this.#tasks.values()) task.reject(new Error(reason))
    this.#tasks.clear()
  }
}

interface Task {
  readonly resolve: (value: Rebuilt | Verified) => void
  readonly reject: (error: Error) => void
}

/** Asks the thread to end, and ends it when it takes too long: nothing of it is lost but the batch it is at. */
async function ended(worker: Worker): Promise<void> {
  let timeout: NodeJS.Timeout | undefined
  const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()))
  worker.postMessage({ kind: 'stop' } satisfies ToProjector, [])
  const late = new Promise<'late'>((resolve) => {
    timeout = setTimeout(() => resolve('late'), STOP_WITHIN)
  })
  const first = await Promise.race([exited, late])
  clearTimeout(timeout)
  if (first === 'late') await worker.terminate()
}
