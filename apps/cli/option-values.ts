import { InvalidArgumentError } from 'commander'
import { DAY, HOUR, MINUTE } from '#domain/kernel/instant'

/** A whole number within bounds. */
export const wholeNumber =
  (least: number, most: number) =>
  (text: string): number => {
    const value = Number(text)
    if (!Number.isInteger(value) || value < least || value > most)
      throw new InvalidArgumentError(`Expected a whole number from ${least} to ${most}.`)
    return value
  }

export const decimal = (text: string): number => {
  const value = Number(text)
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('Expected a number.')
  return value
}

/** For an option that may be given several times. */
export const collected = (text: string, before: readonly string[] = []): string[] => [...before, text]

export const limit = wholeNumber(1, 10_000)

const UNITS: Readonly<Record<string, number>> = { m: MINUTE, h: HOUR, d: DAY }

/** Milliseconds: `90m`, `4h`, `2d`. */
export const duration = (text: string): number => {
  const [, count = '', unit = ''] = /^(\d{1,5})([mhd])$/.exec(text) ?? []
  const of = UNITS[unit]
  if (of === undefined) throw new InvalidArgumentError('Expected minutes, hours or days, e.g. 90m, 4h or 2d.')
  return Number(count) * of
}
