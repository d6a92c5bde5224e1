import type { Projection } from '#domain/kernel/projection'
import type { Position } from '#infra/event-log/port'
import type { Build, Stopped } from '#infra/views/build'
import type { ViewStatus } from './protocol.ts'

export interface View {
  readonly projection: Projection
  /** What is read; undefined while there is none of this version. */
  live: Build | undefined
  /** What is being built to take its place. */
  beside: Build | undefined
  /** The common pass feeds it. */
  joined: boolean
}

export interface LogAt {
  readonly head: Position | null
  /** occurredAt of the newest event read, null when all are read. */
  readonly behindSince: number | null
  /** An event that no view can be given. */
  readonly unreadable: Stopped | null
  readonly now: number
}

export function statusOf({ projection, live, beside, joined }: View, at: LogAt): ViewStatus {
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
          : stateOf(joined, behind),
    checkpoint,
    events: live?.events ?? 0,
    lag: { events: behind, ms: behind === 0 || since === null ? 0 : Math.max(0, at.now - since) },
    stopped,
    rebuild: beside === undefined ? null : { checkpoint: beside.checkpoint, events: beside.events },
  }
}

const stateOf = (joined: boolean, behind: number): ViewStatus['state'] =>
  joined && behind === 0 ? 'live' : 'catching-up'

/** From one position to another; positions are decimal numbers, null stands before the first. */
export const distance = (from: string | null, to: string | null): number => Number(BigInt(to ?? 0) - BigInt(from ?? 0))
