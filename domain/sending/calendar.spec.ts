import { expect, it } from 'vitest'
import { at, shown } from '#test/dsl/instants'
import { beginningOfDay, endOfDate, localDate } from './calendar.ts'

const beginning = (now: string, zone: string): string => shown(beginningOfDay(localDate(zone), at(now)))
const end = (date: string, now: string, zone: string): string => shown(endOfDate(localDate(zone), date, at(now)))

it("begins at midnight of the account's zone", () => {
  expect(beginning('2026-01-15T12:00:00Z', 'UTC')).toBe('2026-01-15T00:00:00.000Z')
  expect(beginning('2026-01-15T23:30:00Z', 'Europe/Vienna')).toBe('2026-01-15T23:00:00.000Z')
  expect(beginning('2026-01-15T00:00:00Z', 'UTC')).toBe('2026-01-15T00:00:00.000Z')
  expect(beginning('2026-01-15T02:00:00Z', 'America/New_York')).toBe('2026-01-14T05:00:00.000Z')
  expect(beginning('2026-01-15T02:00:00Z', 'Asia/Kathmandu')).toBe('2026-01-14T18:15:00.000Z')
})

it('ends at the next one, however far away that is', () => {
  expect(end('2026-01-15', '2026-01-15T12:00:00Z', 'UTC')).toBe('2026-01-16T00:00:00.000Z')
  expect(end('2026-01-17', '2026-01-15T12:00:00Z', 'Europe/Vienna')).toBe('2026-01-17T23:00:00.000Z')
  expect(localDate('Pacific/Kiritimati')(at('2026-01-15T12:00:00Z'))).toBe('2026-01-16')
})

it('is right on the days when clocks change', () => {
  expect(beginning('2026-03-29T20:00:00Z', 'Europe/Vienna')).toBe('2026-03-28T23:00:00.000Z')
  expect(end('2026-03-29', '2026-03-29T20:00:00Z', 'Europe/Vienna')).toBe('2026-03-29T22:00:00.000Z')
  expect(beginning('2026-10-25T22:30:00Z', 'Europe/Vienna')).toBe('2026-10-24T22:00:00.000Z')
  expect(end('2026-10-25', '2026-10-25T22:30:00Z', 'Europe/Vienna')).toBe('2026-10-25T23:00:00.000Z')
  // Cairo's clocks go from 24:00 to 01:00: that day has no midnight.
  expect(beginning('2026-04-24T12:00:00Z', 'Africa/Cairo')).toBe('2026-04-23T22:00:00.000Z')
  // Samoa crossed the date line: 30 December 2011 did not happen there.
  expect(end('2011-12-29', '2011-12-30T00:00:00Z', 'Pacific/Apia')).toBe('2011-12-30T10:00:00.000Z')
  expect(localDate('Pacific/Apia')(at('2011-12-30T10:00:00Z'))).toBe('2011-12-31')
})
