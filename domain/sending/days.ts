import type { Decider } from '../kernel/decider.ts'
import { HOUR, type Instant } from '../kernel/instant.ts'
import { beginningOfDay, endOfDate, localDate } from './calendar.ts'
import type { SendingDay, SendingDaysEvent } from './events.ts'

/** Where a change of zone would leave less of a day than this, the day goes on till the midnight after. */
const SHORTEST = 12 * HOUR

/**
 * The day that runs at `now`, given the one opened last: that one till it ends, in the zone it was opened in; then the date in the account's
 * zone. The day of which nothing is left does not come back: dates only go up, days never overlap, and each date has one quota. So
 * whoever changes zones can't have a date's quota twice, and what is sent in any time is bounded by the dates there are.
 *
 * After a change to a zone that is behind, the next day begins all the same when the old one ends, and lasts till the end of its
 * date in the new zone: up to 50 hours. After a change to a zone that is ahead it is as short as the rest of that date, or, when
 * that is less than 12 hours, goes on to the end of the next.
 */
export const dayAt = (last: SendingDay | null, zone: string, now: Instant): SendingDay => {
  if (last !== null && now < last.ends) return last
  const dateOf = localDate(zone)
  const today = dateOf(now)
  let day = today
  const next = (date: string): string => dateOf(endOfDate(dateOf, date, now))
  if (last !== null && day <= last.day) day = next(last.day)
  let ends = endOfDate(dateOf, day, now)
  if (last !== null && ends - last.ends < SHORTEST) {
    day = next(day)
    ends = endOfDate(dateOf, day, now)
  }
  const began = beginningOfDay(dateOf, now)
  const begins = last === null ? began : day === today ? Math.max(began, last.ends) : last.ends
  return { day, zone, begins, ends }
}

export interface OpenDay {
  readonly kind: 'open-day'
  /** The account's time zone now. */
  readonly zone: string
  readonly now: Instant
}

/** The days of an account: its state is the one opened last. Nothing while that one runs. */
export const sendingDaysDecider: Decider<OpenDay, SendingDaysEvent, SendingDay | null> = {
  initial: null,
  evolve: (_last, event) => event.data,
  decide: ({ zone, now }, last) => {
    const day = dayAt(last, zone, now)
    return day === last ? [] : [{ type: 'SendingDayOpened', data: day }]
  },
}
