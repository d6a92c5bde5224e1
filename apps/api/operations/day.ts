const HOUR = 60 * 60 * 1_000

/** The instant at which the local day of `now` began; where clocks skip midnight, the first instant of the day. */
export function beginningOfDay(now: number, timeZone: string): number {
  const format = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' })
  const today = format.format(now)
  // Days have 23 to 25 hours: the boundary lies within the last 26 of them.
  let [before, at] = [now - 26 * HOUR, now]
  while (at - before > 1) {
    const middle = Math.floor((before + at) / 2)
    if (format.format(middle) === today) at = middle
    else before = middle
  }
  return at
}
