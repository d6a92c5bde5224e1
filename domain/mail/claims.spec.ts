import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fold, isDeclined } from '#domain/kernel/decider'
import { MINUTE } from '#domain/kernel/instant'
import { given, story } from '#test/dsl/decider'
import * as a from '#test/dsl/mail'
import type { MailCommand } from './commands.ts'
import { mailDecider } from './decider.ts'
import type { MailEvent } from './events.ts'
import { nextStep } from './next-step.ts'
import type { MailState } from './state.ts'

const { ANN, BEN, AT } = a
const LEASE = 5 * MINUTE
const accepted = [a.accept(), a.recordScan(a.clean)]
const cleared = story(mailDecider, [...accepted, a.judge(a.scored(ANN, 0), a.scored(BEN, 0))])
const claim = (node: string, now = AT, recipients: readonly string[] = [ANN, BEN]): MailCommand => ({
  kind: 'claim-delivery',
  recipients,
  node,
  now,
  leaseUntil: now + LEASE,
})
const dueFor = (events: readonly MailEvent[], node: string | null) =>
  nextStep(fold(mailDecider, events), node).deliveries.map(({ recipient, dueAt }) => [recipient, dueAt])

describe('a delivery that a node has claimed', () => {
  const claimed = story(mailDecider, [claim('one')], cleared)

  it('is due for that node, and for another one when the lease ends', () => {
    expect(claimed.at(-1)).toEqual({
      type: 'DeliveryClaimed',
      data: { recipients: [ANN, BEN], node: 'one', leaseUntil: AT + LEASE },
    })
    expect(dueFor(claimed, 'one')).toEqual([
      [ANN, null],
      [BEN, null],
    ])
    for (const node of ['two', null])
      expect(dueFor(claimed, node)).toEqual([
        [ANN, AT + LEASE],
        [BEN, AT + LEASE],
      ])
  })

  it('can be claimed by nobody else before that', () => {
    given(mailDecider, claimed)
      .when(claim('two', AT + LEASE - 1))
      .thenDeclined('conflict', /another node/)
    given(mailDecider, claimed)
      .when(claim('two', AT + LEASE))
      .thenTypes(['DeliveryClaimed'])
  })

  it('is prolonged by who has it', () => {
    given(mailDecider, claimed).when(claim('one')).thenNothing()
    const prolonged = story(mailDecider, [claim('one', AT + MINUTE)], claimed)
    given(mailDecider, prolonged)
      .when(claim('two', AT + LEASE))
      .thenDeclined('conflict', /another node/)
  })

  it('is free again with the outcome of the attempt', () => {
    const deferred = story(mailDecider, [a.recordDelivery(ANN, a.tryLater)], claimed)
    expect(dueFor(deferred, 'two')).toEqual([
      [ANN, AT + MINUTE],
      [BEN, AT + LEASE],
    ])
    given(mailDecider, deferred)
      .when(claim('two', AT + 1))
      .thenEvents([{ type: 'DeliveryClaimed', data: { recipients: [ANN], node: 'two', leaseUntil: AT + 1 + LEASE } }])
  })

  it('is one that is owed', () => {
    given(mailDecider, story(mailDecider, accepted))
      .when(claim('one'))
      .thenDeclined('conflict', /nothing/)
    const delivered = story(mailDecider, [a.recordDelivery(ANN)], cleared)
    given(mailDecider, delivered)
      .when(claim('one', AT, [ANN, 'nobody@example.org']))
      .thenDeclined('conflict', /nothing/)
  })
})

describe('an inspection that a node has claimed', () => {
  const inspect = (node: string, now = AT): MailCommand => ({
    kind: 'claim-inspection',
    node,
    now,
    leaseUntil: now + LEASE,
  })
  const claimed = story(mailDecider, [a.accept(), inspect('one')])

  it('is due for that node, and for another one when the lease ends', () => {
    const due = (node: string) => nextStep(fold(mailDecider, claimed), node).inspection
    expect(due('one')).toEqual({ step: 'scan', dueAt: null, attempt: 1 })
    expect(due('two')).toEqual({ step: 'scan', dueAt: AT + LEASE, attempt: 1 })
    given(mailDecider, claimed)
      .when(inspect('two', AT + LEASE - 1))
      .thenDeclined('conflict', /another node/)
    given(mailDecider, claimed).when(inspect('one')).thenNothing()
  })

  it('is claimed until there is a verdict, and not when nothing is owed', () => {
    const scanned = story(mailDecider, [a.recordScan(a.clean)], claimed)
    expect(nextStep(fold(mailDecider, scanned), 'two').inspection).toMatchObject({ step: 'judge', dueAt: AT + LEASE })
    const judged = story(mailDecider, [a.judge(a.scored(ANN, 0), a.scored(BEN, 0))], scanned)
    given(mailDecider, judged)
      .when(inspect('two', AT + LEASE))
      .thenDeclined('conflict', /nothing/)
  })

  it('that waits for its scanner is anybody’s', () => {
    const waiting = story(
      mailDecider,
      [
        {
          kind: 'record-scan',
          report: { outcome: 'unavailable', scanner: 'clamd', reason: 'gone', dueAt: AT + MINUTE },
          now: AT,
          expiresAt: a.EXPIRES,
        },
      ],
      claimed,
    )
    expect(nextStep(fold(mailDecider, waiting), 'two').inspection).toMatchObject({ dueAt: AT + MINUTE, attempt: 2 })
  })
})

describe('however nodes claim, deliver and die', () => {
  const recipient = fc.constantFrom(ANN, BEN)
  const step = fc.oneof(
    fc.record({
      claim: fc.constantFrom('one', 'two', 'three'),
      recipients: fc.constantFrom([ANN], [BEN], [ANN, BEN]),
      after: fc.integer({ min: 0, max: LEASE }),
    }),
    fc.record({
      reply: fc.constantFrom(a.ok, a.tryLater, a.never),
      recipient,
      attempt: fc.integer({ min: 1, max: 3 }),
    }),
  )

  it('nobody works on what another one has claimed and may still be at', () => {
    /** How long a lease still ran when another node got the claim. */
    const left: number[] = []
    fc.assert(
      fc.property(fc.array(step, { minLength: 5, maxLength: 40 }), (steps) => {
        let now = AT
        let state: MailState = fold(mailDecider, cleared)
        const held = new Map<string, { node: string; until: number }>()
        for (const one of steps) {
          if ('after' in one) now += one.after
          const command =
            'claim' in one
              ? claim(one.claim, now, one.recipients)
              : a.recordDelivery(one.recipient, one.reply, one.attempt, now)
          const answer = mailDecider.decide(command, state)
          if (isDeclined(answer)) continue
          for (const event of answer) {
            if (event.type !== 'DeliveryClaimed') {
              if ('recipient' in event.data) held.delete(event.data.recipient)
              continue
            }
            const { node, leaseUntil, recipients } = event.data
            for (const each of recipients) {
              const before = held.get(each)
              if (before !== undefined && before.node !== node) left.push(before.until - now)
              held.set(each, { node, until: leaseUntil })
            }
          }
          state = fold(mailDecider, answer, state)
        }
      }),
      { seed: 20_261_124, numRuns: 500 },
    )
    expect(left.filter((time) => time > 0)).toEqual([])
    expect(left.length).toBeGreaterThan(100)
  })
})
