import type { z } from 'zod'

/** A fact as the domain sees it: its declared wire name and its data. */
export interface DomainEvent<Type extends string = string, Data = unknown> {
  readonly type: Type
  readonly data: Data
}

/**
 * A declared event. Its `type` is the storage format: never renamed, never reused.
 * A changed schema means a new `version` and an upcast from the one before.
 */
export interface EventType<Type extends string = string, Schema extends z.ZodType = z.ZodType> {
  readonly type: Type
  readonly version: number
  readonly schema: Schema
  /** `upcasts[n]` turns data of version n into data of version n + 1. */
  readonly upcasts: Readonly<Record<number, (data: unknown) => unknown>>
}

export const eventType = <Type extends string, Schema extends z.ZodType>(
  type: Type,
  schema: Schema,
  { version = 1, upcasts = {} }: { version?: number; upcasts?: Record<number, (data: unknown) => unknown> } = {},
): EventType<Type, Schema> => ({ type, version, schema, upcasts })

/** The union of domain events that a list of declarations allows. */
export type EventOf<Types extends readonly EventType[]> = {
  [Index in keyof Types]: Types[Index] extends EventType<infer Type, infer Schema>
    ? DomainEvent<Type, z.output<Schema>>
    : never
}[number]

/** An upcast to a version that only allows more: what was written before is one of its own. */
export const unchanged = (data: unknown): unknown => data
