import { DAY, SECOND, type Instant } from '../kernel/instant.ts'
import type { DigestWishes } from '../mailbox/digest-wishes.ts'

/** A wall clock: `local` answers the local time of an instant as if it were UTC. */
export interface WallClock {
  local(at: Instant): number
}

/** `timeZone`: an IANA name; throws `RangeError` for any other. */
export const wallClock = (timeZone: string): WallClock => {
  const format = new Intl.DateTimeFormat('en', {
    timeZone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  return {
    local(at) {
      const of = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]))
      const part = (name: string): number => of[name] ?? 0
      const time = (part('hour') * 60 + part('minute')) * 60 + part('second')
      return daysSince1970(part('year'), part('month'), part('day')) * DAY + time * SECOND
    },
  }
}

/** Of a date of the Gregorian calendar; years begin in March here, so that a leap day is the last of one. */
const daysSince1970 = (year: number, month: number, day: number): number => {
  const years = month <= 2 ? year - 1 : year
  const leaps = Math.floor(years / 4) - Math.floor(years / 100) + Math.floor(years / 400)
  const dayOfYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1
  return years * 365 + leaps + dayOfYear - DAYS_BEFORE_1970
}
/** From 1 March of the year 0. */
const DAYS_BEFORE_1970 = 719_468

/** From a Monday morning back to Friday, or from Friday on to Monday, and a day more for places that skip one. */
const DAYS_LOOKED_AT = 4

/**
 * The last time at or before `now` that the wishes name; null: they name none. Each named time comes once a day: where clocks skip it,
 * it is as much later as they skip; where they show it twice, it is the first (as RFC 5545 3.3.5 reads local times).
 */
export const lastDue = (wishes: DigestWishes, clock: WallClock, now: Instant): Instant | null => {
  const due = timesAround(wishes, clock, now, -DAYS_LOOKED_AT, 0).filter((at) => at <= now)
  return due.length === 0 ? null : Math.max(...due)
}

/** The first time after `now` that the wishes name; null: they name none. */
export const nextDue = (wishes: DigestWishes, clock: WallClock, now: Instant): Instant | null => {
  // A time that clocks skipped late yesterday may come today.
  const due = timesAround(wishes, clock, now, -1, DAYS_LOOKED_AT).filter((at) => at > now)
  return due.length === 0 ? null : Math.min(...due)
}

/** All times that the wishes name, from so many local days after today to so many. */
const timesAround = (
  wishes: DigestWishes,
  clock: WallClock,
  now: Instant,
  first: number,
  last: number,
): readonly Instant[] => {
  const today = Math.floor(clock.local(now) / DAY) * DAY
  return Array.from({ length: last - first + 1 }, (_, place) => today + (first + place) * DAY)
    .filter((day) => wishes.days === 'every-day' || !isWeekend(day))
    .flatMap((day) => wishes.times.map((time) => instantOf(clock, day + ofDay(time))))
}

/** `local`: a wall time as if it were UTC. */
const instantOf = (clock: WallClock, local: number): Instant => {
  // Every offset in force around it is that of the day before or of the day after.
  const before = clock.local(local - DAY) - (local - DAY)
  const after = clock.local(local + DAY) - (local + DAY)
  const candidates = [local - before, local - after].filter((at) => clock.local(at) === local)
  return candidates.length > 0 ? Math.min(...candidates) : local - before
}

const ofDay = (time: string): number => (Number(time.slice(0, 2)) * 60 + Number(time.slice(3))) * 60_000

/** Day 0 of 1970 was a Thursday. */
const isWeekend = (day: number): boolean => [2, 3].includes((((day / DAY) % 7) + 7) % 7)
