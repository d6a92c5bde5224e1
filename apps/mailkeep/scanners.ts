/** Which virus scanners have no answer now, as the inspector last heard from them. */
export class Scanners {
  readonly #away = new Map<string, string>()
  #answered = false

  /** `trouble` null: it answered. */
  heard(name: string, trouble: string | null): void {
    if (trouble === null) {
      this.#away.delete(name)
      this.#answered = true
    } else this.#away.set(name, trouble)
  }

  /** Whether one has answered since the start: before that, silence says nothing about an alarm of the last run. */
  haveAnswered(): boolean {
    return this.#answered
  }

  away(): ReadonlyMap<string, string> {
    return this.#away
  }
}
