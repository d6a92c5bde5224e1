import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { at, shown } from '#test/dsl/instants'
import { DAY, HOUR, MINUTE } from '../kernel/instant.ts'
import type { DigestWishes } from '../mailbox/digest-wishes.ts'
import { lastDue, nextDue, wallClock } from './schedule.ts'

const daily = (...times: string[]): DigestWishes => ({ times, days: 'every-day', when: 'traffic' })
const workdays = (...times: string[]): DigestWishes => ({ ...daily(...times), days: 'weekdays' })
const last = (wishes: DigestWishes, zone: string, now: string): string | null => {
  const due = lastDue(wishes, wallClock(zone), at(now))
  return due === null ? null : shown(due)
}

it('is due at the local time, wherever that is', () => {
  expect(last(daily('08:00'), 'UTC', '2026-01-15T08:00:00Z')).toBe('2026-01-15T08:00:00.000Z')
  expect(last(daily('08:00'), 'UTC', '2026-01-15T07:59:59Z')).toBe('2026-01-14T08:00:00.000Z')
  expect(last(daily('08:00'), 'Etc/GMT+12', '2026-01-15T20:00:00Z')).toBe('2026-01-15T20:00:00.000Z')
  expect(last(daily('08:00'), 'Pacific/Kiritimati', '2026-01-14T18:00:00Z')).toBe('2026-01-14T18:00:00.000Z')
  expect(last(daily('08:00'), 'Asia/Kathmandu', '2026-01-15T03:00:00Z')).toBe('2026-01-15T02:15:00.000Z')
})

it('is due several times a day, on weekdays, or never', () => {
  expect(last(daily('07:30', '13:00', '18:00'), 'UTC', '2026-01-15T17:00:00Z')).toBe('2026-01-15T13:00:00.000Z')
  // 17 January 2026 is a Saturday.
  expect(last(workdays('08:00'), 'UTC', '2026-01-17T12:00:00Z')).toBe('2026-01-16T08:00:00.000Z')
  expect(last(workdays('08:00'), 'UTC', '2026-01-19T07:00:00Z')).toBe('2026-01-16T08:00:00.000Z')
  // Friday evening in UTC is Saturday there.
  expect(last(workdays('08:00'), 'Asia/Tokyo', '2026-01-16T23:30:00Z')).toBe('2026-01-15T23:00:00.000Z')
  expect(last(daily(), 'UTC', '2026-01-15T12:00:00Z')).toBeNull()
})

it('comes once on the days when clocks change', () => {
  const vienna = 'Europe/Vienna'
  // 02:30 is skipped on 29 March: an hour later by the clock, 03:30.
  expect(last(daily('02:30'), vienna, '2026-03-29T12:00:00Z')).toBe('2026-03-29T01:30:00.000Z')
  // 02:30 comes twice on 25 October: the first one counts.
  expect(last(daily('02:30'), vienna, '2026-10-25T12:00:00Z')).toBe('2026-10-25T00:30:00.000Z')
  expect(last(daily('08:00'), vienna, '2026-10-25T12:00:00Z')).toBe('2026-10-25T07:00:00.000Z')
  // Cairo skips midnight; Samoa skipped a whole day.
  expect(last(daily('00:00'), 'Africa/Cairo', '2026-04-24T12:00:00Z')).toBe('2026-04-23T22:00:00.000Z')
  expect(last(daily('08:00'), 'Pacific/Apia', '2011-12-30T12:00:00Z')).toBe('2011-12-29T18:00:00.000Z')
})

it('finds each time exactly once, looking often or seldom, in any zone', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(
        'UTC',
        'Europe/Vienna',
        'America/New_York',
        'Asia/Kolkata',
        'Pacific/Kiritimati',
        'Etc/GMT+12',
        'Australia/Lord_Howe',
      ),
      fc.uniqueArray(fc.integer({ min: 0, max: 24 * 60 - 1 }), { minLength: 1, maxLength: 3 }),
      fc.integer({ min: 0, max: 360 }),
      fc.array(fc.integer({ min: 1, max: 180 }), { minLength: 20, maxLength: 40 }),
      (zone, minutes, day, steps) => {
        const time = (minute: number) =>
          `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`
        const wishes = daily(...minutes.map(time).toSorted())
        const clock = wallClock(zone)
        const begin = at('2026-01-01T00:00:00Z') + day * DAY
        const stepped = new Set<number>()
        let now = begin
        for (
          let next = nextDue(wishes, clock, now);
          next !== null && next <= begin + 3 * DAY;
          next = nextDue(wishes, clock, now)
        ) {
          stepped.add(next)
          now = next
        }
        const seen = new Set<number>()
        for (
          let look = begin, index = 0;
          look <= begin + 3 * DAY;
          look += (steps[index++ % steps.length] ?? 1) * MINUTE
        ) {
          const due = lastDue(wishes, clock, look)
          if (due !== null && due > begin) seen.add(due)
        }
        for (const due of seen) expect(stepped).toContain(due)
        // Three days have three of each, one more or less where the window cuts, or clocks change.
        expect(Math.abs(stepped.size - 3 * minutes.length)).toBeLessThanOrEqual(minutes.length)
        for (const due of stepped) expect(lastDue(wishes, clock, due)).toBe(due)
        for (const due of stepped) expect(nextDue(wishes, clock, due) ?? 0).toBeGreaterThan(due)
        for (const due of stepped) expect((nextDue(wishes, clock, due) ?? 0) - due).toBeLessThanOrEqual(25 * HOUR)
      },
    ),
    { seed: 20_261_124, numRuns: 40 },
  )
})
