import { InvalidArgumentError } from 'commander'

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
