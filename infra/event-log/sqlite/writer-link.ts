import { Worker } from 'node:worker_threads'
import { LogUnavailable } from '../port.ts'
import { MAX_UNANSWERED, Outcomes } from './outcomes.ts'
import type { Field, FromWriter, ToWriter, WriterSettings } from './protocol.ts'
import { ANSWERED, PROMISED, SENT } from './protocol.ts'
import { closed } from './reading.ts'

type Opened = Extract<FromWriter, { kind: 'opened' }>
type Answer = Extract<FromWriter, { kind: 'opened' | 'done' | 'closed' }>

interface Waiting {
  readonly resolve: (answer: Answer) => void
  readonly reject: (reason: LogUnavailable) => void
}

/** Hears what became of the appends of one message. */
export interface Appends {
  /** The commit is on disk; the outcome of the first is in `slot`, the others' follow. */
  committed(outcomes: Outcomes, slot: number): void
  failed(reason: LogUnavailable): void
}

interface Sent {
  readonly appends: Appends
  readonly slot: number
}

/**
 * This side of the writer thread: messages out, answers back in the same order. Appends have an order of their own and are answered in
 * shared memory: waking up for that is all their answer costs.
 */
export class WriterLink {
  readonly #path: string
  readonly #worker: Worker
  readonly #waiting: Waiting[] = []
  readonly #signals = new Int32Array(new SharedArrayBuffer(12))
  readonly #outcomes: Outcomes
  readonly #sent: Sent[] = []
  /** The reason is on its way. */
  readonly #failing: Sent[] = []
  #slot = 0
  /** The `ANSWERED` up to which appends were told. */
  #answered = 0
  #listening = false
  #stopped: LogUnavailable | undefined

  private constructor(settings: Omit<WriterSettings, 'signals' | 'outcomes'>) {
    const source = import.meta.url.endsWith('.ts')
    this.#path = settings.path
    const outcomes = Outcomes.memory()
    this.#outcomes = new Outcomes(outcomes)
    this.#worker = new Worker(new URL(source ? './writer-thread.ts' : './writer-thread.js', import.meta.url), {
      name: 'event-log',
      workerData: { ...settings, signals: this.#signals.buffer, outcomes } satisfies WriterSettings,
      execArgv: source ? ['--conditions=source'] : [],
    })
    this.#worker.on('message', (answer: FromWriter) => this.#settle(answer))
    this.#worker.on('error', (error) =>
      this.#stop(`the writer of the event log ${this.#path} has failed, restart: ${error.message}`, error),
    )
    this.#worker.on('exit', () => this.#stop(`the writer of the event log ${this.#path} has stopped, restart`))
  }

  /** Throws `LogUnavailable` when the log can't be opened. */
  static async open(
    settings: Omit<WriterSettings, 'signals' | 'outcomes'>,
  ): Promise<{ link: WriterLink; opened: Opened }> {
    const link = new WriterLink(settings)
    // The thread's first message comes unasked.
    const opened = await new Promise<Answer>((resolve, reject) => link.#waiting.push({ resolve, reject }))
    if (opened.kind !== 'opened') throw new LogUnavailable('other', `the writer thread began with "${opened.kind}"`)
    return { link, opened }
  }

  /** Messages that have no answer yet. */
  get unanswered(): number {
    return this.#waiting.length + this.#sent.length + this.#failing.length
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

  /** `count` appends in `fields`; at most `MAX_UNANSWERED` may be without an answer. */
  append(fields: readonly Field[], count: number, appends: Appends): void {
    if (this.#stopped !== undefined) {
      appends.failed(this.#stopped)
      return
    }
    const slot = this.#sent.length === 0 ? 0 : this.#slot
    this.#slot = (slot + count) % MAX_UNANSWERED
    this.#sent.push({ appends, slot })
    void this.#listen()
    this.#worker.postMessage({ kind: 'append', fields, slot } satisfies ToWriter, [])
    this.#wake()
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

  /** While appends are unanswered. Begins to wait at once. */
  async #listen(): Promise<void> {
    if (this.#listening) return
    this.#listening = true
    while (this.#sent.length > 0) {
      const news = Atomics.waitAsync(this.#signals, ANSWERED, this.#answered)
      if (news.async) await news.value
      this.#hear()
    }
    this.#listening = false
  }

  #hear(): void {
    const answered = Atomics.load(this.#signals, ANSWERED)
    while (this.#answered !== answered) {
      this.#answered = (this.#answered + 1) | 0
      const sent = this.#sent.shift()
      if (sent === undefined) return
      if (this.#outcomes.failed(sent.slot)) this.#failing.push(sent)
      else sent.appends.committed(this.#outcomes, sent.slot)
    }
  }

  #settle(answer: FromWriter): void {
    // A reason may be quicker than the news that there is one to come.
    this.#hear()
    if (answer.kind === 'failed' && answer.append) {
      this.#failing.shift()?.appends.failed(new LogUnavailable(answer.failure.why, answer.failure.message))
      return
    }
    const waiting = this.#waiting.shift()
    if (waiting === undefined) return
    if (answer.kind === 'failed') waiting.reject(new LogUnavailable(answer.failure.why, answer.failure.message))
    else waiting.resolve(answer)
  }

  #stop(message: string, cause?: Error): void {
    this.#hear()
    this.#stopped ??= new LogUnavailable('other', message, { cause })
    for (const { appends } of this.#failing.splice(0)) appends.failed(this.#stopped)
    for (const { appends } of this.#sent.splice(0)) appends.failed(this.#stopped)
    for (const { reject } of this.#waiting.splice(0)) reject(this.#stopped)
  }
}
