import type { Actor } from './actor.ts'
import type { Instant } from './instant.ts'

/**
 * A projection: event -> rows, pure. The same class of rows can be thrown away and rebuilt from the log at any time.
 * What it answers are changes to its own tables; who applies them (SQLite in infra/views, a Map in specs) is not its concern.
 */
export interface Projection<
  Event extends { readonly type: string; readonly data: unknown } = { readonly type: string; readonly data: unknown },
> {
  readonly name: string
  /** Counts up whenever tables or logic change: the store then rebuilds the view. */
  readonly version: number
  readonly tables: readonly Table[]
  /** Wire names of the events it reads. */
  readonly types: readonly Event['type'][]
  project(event: Projected<Event>, rows: RowReader): readonly Change[]
}

/** A recorded event as projections see it. `position` is comparable as a string. */
export type Projected<Event> = Event & {
  readonly id: string
  readonly stream: string
  readonly revision: number
  readonly position: string
  readonly occurredAt: Instant
  readonly actor: Actor
}

export type Cell = string | number | null
export type Row = Readonly<Record<string, Cell>>
export type Key = readonly (string | number)[]

export interface Table {
  readonly name: string
  /** JSON goes into text columns as a string. Every column may be null but those of the key. */
  readonly columns: Readonly<Record<string, 'text' | 'integer' | 'real'>>
  readonly key: readonly string[]
  readonly indexes?: readonly (readonly string[])[]
}

/** Rows as they are after all changes so far, those of the same batch included. */
export interface RowReader {
  get(table: string, key: Key): Row | undefined
}

export type Change =
  /** Insert or replace the whole row. */
  | { readonly change: 'put'; readonly table: string; readonly row: Row }
  /** Set some columns of the row with this key; nothing happens when it isn't there. */
  | { readonly change: 'set'; readonly table: string; readonly key: Key; readonly values: Row }
  /** Add to number columns of the row with this key, made with zeros when it isn't there. */
  | {
      readonly change: 'add'
      readonly table: string
      readonly key: Key
      readonly values: Readonly<Record<string, number>>
    }
  | { readonly change: 'remove'; readonly table: string; readonly key: Key }

export const put = (table: string, row: Row): Change => ({ change: 'put', table, row })
export const set = (table: string, key: Key, values: Row): Change => ({ change: 'set', table, key, values })
export const add = (table: string, key: Key, values: Readonly<Record<string, number>>): Change => ({
  change: 'add',
  table,
  key,
  values,
})
export const remove = (table: string, key: Key): Change => ({ change: 'remove', table, key })

/** What stands after the first `-` of a stream's name: `mail-01J...` is `01J...`. */
export const idOf = (stream: string): string => stream.slice(stream.indexOf('-') + 1)
