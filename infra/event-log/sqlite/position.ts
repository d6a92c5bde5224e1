import type { Position } from '../port.ts'

/** Positions outside are 20 digits, so that they compare as strings; inside they are row ids. 0 stands before the first. */
export const toPosition = (row: number): Position => String(row).padStart(20, '0') as Position

export const fromPosition = (position: Position | null): number => {
  if (position === null) return 0
  if (!/^\d{20}$/.test(position)) throw new TypeError(`"${position}" is no position of this log`)
  return Number(position)
}
