/** So many at a time; the others wait their turn, but not for ever. */
export class Slots {
  readonly #waiting: (() => void)[] = []
  #taken = 0

  get idle(): boolean {
    return this.#taken === 0
  }

  /** Gives it back; null when none became free within `patience` milliseconds. */
  async take(limit: number, patience: number): Promise<(() => void) | null> {
    if (this.#taken < limit) this.#taken += 1
    else if (!(await this.#turn(patience))) return null
    let released = false
    return () => {
      if (released) return
      released = true
      const next = this.#waiting.shift()
      if (next === undefined) this.#taken -= 1
      else next()
    }
  }

  #turn(patience: number): Promise<boolean> {
    return new Promise((resolve) => {
      const mine = (): void => {
        clearTimeout(timer)
        resolve(true)
      }
      const timer = setTimeout(() => {
        const at = this.#waiting.indexOf(mine)
        if (at !== -1) this.#waiting.splice(at, 1)
        resolve(false)
      }, patience)
      this.#waiting.push(mine)
    })
  }
}
