import type { EventFilter, EventLog, Position } from '#infra/event-log/port'

/** One value of something that changes seldom, and the position from which it holds. */
interface Version<Value> {
  readonly position: Position
  readonly value: Value
}

/**
 * All versions of a few seldom-changed things (policies, domain settings), kept in memory from the log, so that "as of a position" costs a look-up.
 * `fresh` makes what a command has answered hold for the very next SMTP command, on every node.
 */
export class Versions<Value> {
  readonly #log: EventLog
  readonly #filter: EventFilter
  readonly #evolve: (key: string, before: Value | undefined, event: { type: string; data: unknown }) => Value
  readonly #keyOf: (stream: string) => string
  readonly #versions = new Map<string, Version<Value>[]>()
  #position: Position | null = null
  #reading: Promise<void> | null = null

  constructor(
    log: EventLog,
    filter: EventFilter,
    keyOf: (stream: string) => string,
    evolve: (key: string, before: Value | undefined, event: { type: string; data: unknown }) => Value,
  ) {
    this.#log = log
    this.#filter = filter
    this.#keyOf = keyOf
    this.#evolve = evolve
  }

  /** Reads on when the log has something newer. Cheap when it hasn't. */
  async fresh(): Promise<void> {
    const newest = await this.#log.lastPosition(this.#filter)
    if (newest === null) return
    while (!this.#hasReached(newest)) {
      this.#reading ??= this.#readOn().finally(() => {
        this.#reading = null
      })
      await this.#reading
    }
  }

  #hasReached(position: Position): boolean {
    return this.#position !== null && this.#position >= position
  }

  /** The newest value known here (call `fresh` first where the very newest matters). */
  current(key: string): Value | undefined {
    return this.#versions.get(key)?.at(-1)?.value
  }

  /** The value that held when the event at `position` was written. */
  asOf(key: string, position: Position): Value | undefined {
    return this.#versions.get(key)?.findLast((version) => version.position <= position)?.value
  }

  keys(): string[] {
    return [...this.#versions.keys()]
  }

  async #readOn(): Promise<void> {
    for (;;) {
      const page = await this.#log.readAll(this.#position, this.#filter, 1_000)
      for (const event of page.events) {
        const key = this.#keyOf(event.stream)
        const versions = this.#versions.get(key) ?? []
        versions.push({ position: event.position, value: this.#evolve(key, versions.at(-1)?.value, event) })
        this.#versions.set(key, versions)
      }
      if (page.position !== null) this.#position = page.position
      if (page.caughtUp) return
    }
  }
}
