import type { LogAddress } from '#infra/event-log/engines'
import type { Comparison } from '#infra/views/digest'
import type { Stopped } from '#infra/views/build'

/** Between the main thread and the one that runs the projections. */
export interface ProjectorSettings {
  readonly log: LogAddress
  /** The views' file. */
  readonly views: string
  /** Names of the views that this process needs; absent: all. The others stay as they are. */
  readonly only?: readonly string[]
}

export type ToProjector =
  | { readonly kind: 'rebuild' | 'verify'; readonly task: number; readonly view: string }
  | { readonly kind: 'stop' }

export type FromProjector =
  | { readonly kind: 'opened'; readonly discarded: string | null; readonly views: readonly ViewStatus[] }
  /** After each batch, and whenever something changes. */
  | { readonly kind: 'progress'; readonly views: readonly ViewStatus[]; readonly events: readonly EventSummary[] }
  /** The log or the disk has no answer; it is tried again. Null: it is well again. */
  | { readonly kind: 'trouble'; readonly reason: string | null }
  | { readonly kind: 'stopped'; readonly view: string; readonly stopped: Stopped }
  | { readonly kind: 'rebuilt'; readonly task: number; readonly outcome: Outcome<Rebuilt> }
  | { readonly kind: 'verified'; readonly task: number; readonly outcome: Outcome<Verified> }

export type Outcome<Value> = { readonly value: Value } | { readonly error: string }

export interface Rebuilt {
  readonly view: string
  /** Events read by the projection. */
  readonly events: number
  readonly ms: number
}

export interface Verified extends Comparison {
  readonly view: string
  /** Both were compared as they are after this position. */
  readonly position: string | null
  readonly events: number
  readonly ms: number
}

export interface ViewStatus {
  readonly name: string
  readonly version: number
  /**
   * - `live`: it caught up once and follows since; `lag` says how far behind it is now
   * - `catching-up`: events of the past are being read
   * - `rebuilding`: it is built anew, the old one (if any) answers meanwhile
   * - `stopped`: it can't take an event; it goes on after a restart with a newer version, or a rebuild
   */
  readonly state: 'live' | 'catching-up' | 'rebuilding' | 'stopped'
  /** What the answers are from; null: it has read nothing. */
  readonly checkpoint: string | null
  /** Events it has taken. */
  readonly events: number
  readonly lag: {
    /** Positions between its checkpoint and the log's end: in the embedded log, events. */
    readonly events: number
    /** Age of the oldest event it hasn't read, in milliseconds; 0 when it has read all. */
    readonly ms: number
  }
  readonly stopped: Stopped | null
  /** A build beside the live one: where it is. */
  readonly rebuild: { readonly checkpoint: string | null; readonly events: number } | null
}

/** One event for whoever shows live what happens; not for anything that must not miss one. */
export interface EventSummary {
  readonly id: string
  readonly position: string
  readonly stream: string
  readonly revision: number
  readonly type: string
  readonly occurredAt: number
  /** The mailbox a mail's event is about. */
  readonly recipient: string | null
}
