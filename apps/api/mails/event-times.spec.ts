import { expect, it } from 'vitest'
import { timesForReaders } from './event-times.ts'

it('moments of an event are RFC 3339 for readers, however deep, and nothing else changes', () => {
  const written = {
    acceptedAt: 1_767_225_600_000,
    retainUntil: 1_767_225_600_000,
    from: 'ann@example.org',
    until: 0,
    nothingAt: null,
    saidAt: 'yesterday',
    notADateAt: 1e300,
    size: 1_767_225_600_000,
    format: 12,
    checks: [{ at: 0.5, attempt: 1 }, [{ dueAt: -1 }], 'at'],
  }
  expect(timesForReaders(written)).toEqual({
    acceptedAt: '2026-01-01T00:00:00.000Z',
    retainUntil: '2026-01-01T00:00:00.000Z',
    from: 'ann@example.org',
    until: '1970-01-01T00:00:00.000Z',
    nothingAt: null,
    saidAt: 'yesterday',
    notADateAt: 1e300,
    size: 1_767_225_600_000,
    format: 12,
    checks: [{ at: '1970-01-01T00:00:00.000Z', attempt: 1 }, [{ dueAt: '1969-12-31T23:59:59.999Z' }], 'at'],
  })
  expect(written.acceptedAt).toBe(1_767_225_600_000)
})
