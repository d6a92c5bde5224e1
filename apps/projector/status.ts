import type { Projection } from '#domain/kernel/projection'
import type { Position } from '#infra/event-log/port'
import type { Build, Stopped } from '#infra/views/build'
import { distance } from './positions.ts'
import type { ViewStatus } from './protocol.ts'

export interface View {
  readonly projection: Projection
  /** What is read; undefined while there is none of this version. */
  live: Build | undefined
  /** What is being built to take its place. */
  beside: Build | undefined
  /** The common pass feeds it. */
  joined: boolean
  /** It has been at the log's end. */
  caughtUp: boolean
}

export interface LogAt {
  readonly head: Position | null
  /** occurredAt of the newest event read, null when all are read. */
  readonly behindSince: number | null
  /** An event that no view can be given. */
  readonly unreadable: Stopped | null
  readonly now: number
}

export function statusOf(view: View, at: LogAt): ViewStatus {
  const { projection, live, beside } = view
  const shown = live ?? beside
  const stopped = shown?.stopped ?? at.unreadable
  const checkpoint = live?.checkpoint ?? null
  const behind = Math.max(0, distance(checkpoint, at.head))
  const since = stopped?.occurredAt ?? at.behindSince
  return {
    name: projection.name,
    version: projection.version,
    state:
      stopped !== null
        ? 'stopped'
        : live === undefined || beside !== undefined
          ? 'rebuilding'
          : view.joined && view.caughtUp
            ? 'live'
            : 'catching-up',
    checkpoint,
    events: live?.events ?? 0,
    lag: { events: behind, ms: behind === 0 || since === null ? 0 : Math.max(0, at.now - since) },
    stopped,
    rebuild: beside === undefined ? null : { checkpoint: beside.checkpoint, events: beside.events },
  }
}
