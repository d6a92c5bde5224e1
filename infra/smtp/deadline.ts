/** A time limit that is armed again and again for the same time: one timer for the life of a connection. */
export class Deadline {
  readonly #expired: () => void
  #timer: NodeJS.Timeout | null = null
  #after = 0

  constructor(expired: () => void) {
    this.#expired = expired
  }

  arm(after: number): void {
    if (this.#timer !== null && after === this.#after) {
      this.#timer.refresh()
      return
    }
    this.clear()
    this.#after = after
    this.#timer = setTimeout(this.#expired, Math.min(after, 2 ** 31 - 1))
    this.#timer.unref()
  }

  clear(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
  }
}
