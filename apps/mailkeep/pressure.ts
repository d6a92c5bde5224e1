import { statfs } from 'node:fs/promises'
import type { BacklogRow } from '#projections/inspection-queue/tables'
import type { Pressure } from '#apps/mx/mx-parts'
import type { ViewReader } from '#infra/views/port'

const EVERY_MS = 500

/** Backlog and free space, measured twice a second, so that no SMTP command waits for the measuring. */
export class MeasuredPressure implements Pressure {
  readonly #views: ViewReader
  readonly #folder: string
  readonly #onProblem: (error: unknown) => void
  readonly #timer: NodeJS.Timeout
  #backlog = 0
  #free = Number.MAX_SAFE_INTEGER

  private constructor(views: ViewReader, folder: string, onProblem: (error: unknown) => void) {
    this.#views = views
    this.#folder = folder
    this.#onProblem = onProblem
    this.#timer = setInterval(() => void this.#measure(), EVERY_MS).unref()
  }

  static async start(
    views: ViewReader,
    folder: string,
    onProblem: (error: unknown) => void,
  ): Promise<MeasuredPressure> {
    const pressure = new MeasuredPressure(views, folder, onProblem)
    await pressure.#measure()
    return pressure
  }

  backlog(): number {
    return this.#backlog
  }

  freeBytes(): number {
    return this.#free
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  /** What can't be measured keeps its last figure. */
  async #measure(): Promise<void> {
    try {
      this.#backlog = this.#views.get<BacklogRow>('inspection-queue', 'backlog', ['mails'])?.count ?? 0
      const { bavail, bsize } = await statfs(this.#folder)
      this.#free = bavail * bsize
    } catch (error) {
      this.#onProblem(error)
    }
  }
}
