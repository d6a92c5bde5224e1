import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DAY, HOUR } from '#domain/kernel/instant'
import { at, shown } from '#test/dsl/instants'
import { dayAt } from './days.ts'
import type { SendingDay } from './events.ts'

const follows = (day: SendingDay, last: SendingDay): boolean =>
  day.day > last.day && day.begins >= last.ends && day.ends - last.ends >= 12 * HOUR
const inMinutes = ({ day, begins, ends }: SendingDay): string =>
  `${day} ${shown(begins).slice(0, 16)} ${shown(ends).slice(0, 16)}`

describe('the day of a quota', () => {
  it("is the date in the account's zone, from midnight to midnight, also where that is 23 or 25 hours", () => {
    expect(inMinutes(dayAt(null, 'Europe/Vienna', at('2026-01-15T23:30Z')))).toBe(
      '2026-01-16 2026-01-15T23:00 2026-01-16T23:00',
    )
    const short = dayAt(null, 'Europe/Vienna', at('2026-03-29T09:00Z'))
    const long = dayAt(null, 'Europe/Vienna', at('2026-10-25T09:00Z'))
    expect([short.ends - short.begins, long.ends - long.begins]).toEqual([23 * HOUR, 25 * HOUR])
  })

  it('stays the same till it ends, and the next one begins there', () => {
    const first = dayAt(null, 'Europe/Vienna', at('2026-01-15T12:00Z'))
    expect(dayAt(first, 'Asia/Tokyo', first.ends - 1)).toBe(first)
    expect(inMinutes(dayAt(first, 'Europe/Vienna', first.ends))).toBe('2026-01-16 2026-01-15T23:00 2026-01-16T23:00')
    expect(inMinutes(dayAt(first, 'Europe/Vienna', at('2026-01-20T12:00Z')))).toBe(
      '2026-01-20 2026-01-19T23:00 2026-01-20T23:00',
    )
  })

  const vienna = dayAt(null, 'Europe/Vienna', at('2026-01-15T12:00Z'))
  it.each([
    // [the zone moved to, the day after]
    ['Europe/London', '2026-01-16 2026-01-15T23:00 2026-01-17T00:00'],
    ['America/New_York', '2026-01-16 2026-01-15T23:00 2026-01-17T05:00'],
    ['Europe/Athens', '2026-01-16 2026-01-15T23:00 2026-01-16T22:00'],
    ['Asia/Tokyo', '2026-01-16 2026-01-15T23:00 2026-01-16T15:00'],
    // Eleven hours are left of the 16th there: the day goes on till the 17th ends.
    ['Pacific/Kiritimati', '2026-01-17 2026-01-15T23:00 2026-01-17T10:00'],
    ['Etc/GMT+12', '2026-01-16 2026-01-15T23:00 2026-01-17T12:00'],
  ])('counts in %s from the midnight after the change', (zone, expected) => {
    const next = dayAt(vienna, zone, vienna.ends)
    expect(inMinutes(next)).toBe(expected)
    expect(dayAt(next, zone, next.ends).begins).toBe(next.ends)
  })

  const zone = fc.constantFrom(
    'UTC',
    'Europe/Vienna',
    'America/New_York',
    'Asia/Kathmandu',
    'Pacific/Kiritimati',
    'Etc/GMT+12',
    'Pacific/Apia',
    'Australia/Lord_Howe',
    'Africa/Cairo',
    'Antarctica/Troll',
  )
  const moves = fc.array(
    fc.record({ after: fc.oneof(fc.integer({ min: 0, max: 5 * DAY }), fc.constant('at its end' as const)), zone }),
    { minLength: 1, maxLength: 60 },
  )

  it('never comes back, overlaps or leaves a gap, and hopping zones brings no more of them than there are dates', () => {
    fc.assert(
      fc.property(fc.integer({ min: at('2011-12-01'), max: at('2030-01-01') }), moves, (start, steps) => {
        const days: SendingDay[] = []
        let now = start
        for (const step of steps) {
          const last = days.at(-1) ?? null
          now = step.after === 'at its end' ? (last?.ends ?? now) : now + step.after
          const day = dayAt(last, step.zone, now)
          expect(day.begins <= now && now < day.ends).toBe(true)
          if (day === last) continue
          expect(last === null || follows(day, last)).toBe(true)
          expect(day.ends - day.begins).toBeLessThanOrEqual(51 * HOUR)
          days.push(day)
        }
        // From the earliest to the latest zone a date lasts 50 hours: that is all there is to gain, once, however long one hops.
        const [first, last] = [days[0]!, days.at(-1)!]
        expect(days.length).toBeLessThanOrEqual((last.ends - first.begins + 26 * HOUR) / DAY + 1)
      }),
      { seed: 20_260_105, numRuns: 100 },
    )
  })
})
