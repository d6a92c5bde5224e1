import { describe, expect, it } from 'vitest'
import { policyDocument } from '#domain/policy/documents'
import { HOUR, MINUTE, SECOND } from '#domain/kernel/instant'
import type { ScanOutcome } from '#infra/antivirus/port'
import { reportOf } from './scan-report.ts'

const policy = policyDocument('inspection', {})
const scanner = { name: 'clamd', version: '1', database: '2' }
const at = { acceptedAt: 1_000, attempt: 1, now: 5_000 }

const finding = (kind: 'encrypted' | 'malformed' | 'bomb', part = 'a.zip') => ({ kind, part, detail: 'why' })
const unscannable = (...findings: ReturnType<typeof finding>[]): ScanOutcome => ({
  outcome: 'unscannable',
  scanner,
  findings,
})

describe('what can not be scanned', () => {
  it('is treated by the gravest of what policy says of its kinds', () => {
    const of = (outcome: ScanOutcome, unscannableAs = policy.unscannable) =>
      reportOf(outcome, { ...policy, unscannable: unscannableAs }, at)
    expect(of(unscannable(finding('encrypted')))).toMatchObject({ treatment: 'score' })
    expect(of(unscannable(finding('encrypted'), finding('malformed')))).toMatchObject({ treatment: 'hold' })
    expect(
      of(unscannable(finding('malformed'), finding('bomb')), { ...policy.unscannable, bomb: 'infected' }),
    ).toMatchObject({ treatment: 'infected' })
  })

  it('names every kind within the bounds of an event', () => {
    const report = reportOf(
      unscannable(
        ...Array.from({ length: 5_000 }, (_, index) => finding('encrypted', `${index}-${'x'.repeat(5_000)}`)),
        finding('bomb'),
      ),
      policy,
      at,
    )
    if (report.outcome !== 'unscannable') throw new Error('unscannable is what it was')
    expect(report.findings).toHaveLength(20)
    expect(new Set(report.findings.map(({ kind }) => kind))).toEqual(new Set(['encrypted', 'bomb']))
    expect(JSON.stringify(report).length).toBeLessThan(20_000)
    expect(report.treatment).toBe('hold')
  })
})

it('waits longer each time the scanner is away, and says from when on the mail is held', () => {
  const due = [1, 2, 3, 4, 5, 99].map((attempt) => {
    const report = reportOf({ outcome: 'unavailable', scanner: { name: 'clamd' }, reason: 'refused' }, policy, {
      ...at,
      attempt,
    })
    if (report.outcome !== 'unavailable') throw new Error('unavailable is what it was')
    expect(report.giveUpAt).toBe(1_000 + 24 * HOUR)
    return report.dueAt - at.now
  })
  expect(due).toEqual([5 * SECOND, 15 * SECOND, MINUTE, 5 * MINUTE, 5 * MINUTE, 5 * MINUTE])
})

it('tells of viruses within the bounds of an event', () => {
  const viruses = Array.from({ length: 3_000 }, (_, index) => ({ name: `V${index}`, part: 'p'.repeat(2_000) }))
  const report = reportOf({ outcome: 'infected', scanner, viruses }, policy, at)
  expect(JSON.stringify(report).length).toBeLessThan(20_000)
})
