import type { Position } from '#infra/event-log/port'

/** From one position to another; positions are decimal numbers, null stands before the first. */
export const distance = (from: string | null, to: string | null): number => Number(BigInt(to ?? 0) - BigInt(from ?? 0))

export const latest = (positions: readonly (Position | null)[]): Position | null =>
  positions.reduce((most, position) => (distance(most, position) > 0 ? position : most), null)

export const earliest = (positions: readonly (Position | null)[]): Position | null =>
  positions.reduce((least, position) => (distance(least, position) < 0 ? position : least), positions[0] ?? null)

/** The log ends before what the view has read: another log, or one put back from a backup. */
export const isBeyond = (checkpoint: Position | null, head: Position | null): boolean => distance(head, checkpoint) > 0
