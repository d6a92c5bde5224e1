import { expect, it } from 'vitest'
import { beginningOfDay } from './day.ts'

const beginning = (now: string, zone: string): string => new Date(beginningOfDay(Date.parse(now), zone)).toISOString()

it("is midnight of the account's zone", () => {
  expect(beginning('2026-01-15T12:00:00Z', 'UTC')).toBe('2026-01-15T00:00:00.000Z')
  expect(beginning('2026-01-15T23:30:00Z', 'Europe/Vienna')).toBe('2026-01-15T23:00:00.000Z')
  expect(beginning('2026-01-15T00:00:00Z', 'UTC')).toBe('2026-01-15T00:00:00.000Z')
  expect(beginning('2026-01-15T02:00:00Z', 'America/New_York')).toBe('2026-01-14T05:00:00.000Z')
  expect(beginning('2026-01-15T02:00:00Z', 'Asia/Kathmandu')).toBe('2026-01-14T18:15:00.000Z')
})

it('is right on the days when clocks change', () => {
  expect(beginning('2026-03-29T20:00:00Z', 'Europe/Vienna')).toBe('2026-03-28T23:00:00.000Z')
  expect(beginning('2026-10-25T22:30:00Z', 'Europe/Vienna')).toBe('2026-10-24T22:00:00.000Z')
  // Cairo's clocks go from 24:00 to 01:00: that day has no midnight.
  expect(beginning('2026-04-24T12:00:00Z', 'Africa/Cairo')).toBe('2026-04-23T22:00:00.000Z')
})
