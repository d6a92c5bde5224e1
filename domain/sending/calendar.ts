import { DAY, HOUR, type Instant } from '../kernel/instant.ts'

/** `YYYY-MM-DD` of an instant in one zone: comparable as a string. */
export type LocalDate = (at: Instant) => string

/** `timeZone`: an IANA name; throws `RangeError` for any other. */
export const localDate = (timeZone: string): LocalDate => {
  const format = new Intl.DateTimeFormat('en', {
    timeZone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  })
  return (at) => {
    const of = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]))
    return `${of['year']?.padStart(4, '0')}-${of['month']}-${of['day']}`
  }
}

/** The first instant of the local day that `now` is in: midnight, or what comes after it where clocks skip midnight. */
export const beginningOfDay = (dateOf: LocalDate, now: Instant): Instant => {
  const today = dateOf(now)
  // Days have 22 to 26 hours: the boundary lies within the last 27 of them.
  return firstInstant(now - 27 * HOUR, now, (at) => dateOf(at) === today)
}

/** The first instant after `from` at which it is later than `date`; it is `date` or earlier at `from`. */
export const endOfDate = (dateOf: LocalDate, date: string, from: Instant): Instant => {
  let later = from
  while (dateOf(later) <= date) later += DAY
  return firstInstant(from, later, (at) => dateOf(at) > date)
}

/** `holds` not at `before`, holds at `at`, and changes once between. */
const firstInstant = (before: Instant, at: Instant, holds: (at: Instant) => boolean): Instant => {
  let [no, yes] = [before, at]
  while (yes - no > 1) {
    const middle = Math.floor((no + yes) / 2)
    if (holds(middle)) yes = middle
    else no = middle
  }
  return yes
}
