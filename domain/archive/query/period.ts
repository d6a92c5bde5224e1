import { DAY, HOUR, MINUTE, type Instant } from '../../kernel/instant.ts'

/** From `from` up to, but without, `to`. */
export interface Period {
  readonly from: Instant
  readonly to: Instant
}

const DATE =
  /^(\d{4})(?:-(\d{2})(?:-(\d{2})(?:T(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,3})\d*)?)?(Z|[+-]\d{2}:\d{2}))?)?)?$/i

/**
 * `2001`, `2001-03`, `2001-03-25` (in UTC), or a time as in RFC 3339 whose seconds may be left out: what it covers; a time covers the
 * minute, second or millisecond that it names. null: no date, or none that the calendar has from 1970 on.
 */
export const period = (value: string): Period | null => {
  const found = DATE.exec(value)
  if (found === null) return null
  const [, years, months, days, hours, minutes, seconds, fraction, zone] = found
  const [year, month, day] = [Number(years), Number(months ?? 1), Number(days ?? 1)]
  if (year < 1970 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return null
  const start = daysBefore(year, month) * DAY + (day - 1) * DAY
  if (months === undefined) return { from: start, to: daysBefore(year + 1, 1) * DAY }
  if (days === undefined) return { from: start, to: start + daysIn(year, month) * DAY }
  if (hours === undefined || zone === undefined) return { from: start, to: start + DAY }
  const [hour, minute, second] = [Number(hours), Number(minutes), Number(seconds ?? 0)]
  if (hour > 23 || minute > 59 || second > 59) return null
  const offset = offsetOf(zone)
  if (offset === null) return null
  const milliseconds = fraction === undefined ? 0 : Number(fraction.padEnd(3, '0'))
  const from = start + hour * HOUR + minute * MINUTE + second * 1_000 + milliseconds - offset
  const length = seconds === undefined ? MINUTE : fraction === undefined ? 1_000 : 1
  return from < 0 ? null : { from, to: from + length }
}

const offsetOf = (zone: string): number | null => {
  if (/^z$/i.test(zone)) return 0
  const [hours, minutes] = [Number(zone.slice(1, 3)), Number(zone.slice(4, 6))]
  if (hours > 23 || minutes > 59) return null
  return (zone.startsWith('-') ? -1 : 1) * (hours * HOUR + minutes * MINUTE)
}

const isLeap = (year: number): boolean => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0
const LENGTHS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
const daysIn = (year: number, month: number): number => (month === 2 && isLeap(year) ? 29 : LENGTHS[month - 1]!)

/** Days from 1970-01-01 to the first of the month. */
const daysBefore = (year: number, month: number): number => {
  const past = year - 1
  const leaps = Math.floor(past / 4) - Math.floor(past / 100) + Math.floor(past / 400) - 477
  let days = (year - 1970) * 365 + leaps
  for (let before = 1; before < month; before += 1) days += daysIn(year, before)
  return days
}
