import { Worker } from 'node:worker_threads'
import { LogUnavailable } from '../port.ts'
import type { FromWriter, ToWriter, WriterSettings } from './protocol.ts'
import { PROMISED, SENT } from './protocol.ts'
import { closed } from './reading.ts'

type Opened = Extract<FromWriter, { kind: 'opened' }>
type Answer = Extract<FromWriter, { kind: 'opened' | 'appended' | 'done' | 'closed' }>

interface Waiting {
  readonly resolve: (answer: Answer) => void
  readonly reject: (reason: LogUnavailable) => void
}

/** This side of the writer thread: messages out, answers back in the same order. */
export class WriterLink {
  readonly #path: string
  readonly #worker: Worker
  readonly #waiting: Waiting[] = []
  readonly #signals = new Int32Array(new SharedArrayBuffer(8))
  #stopped: LogUnavailable | undefined

  private constructor(settings: Omit<WriterSettings, 'signals'>) {
    const source = import.meta.url.endsWith('.ts')
    this.#path = settings.path
    this.#worker = new Worker(new URL(source ? './writer-thread.ts' : './writer-thread.js', import.meta.url), {
      name: 'event-log',
      workerData: { ...settings, signals: this.#signals.buffer } satisfies WriterSettings,
      execArgv: source ? ['--conditions=source'] : [],
    })
    this.#worker.on('message', (answer: FromWriter) => this.#settle(answer))
    this.#worker.on('error', (error) =>
      this.#stop(`the writer of the event log ${this.#path} has failed, restart: ${error.message}`, error),
    )
    this.#worker.on('exit', () => this.#stop(`the writer of the event log ${this.#path} has stopped, restart`))
  }

  /** Throws `LogUnavailable` when the log can't be opened. */
  static async open(settings: Omit<WriterSettings, 'signals'>): Promise<{ link: WriterLink; opened: Opened }> {
    const link = new WriterLink(settings)
    // The thread's first message comes unasked.
    const opened = await new Promise<Answer>((resolve, reject) => link.#waiting.push({ resolve, reject }))
    if (opened.kind !== 'opened') throw new LogUnavailable('other', `the writer thread began with "${opened.kind}"`)
    return { link, opened }
  }

  /** Messages that have no answer yet. */
  get unanswered(): number {
    return this.#waiting.length
  }

  send(message: ToWriter): Promise<Answer> {
    const stopped = this.#stopped
    if (stopped !== undefined) return Promise.reject(stopped)
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject })
      this.#worker.postMessage(message, [])
      this.#wake()
    })
  }

  /** That another message follows in this turn, or that none does. */
  promise(more: boolean): void {
    Atomics.store(this.#signals, PROMISED, more ? 1 : 0)
    if (!more) this.#wake()
  }

  #wake(): void {
    Atomics.add(this.#signals, SENT, 1)
    Atomics.notify(this.#signals, SENT)
  }

  async close(): Promise<void> {
    if (this.#stopped !== undefined) return
    const ended = new Promise((resolve) => this.#worker.once('exit', resolve))
    await this.send({ kind: 'close' })
    this.#stopped = closed(this.#path)
    await ended
  }

  #settle(answer: FromWriter): void {
    const waiting = this.#waiting.shift()
    if (waiting === undefined) return
    if (answer.kind === 'failed') waiting.reject(new LogUnavailable(answer.failure.why, answer.failure.message))
    else waiting.resolve(answer)
  }

  #stop(message: string, cause?: Error): void {
    this.#stopped ??= new LogUnavailable('other', message, { cause })
    for (const { reject } of this.#waiting.splice(0)) reject(this.#stopped)
  }
}
