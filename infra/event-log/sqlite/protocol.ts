import type { Failure } from './failure.ts'

/**
 * Between the threads that ask and the one that writes. Appends travel as one flat list, strings ready for the row: structured
 * cloning of many small objects would cost more than the inserts.
 *
 * Per append: stream, expected, count of events, then per event: type, version, occurredAt, id, metadata, data.
 */
export type Field = string | number
export const FIELDS_PER_EVENT = 6

export type ToWriter =
  /** `slot`: where the outcome of the first append belongs, the others' follow. */
  | { readonly kind: 'append'; readonly fields: readonly Field[]; readonly slot: number }
  | { readonly kind: 'group'; readonly change: GroupChange }
  | { readonly kind: 'replay'; readonly group: string; readonly eventIds: readonly string[] | null }
  | { readonly kind: 'close' }

/** What a group owes after `cursor` was read: positions handed out or waiting, each with its retries. Replaces what was stored. */
export interface GroupChange {
  readonly name: string
  readonly cursor: number
  readonly owed: readonly (readonly [position: number, retryCount: number])[]
  readonly parked: readonly ParkedRow[]
  /** Parked ones that were replayed and answered. */
  readonly unparked: readonly number[]
}

export interface ParkedRow {
  readonly position: number
  readonly reason: string
  readonly parkedAt: number
  readonly retryCount: number
}

/** One answer per message, in the order of the messages; appends are answered by their outcomes, and here only when they failed. */
export type FromWriter =
  | {
      readonly kind: 'opened'
      readonly head: number
      readonly heads: readonly (readonly [category: string, type: string, position: number])[]
    }
  | { readonly kind: 'done'; readonly changed: number }
  /** Nothing of the message was written. */
  | { readonly kind: 'failed'; readonly failure: Failure; readonly append: boolean }
  | { readonly kind: 'closed' }

export interface WriterSettings {
  readonly path: string
  /** Name of the BroadcastChannel on which other threads hear of commits. */
  readonly channel: string
  /** Three 32-bit numbers: `SENT`, `PROMISED`, `ANSWERED`. */
  readonly signals: SharedArrayBuffer
  readonly outcomes: SharedArrayBuffer
}

/** Counts what was said to the writer; it sleeps on this. */
export const SENT = 0
/** 1: the same turn of the event loop sends another message at once; worth a moment's wait before the commit. */
export const PROMISED = 1
/** Counts messages with appends whose outcomes are there; the other side waits for this. */
export const ANSWERED = 2
