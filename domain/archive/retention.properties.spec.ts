import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fold, isDeclined } from '#domain/kernel/decider'
import { DAY } from '#domain/kernel/instant'
import { archiveDecider } from './decider.ts'
import { covers } from './holds.ts'
import { retainedUntil, stampOf, type OwnRetention, type PolicyRetention } from './retention.ts'

const runs = { seed: 20_260_401, numRuns: 1_000 }
const days = fc.option(fc.integer({ min: 1, max: 100 }))
const at = fc.integer({ min: 0, max: 200 }).map((day) => day * DAY)
const bySince = <Change extends { readonly since: number }>(changes: readonly Change[]): readonly Change[] =>
  changes.toSorted((one, other) => one.since - other.since)
const own = fc
  .array(fc.record<OwnRetention>({ since: at, days: fc.oneof(days, fc.constant('policy' as const)) }), { maxLength: 4 })
  .map(bySince)
const policy = fc.array(fc.record<PolicyRetention>({ since: at, days }), { maxLength: 4 }).map(bySince)
const copy = fc.tuple(at, days).map(([dueAt, stamped]) => ({ dueAt, retainUntil: stampOf(dueAt, stamped) }))
const endless = (until: number | null): number => until ?? Number.POSITIVE_INFINITY

describe('however often the time to keep is changed', () => {
  it('no copy loses of its stamp, and one more change takes nothing away', () => {
    fc.assert(
      fc.property(copy, own, policy, at, days, (kept, mine, said, since, more) => {
        const until = endless(retainedUntil(kept, mine, said))
        expect(until).toBeGreaterThanOrEqual(endless(kept.retainUntil))
        const last = Math.max(since, ...mine.map((change) => change.since), ...said.map((change) => change.since))
        const changed = [...mine, { since: last, days: more }]
        expect(endless(retainedUntil(kept, changed, said))).toBeGreaterThanOrEqual(until)
      }),
      runs,
    )
  })

  it('a longer time that is set later holds for what is there', () => {
    fc.assert(
      fc.property(copy, own, policy, days, (kept, mine, said, more) => {
        const since = 201 * DAY
        const until = endless(retainedUntil(kept, [...mine, { since, days: more }], said))
        expect(until).toBeGreaterThanOrEqual(endless(stampOf(kept.dueAt, more)))
      }),
      runs,
    )
  })
})

describe('whatever is held and whatever is to go', () => {
  it('nothing is purged before its time or under a hold, and what is purged was a candidate', () => {
    let purged = 0
    const dates = fc.record({ from: fc.option(at), until: fc.option(at) })
    const candidate = fc.tuple(copy, fc.integer({ min: 0, max: 20 }), fc.nat(30)).map(([kept, mail, waited]) => ({
      ...kept,
      mail: String(mail),
      role: 'received' as const,
      contentHash: 'a'.repeat(64),
      size: 1,
      acceptedAt: Math.max(0, kept.dueAt - waited * DAY),
    }))
    fc.assert(
      fc.property(
        fc.array(dates, { maxLength: 3 }),
        own,
        policy,
        fc.array(candidate, { maxLength: 20 }),
        at,
        (holds, mine, said, candidates, now) => {
          const placed = holds.map(({ from, until }, place) => ({
            type: 'HoldPlaced' as const,
            data: { hold: `h${place}`, name: 'Case', from, until, query: null, reason: 'Because', by: 'olga', at: 0 },
          }))
          const set = mine.map(({ since, days: each }) =>
            each === 'policy'
              ? { type: 'RetentionReverted' as const, data: { at: since } }
              : { type: 'RetentionSet' as const, data: { days: each, at: since } },
          )
          const answer = archiveDecider.decide(
            { kind: 'purge', after: 0, because: 'room', policyVersion: 1, policyRetention: said, candidates, now },
            fold(archiveDecider, [...placed, ...set]),
          )
          const gone = isDeclined(answer)
            ? []
            : answer.flatMap((event) => (event.type === 'Purged' ? event.data.copies : []))
          purged += gone.length
          for (const { mail, retainedUntil: until, dueAt } of gone) {
            expect(until).toBeLessThanOrEqual(now)
            const of = candidates.filter((each) => each.mail === mail && each.dueAt === dueAt)
            expect(of.some((each) => !holds.some((hold) => covers(hold, each)))).toBe(true)
          }
          expect(new Set(gone.map(({ mail }) => mail)).size).toBe(gone.length)
        },
      ),
      runs,
    )
    expect(purged).toBeGreaterThan(200)
  })
})
