import type { Position } from '../port.ts'

/** The commit position, 20 digits, so that positions compare as strings. All our events are self-committed: prepare and commit are the same. */
export const toPosition = (commit: string): Position => commit.padStart(20, '0') as Position

/** Decimal without leading zeros, as the server wants it. Throws `TypeError` when it is none. */
export const fromPosition = (position: Position): string => {
  if (!/^\d{20}$/.test(position)) throw new TypeError(`"${position}" is no position of this log`)
  return BigInt(position).toString()
}
