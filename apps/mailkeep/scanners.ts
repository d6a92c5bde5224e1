/** Which virus scanners have no answer now, as the inspector last heard from them. */
export class Scanners {
  readonly #away = new Map<string, string>()

  /** `trouble` null: it answered. */
  heard(name: string, trouble: string | null): void {
    if (trouble === null) this.#away.delete(name)
    else this.#away.set(name, trouble)
  }

  away(): ReadonlyMap<string, string> {
    return this.#away
  }
}
