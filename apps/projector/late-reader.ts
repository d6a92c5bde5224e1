import type { Position } from '#infra/event-log/port'
import type { ViewReader } from '#infra/views/port'
import { openViewReader } from '#infra/views/reader'
import type { NotifiedViewReader } from '#infra/views/reader'

/** A reader that can be handed out before the views are there, and outlives their file being thrown away. */
export class LateReader implements ViewReader {
  readonly #path: string
  #reader: NotifiedViewReader | undefined

  constructor(path: string) {
    this.#path = path
  }

  /** The views are there (again). */
  open(): void {
    const before = this.#reader
    this.#reader = openViewReader(this.#path)
    before?.close()
  }

  notify(): void {
    this.#reader?.notify()
  }

  close(): void {
    this.#reader?.close()
    this.#reader = undefined
  }

  get<Row>(projection: string, table: string, key: readonly (string | number)[]): Row | undefined {
    return this.#opened().get<Row>(projection, table, key)
  }

  select<Row>(projection: string, sql: string, parameters?: Readonly<Record<string, string | number | null>>): Row[] {
    return this.#opened().select<Row>(projection, sql, parameters)
  }

  checkpoint(projection: string): Position | null {
    return this.#opened().checkpoint(projection)
  }

  caughtUp(projection: string, position: Position, timeoutMs?: number): Promise<void> {
    return this.#opened().caughtUp(projection, position, timeoutMs)
  }

  #opened(): NotifiedViewReader {
    if (this.#reader === undefined) throw new Error('the projector has not started')
    return this.#reader
  }
}
