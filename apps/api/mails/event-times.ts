import { toTime } from '../resources/shapes.ts'

/** The latest moment that a date can tell, in milliseconds (ECMA-262 21.4.1.1). */
const LATEST = 8.64e15

/**
 * What an event holds, as clients read it: its moments (numbers named `at`, `from`, `until` or ending in `At`, `Until`, milliseconds in the
 * log) as RFC 3339, however deep they lie. All else is as it was written.
 */
export function timesForReaders(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(timesForReaders)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]: [string, unknown]) => [
      name,
      isMoment(name, inner) ? toTime(inner) : timesForReaders(inner),
    ]),
  )
}

const isMoment = (name: string, value: unknown): value is number =>
  /^(at|from|until)$|(At|Until)$/.test(name) && typeof value === 'number' && Math.abs(value) <= LATEST
