import { Worker } from 'node:worker_threads'
import { ContentStoreUnavailable } from '../port.ts'
import type {
  PutLarge,
  PutSmall,
  Drop,
  WriterBatch,
  WriterReply,
  WriterRequest,
  WriterResult,
} from './writer-messages.ts'

const MAX_BATCH_TASKS = 256
const MAX_BATCH_BYTES = 4 * 1_048_576

export type Task = (Omit<PutSmall, 'from' | 'to'> & { readonly bytes: Uint8Array }) | PutLarge | Drop

interface Waiting {
  readonly task: Task
  readonly resolve: (done: boolean) => void
  readonly reject: (error: ContentStoreUnavailable) => void
}

/**
 * The writer thread as seen from the store. What comes while a batch is being written goes into the next one together: one message and
 * one commit for all of it. The thread is started when there is work, and again when it has died.
 */
export class WriterLink {
  readonly #root: string
  readonly #onProblem: (problem: Error) => void
  #thread: Worker | undefined
  #queue: Waiting[] = []
  #inFlight: readonly Waiting[] = []
  #opened: { readonly resolve: () => void; readonly reject: (error: Error) => void } | undefined
  #closed = false
  /** Later threads of this process must not touch what is being received. */
  #leftovers = true
  readonly #whenIdle: (() => void)[] = []

  constructor(root: string, onProblem: (problem: Error) => void) {
    this.#root = root
    this.#onProblem = onProblem
  }

  /** Throws `ContentStoreUnavailable` when the store can't be opened. */
  async open(): Promise<void> {
    const source = import.meta.url.endsWith('.ts')
    const thread = new Worker(new URL(source ? './writer-thread.ts' : './writer-thread.js', import.meta.url), {
      name: 'content-writer',
      workerData: { root: this.#root, leftovers: this.#leftovers },
      execArgv: source ? ['--conditions=source'] : [],
    })
    thread.on('message', (reply: WriterReply) => this.#receive(reply))
    thread.on('error', (error) => this.#lost(thread, error))
    thread.on('exit', () => this.#lost(thread, new Error('its writer thread ended')))
    this.#thread = thread
    await new Promise<void>((resolve, reject) => {
      this.#opened = { resolve, reject }
    })
    this.#opened = undefined
    this.#leftovers = false
    thread.unref()
    this.#post()
  }

  /** Puts: true when durable. Drops: whether it is gone. */
  run(task: Task): Promise<boolean> {
    return new Promise((resolve, reject) => {
      if (this.#closed) {
        reject(new ContentStoreUnavailable(`the content store ${this.#root} is closed`))
        return
      }
      this.#queue.push({ task, resolve, reject })
      if (this.#inFlight.length === 0) this.#post()
    })
  }

  #post(): void {
    if (this.#queue.length === 0 || this.#opened !== undefined) return
    if (this.#thread === undefined) {
      this.open().catch((error: unknown) => this.#fail(this.#take(this.#queue.length), error))
      return
    }
    let bytes = 0
    let count = 0
    for (const { task } of this.#queue) {
      bytes += task.kind === 'small' ? task.bytes.length : 0
      if (count > 0 && (count === MAX_BATCH_TASKS || bytes > MAX_BATCH_BYTES)) break
      count += 1
    }
    this.#inFlight = this.#take(count)
    const batch = batchOf(this.#inFlight.map(({ task }) => task))
    this.#thread.ref()
    const request: WriterRequest = { kind: 'batch', batch }
    this.#thread.postMessage(request, [batch.bytes.buffer])
  }

  #take(count: number): Waiting[] {
    const taken = this.#queue.slice(0, count)
    this.#queue = this.#queue.slice(count)
    return taken
  }

  #receive(reply: WriterReply): void {
    if (reply.kind === 'opened') this.#opened?.resolve()
    else if (reply.kind === 'refused') this.#refused(new ContentStoreUnavailable(reply.why))
    else if (reply.kind === 'problem') this.#onProblem(new ContentStoreUnavailable(reply.why))
    else this.#answer(reply.results)
  }

  #answer(results: readonly WriterResult[]): void {
    const answered = this.#inFlight
    this.#inFlight = []
    this.#thread?.unref()
    this.#post()
    for (const [index, { resolve, reject }] of answered.entries()) {
      const result = results[index] ?? { failed: 'the writer gave no answer' }
      if (typeof result === 'boolean') resolve(result)
      else reject(new ContentStoreUnavailable(result.failed))
    }
    this.#noteIdle()
  }

  #refused(error: Error): void {
    this.#thread = undefined
    this.#opened?.reject(error)
    this.#opened = undefined
  }

  /** What was under way may or may not have been written: nobody is told it was. */
  #lost(thread: Worker, cause: Error): void {
    if (this.#thread !== thread) return
    const error = new ContentStoreUnavailable(`the content store ${this.#root} can't be used: ${cause.message}`, {
      cause,
    })
    const wasOpening = this.#opened !== undefined
    this.#refused(error)
    const lost = this.#inFlight
    this.#inFlight = []
    this.#fail(lost, error)
    // One that can't even start is not started over and over: the next task tries again.
    if (!wasOpening) this.#post()
  }

  #fail(waiting: readonly Waiting[], error: unknown): void {
    const told =
      error instanceof ContentStoreUnavailable ? error : new ContentStoreUnavailable(String(error), { cause: error })
    for (const { reject } of waiting) reject(told)
    this.#noteIdle()
  }

  /** Ends when everything asked before is answered and the thread is gone. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    if (!this.#isIdle()) await new Promise<void>((resolve) => this.#whenIdle.push(resolve))
    const thread = this.#thread
    if (thread === undefined) return
    this.#thread = undefined
    thread.ref()
    const ended = new Promise<void>((resolve) => thread.once('exit', () => resolve()))
    const request: WriterRequest = { kind: 'close' }
    thread.postMessage(request, [])
    await ended
  }

  #isIdle(): boolean {
    return this.#inFlight.length === 0 && this.#queue.length === 0
  }

  #noteIdle(): void {
    if (this.#isIdle()) for (const resolve of this.#whenIdle.splice(0)) resolve()
  }
}

function batchOf(tasks: readonly Task[]): WriterBatch {
  let size = 0
  for (const task of tasks) if (task.kind === 'small') size += task.bytes.length
  // Memory of its own: it changes hands.
  const bytes = new Uint8Array(size)
  let at = 0
  return {
    tasks: tasks.map((task) => {
      if (task.kind !== 'small') return task
      const from = at
      bytes.set(task.bytes, from)
      at += task.bytes.length
      return { kind: task.kind, hash: task.hash, from, to: at }
    }),
    bytes,
  }
}
