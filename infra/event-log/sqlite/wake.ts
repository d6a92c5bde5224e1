import { resolve } from 'node:path'
import { BroadcastChannel } from 'node:worker_threads'
import { LogUnavailable } from '../port.ts'

/** The channel on which the writer tells other threads of this process of its commits. */
export const commitChannel = (path: string): string => `mailkeep-log:${resolve(path)}`

/**
 * Tells waiting readers that there is something new. A reader takes `turn` before it reads and waits for a later one: what
 * is committed in between wakes it at once, so nothing is missed and nobody polls.
 */
export class Wake {
  #turn = 0
  #closed: LogUnavailable | undefined
  readonly #waiting = new Set<() => void>()

  get turn(): number {
    return this.#turn
  }

  /** How many wait. */
  get waiting(): number {
    return this.#waiting.size
  }

  notify(): void {
    this.#turn++
    this.#release()
  }

  /** Everyone who waits, now or later, gets `reason`. */
  close(reason: LogUnavailable): void {
    this.#closed = reason
    this.#release()
  }

  /** Resolves when the turn is later than `turn`, or when `signal` aborts. */
  async after(turn: number, signal: AbortSignal): Promise<void> {
    while (this.#turn === turn && !signal.aborted) {
      if (this.#closed !== undefined) throw this.#closed
      await this.#next(signal)
    }
  }

  #next(signal: AbortSignal): Promise<void> {
    return new Promise((resume) => {
      const done = () => {
        this.#waiting.delete(done)
        signal.removeEventListener('abort', done)
        resume()
      }
      this.#waiting.add(done)
      signal.addEventListener('abort', done, { once: true })
    })
  }

  #release(): void {
    for (const resume of this.#waiting) resume()
  }
}

/** A wake for a thread that doesn't write: hears the writer's commits. Keeps the thread alive only while somebody waits. */
export class RemoteWake extends Wake {
  readonly #channel: BroadcastChannel

  constructor(path: string) {
    super()
    this.#channel = new BroadcastChannel(commitChannel(path))
    this.#channel.addEventListener('message', () => this.notify())
    this.#channel.unref()
  }

  override close(reason: LogUnavailable): void {
    super.close(reason)
    this.#channel.close()
  }

  override async after(turn: number, signal: AbortSignal): Promise<void> {
    this.#channel.ref()
    try {
      await super.after(turn, signal)
    } finally {
      if (this.waiting === 0) this.#channel.unref()
    }
  }
}
