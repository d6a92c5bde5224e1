import type { Position } from '#infra/event-log/port'

/** Reading views. Rows are what the projection put: plain objects keyed by column. */
export interface ViewReader {
  get<Row>(projection: string, table: string, key: readonly (string | number)[]): Row | undefined
  /** Read-only SQL over the live tables of one projection; `{table}` in the text is replaced by its stored name. */
  select<Row>(projection: string, sql: string, parameters?: Readonly<Record<string, string | number | null>>): Row[]
  /** How far the projection has read, null when it has read nothing. */
  checkpoint(projection: string): Position | null
  /** Resolves when the projection has read at least up to `position`; throws `ViewBehind` after `timeoutMs` (default 5 000). */
  caughtUp(projection: string, position: Position, timeoutMs?: number): Promise<void>
}

export class ViewBehind extends Error {
  readonly projection: string
  constructor(projection: string, position: Position) {
    super(`the view ${projection} has not got to position ${position} yet`)
    this.name = 'ViewBehind'
    this.projection = projection
  }
}
