import { describe, expect, it } from 'vitest'
import { fold } from '#domain/kernel/decider'
import { DAY } from '#domain/kernel/instant'
import { policyDocument } from '#domain/policy/documents'
import { given, story } from '#test/dsl/decider'
import { candidatePolicies } from './candidate.ts'
import { simulationDecider, type SimulationCommand } from './decider.ts'
import { counted, emptyTally, type Compared } from './tally.ts'

const current = { inspection: policyDocument('inspection', { threshold: 6 }), edge: policyDocument('edge', {}) }
const request: SimulationCommand = {
  kind: 'request-simulation',
  by: 'root@one.test',
  changes: { inspection: { threshold: 4 } },
  policies: current as never,
  from: 0,
  to: 7 * DAY,
  total: 3,
}
const claim = (node: string, now: number): SimulationCommand => ({ kind: 'claim', node, now, leaseUntil: now + 100 })
const advance = (node: string): SimulationCommand => ({
  kind: 'advance',
  node,
  cursor: { acceptedAt: 5, mail: 'm1' },
  tally: { ...emptyTally, mails: 1 },
  leaseUntil: 300,
})

describe('a simulation', () => {
  it('is asked for once, of a bounded stretch of history', () => {
    given(simulationDecider, []).when(request).thenTypes(['SimulationRequested'])
    given(simulationDecider, story(simulationDecider, [request]))
      .when(request)
      .thenNothing()
    given(simulationDecider, [])
      .when({ ...request, to: 0 })
      .thenDeclined('invalid')
    given(simulationDecider, [])
      .when({ ...request, total: 1_000_001 })
      .thenDeclined('over-limit')
  })

  it('is worked on by one node at a time, and goes on where it stood', () => {
    const claimed = story(simulationDecider, [request, claim('one', 0)])
    given(simulationDecider, claimed).when(claim('two', 99)).thenDeclined('conflict')
    given(simulationDecider, claimed).when(claim('one', 50)).thenTypes(['SimulationClaimed'])
    given(simulationDecider, claimed).when(advance('two')).thenDeclined('conflict')
    const advanced = story(simulationDecider, [advance('one')], claimed)
    const taken = story(simulationDecider, [claim('two', 300)], advanced)
    given(simulationDecider, taken).when(advance('one')).thenDeclined('conflict')
    expect(fold(simulationDecider, taken)).toMatchObject({
      state: 'running',
      cursor: { acceptedAt: 5, mail: 'm1' },
      tally: { mails: 1 },
      claim: { node: 'two', until: 400 },
    })
    given(simulationDecider, taken)
      .when({ kind: 'finish', node: 'two', tally: emptyTally })
      .thenTypes(['SimulationFinished'])
  })

  it('that is over stays so', () => {
    const cancelled = story(simulationDecider, [request, { kind: 'cancel', by: 'root@one.test' }])
    given(simulationDecider, cancelled).when({ kind: 'cancel', by: 'x@one.test' }).thenNothing()
    given(simulationDecider, cancelled).when(claim('one', 0)).thenDeclined('conflict')
    const failed = story(simulationDecider, [request, claim('one', 0), { kind: 'fail', node: 'one', reason: 'why' }])
    given(simulationDecider, failed).when({ kind: 'finish', node: 'one', tally: emptyTally }).thenDeclined('conflict')
    given(simulationDecider, []).when(claim('one', 0)).thenDeclined('not-found')
  })
})

describe('the policies of a simulation', () => {
  it('are those in force with the changes', () => {
    const weighed = { ...current, inspection: policyDocument('inspection', { threshold: 6, weights: { SPF_FAIL: 3 } }) }
    expect(
      candidatePolicies(weighed, { inspection: { weights: { GTUBE: 1 }, attachments: { enabled: false } } }),
    ).toMatchObject({
      policies: {
        inspection: { threshold: 6, weights: { SPF_FAIL: 3, GTUBE: 1 }, attachments: { enabled: false } },
        edge: current.edge,
      },
    })
  })

  it('are refused with all that is wrong, and where', () => {
    const changes = { inspection: { threshold: 'much', quarantineFor: 5 }, relay: {}, edge: 7 }
    const outcome = candidatePolicies(current, changes)
    expect('problems' in outcome ? outcome.problems.map(({ where }) => where) : []).toEqual([
      'relay',
      'inspection.quarantineFor',
      'inspection.threshold',
      'edge',
    ])
    expect(candidatePolicies(current, {})).toHaveProperty('problems')
    expect(candidatePolicies(current, JSON.parse('{"__proto__":{"x":1}}'))).toHaveProperty('problems')
  })
})

describe('what is counted', () => {
  const one = (changes: Partial<Compared>): Compared => ({
    recipient: 'ann@one.test',
    before: 'delivered',
    under: 'delivered',
    released: false,
    reported: false,
    ...changes,
  })

  it('is what flips, per recipient, and what their users said of it', () => {
    const sum = [
      [one({}), one({ recipient: 'ben@one.test', under: 'held', reported: true })],
      [one({ before: 'held', released: true })],
      [one({ before: 'held', under: 'held', released: true })],
      [one({ under: 'refused' }), one({ recipient: 'ben@one.test', under: { unknown: 'It was not asked.' } })],
    ].reduce((before, mail, at) => counted(before, `m${at}`, mail), emptyTally)
    expect(sum).toEqual({
      mails: 4,
      verdicts: 6,
      unchanged: 2,
      toHeld: 1,
      toDelivered: 1,
      toRefused: 1,
      unknown: 1,
      released: 1,
      reported: 1,
      unknownWhy: { 'It was not asked.': 1 },
      recipients: [
        {
          recipient: 'ben@one.test',
          toHeld: 1,
          toDelivered: 0,
          toRefused: 0,
          released: 0,
          reported: 1,
          examples: ['m0'],
        },
        {
          recipient: 'ann@one.test',
          toHeld: 0,
          toDelivered: 1,
          toRefused: 1,
          released: 1,
          reported: 0,
          examples: ['m1', 'm3'],
        },
      ],
      more: 0,
    })
  })

  it('stays bounded, whatever history there is', () => {
    let sum = emptyTally
    for (let at = 0; at < 2_100; at++)
      sum = counted(sum, `m${at}`, [
        one({ recipient: `r${at}@one.test`, under: 'held' }),
        one({ under: { unknown: `why ${at}` } }),
      ])
    for (let at = 0; at < 20; at++) sum = counted(sum, `n${at}`, [one({ recipient: 'r0@one.test', under: 'held' })])
    expect(sum.recipients).toHaveLength(2_000)
    expect(sum.more).toBe(100)
    expect(sum.toHeld).toBe(2_120)
    expect(Object.keys(sum.unknownWhy).length).toBeLessThanOrEqual(51)
    expect(sum.recipients[0]?.examples).toHaveLength(5)
    expect(JSON.stringify(sum).length).toBeLessThan(512 * 1024)
  })
})
