import { describe, expect, it } from 'vitest'
import { fold } from '#domain/kernel/decider'
import { DAY, MINUTE } from '#domain/kernel/instant'
import { given, story } from '#test/dsl/decider'
import * as a from '#test/dsl/mail'
import type { Verdict } from './commands.ts'
import { mailDecider } from './decider.ts'
import { nextStep } from './next-step.ts'
import { recipientOf } from './state.ts'

const { ANN, BEN, AT, EXPIRES, scanner } = a
const accepted = story(mailDecider, [a.accept()])
const scanned = story(mailDecider, [a.accept(), a.recordScan(a.clean)])

const outcomes = (events: typeof accepted): Record<string, string> =>
  Object.fromEntries((fold(mailDecider, events)?.recipients ?? []).map(({ mailbox, state }) => [mailbox, state]))

describe('acceptance', () => {
  it('is owed a scan, nothing else', () => {
    given(mailDecider, []).when(a.accept()).thenTypes(['Accepted'])
    expect(nextStep(fold(mailDecider, accepted))).toEqual({
      inspection: { step: 'scan', dueAt: null, attempt: 1 },
      forwards: [],
      deliveries: [],
      expiries: [],
      held: [],
      undeliverable: [],
      copies: [],
    })
  })

  it('happens once, and never for two mails under one id', () => {
    given(mailDecider, accepted).when(a.accept()).thenNothing()
    given(mailDecider, accepted)
      .when(a.accept(a.recipients(ANN), 'inbound', { contentHash: 'b'.repeat(64) }))
      .thenDeclined('conflict')
  })

  it('refuses one mailbox twice', () => {
    given(mailDecider, [])
      .when(a.accept(a.recipients(ANN, BEN, ANN)))
      .thenDeclined('invalid', /ann@example\.org is named twice/)
  })

  it('of mail of our own clears it at once', () => {
    given(mailDecider, []).when(a.accept(undefined, 'system')).thenTypes(['Accepted', 'Cleared', 'Cleared'])
  })

  it('of a submission that was scanned at the edge clears it, one that was not is scanned and then cleared unjudged', () => {
    given(mailDecider, [])
      .when({ ...a.accept(undefined, 'submission'), scanner })
      .thenTypes(['Accepted', 'ScanCleared', 'Cleared', 'Cleared'])
    given(mailDecider, story(mailDecider, [a.accept(undefined, 'submission')]))
      .when(a.recordScan(a.clean))
      .thenTypes(['ScanCleared', 'Cleared', 'Cleared'])
  })

  it('of nothing: no command finds a mail', () => {
    given(mailDecider, []).when(a.recordScan(a.clean)).thenDeclined('not-found')
  })
})

describe('a virus', () => {
  it('is quarantined for every recipient, and nothing more is done', () => {
    given(mailDecider, accepted)
      .when(a.recordScan(a.infected))
      .thenEvents([
        { type: 'VirusDetected', data: { viruses: [{ name: 'Eicar-Test-Signature', part: 'eicar.com' }], scanner } },
        ...[ANN, BEN].map(
          (recipient) =>
            ({
              type: 'Quarantined',
              data: { recipient, reason: 'virus', detail: 'Eicar-Test-Signature', expiresAt: EXPIRES },
            }) as const,
        ),
      ])
    const events = story(mailDecider, [a.accept(), a.recordScan(a.infected)])
    expect(nextStep(fold(mailDecider, events)).inspection).toBeNull()
    given(mailDecider, events)
      .when(a.judge(a.scored(ANN, 0), a.scored(BEN, 0)))
      .thenNothing()
  })
})

describe('what can not be scanned', () => {
  it('is held when policy says hold', () => {
    given(mailDecider, accepted)
      .when(a.recordScan(a.unscannable('hold')))
      .thenTypes(['FoundUnscannable', 'Quarantined', 'Quarantined'])
    const ann = recipientOf(
      fold(mailDecider, story(mailDecider, [a.accept(), a.recordScan(a.unscannable('hold'))]))!,
      ANN,
    )
    expect(ann).toMatchObject({ state: 'quarantined', reason: 'unscannable' })
  })

  it('is held like a virus when policy says infected', () => {
    const events = story(mailDecider, [a.accept(), a.recordScan(a.unscannable('infected'))])
    expect(recipientOf(fold(mailDecider, events)!, ANN)).toMatchObject({ state: 'quarantined', reason: 'virus' })
  })

  it('goes on to judging when policy says score', () => {
    const events = story(mailDecider, [a.accept(), a.recordScan(a.unscannable('score', 'encrypted'))])
    expect(nextStep(fold(mailDecider, events)).inspection).toEqual({ step: 'judge', dueAt: null, attempt: 1 })
  })
})

describe('a scanner that is away', () => {
  it('lets the mail wait until the due time in the event', () => {
    const events = story(mailDecider, [a.accept(), a.recordScan(a.unavailable(AT + 5_000))])
    expect(nextStep(fold(mailDecider, events)).inspection).toEqual({ step: 'scan', dueAt: AT + 5_000, attempt: 2 })
    given(mailDecider, events)
      .when(a.recordScan(a.unavailable(AT + 5_000)))
      .thenNothing()
  })

  const gaveUp = story(mailDecider, [
    a.accept(),
    a.recordScan(a.unavailable(AT + 5_000)),
    a.recordScan(a.unavailable(AT + DAY + MINUTE, AT + DAY), AT + DAY),
  ])

  it('for too long: the mail is held as unscannable and goes on waiting', () => {
    expect(gaveUp.map((event) => event.type).slice(2)).toEqual([
      'ScanDeferred',
      'FoundUnscannable',
      'Quarantined',
      'Quarantined',
    ])
    expect(nextStep(fold(mailDecider, gaveUp)).inspection).toEqual({
      step: 'scan',
      dueAt: AT + DAY + MINUTE,
      attempt: 3,
    })
    given(mailDecider, gaveUp)
      .when(a.recordScan(a.unavailable(AT + DAY + 2 * MINUTE, AT + DAY), AT + DAY + MINUTE))
      .thenTypes(['ScanDeferred'])
    given(mailDecider, gaveUp)
      .when(a.recordScan(a.unscannable('hold', 'unavailable')))
      .thenNothing()
  })

  it('and comes back: inspection goes on by itself', () => {
    given(mailDecider, gaveUp)
      .when(a.recordScan(a.clean))
      .thenTypes(['ScanCleared', 'InspectionResumed', 'InspectionResumed'])
    const back = story(mailDecider, [a.recordScan(a.clean)], gaveUp)
    expect(nextStep(fold(mailDecider, back)).inspection?.step).toBe('judge')
    expect(outcomes(back)).toEqual({ [ANN]: 'pending', [BEN]: 'pending' })
  })

  it('and comes back: what was asked for leaves at once, a virus stays and becomes one', () => {
    const asked = story(mailDecider, [a.requestRelease(BEN)], gaveUp)
    given(mailDecider, asked)
      .when(a.recordScan(a.clean))
      .thenTypes(['ScanCleared', 'InspectionResumed', 'Released', 'Cleared'])
    given(mailDecider, asked)
      .when(a.recordScan(a.infected))
      .thenTypes(['VirusDetected', 'Quarantined', 'Quarantined', 'ReleaseRefused'])
  })

  it('never makes a mail judged', () => {
    given(mailDecider, accepted)
      .when(a.judge(a.scored(ANN, 0), a.scored(BEN, 0)))
      .thenDeclined('conflict')
  })
})

describe('the verdicts', () => {
  it('are one append: authentication, lists, one score for who was judged, each disposition', () => {
    const to = a.recipients('allow@x.org', 'block@x.org', 'exe@x.org', 'spam@x.org', 'ham@x.org', 'postmaster@x.org')
    given(mailDecider, story(mailDecider, [a.accept(to), a.recordScan(a.clean)]))
      .when(
        a.judge(
          { recipient: 'allow@x.org', verdict: 'whitelisted', entry: '@example.net', list: 'allow@x.org' },
          { recipient: 'block@x.org', verdict: 'blacklisted', entry: 'sender@example.net', list: '@x.org' },
          { recipient: 'exe@x.org', verdict: 'attachment', detail: 'run.exe' },
          a.scored('spam@x.org', 5),
          a.scored('ham@x.org', 4.9),
          { recipient: 'postmaster@x.org', verdict: 'exempt' },
        ),
      )
      .thenEvents([
        { type: 'Authenticated', data: { ...a.authentication, results: { ...a.authentication.results, dkim: [] } } },
        { type: 'Whitelisted', data: { recipient: 'allow@x.org', entry: '@example.net', list: 'allow@x.org' } },
        { type: 'Cleared', data: { recipient: 'allow@x.org', at: AT } },
        { type: 'Blacklisted', data: { recipient: 'block@x.org', entry: 'sender@example.net', list: '@x.org' } },
        {
          type: 'Quarantined',
          data: { recipient: 'block@x.org', reason: 'block-list', detail: 'sender@example.net', expiresAt: EXPIRES },
        },
        {
          type: 'Quarantined',
          data: { recipient: 'exe@x.org', reason: 'attachment', detail: 'run.exe', expiresAt: EXPIRES },
        },
        { type: 'Cleared', data: { recipient: 'postmaster@x.org', at: AT } },
        {
          type: 'Scored',
          data: {
            symbols: a.symbols,
            policyVersion: 1,
            evidence: a.EVIDENCE,
            recipients: [
              { recipient: 'spam@x.org', score: 5, threshold: 5 },
              { recipient: 'ham@x.org', score: 4.9, threshold: 5 },
            ],
          },
        },
        {
          type: 'Quarantined',
          data: { recipient: 'spam@x.org', reason: 'spam', detail: 'score 5', expiresAt: EXPIRES },
        },
        { type: 'Cleared', data: { recipient: 'ham@x.org', at: AT } },
      ])
  })

  it('come once', () => {
    const judged = story(mailDecider, [a.judge(a.scored(ANN, 9), a.scored(BEN, 0))], scanned)
    given(mailDecider, judged)
      .when(a.judge(a.scored(ANN, 0), a.scored(BEN, 9)))
      .thenNothing()
  })

  it('have no Scored when nobody was judged', () => {
    given(mailDecider, scanned)
      .when(a.judge({ recipient: ANN, verdict: 'exempt' }, { recipient: BEN, verdict: 'exempt' }))
      .thenTypes(['Authenticated', 'Cleared', 'Cleared'])
  })

  it('leave nobody out, name no stranger, nobody twice, and no score that is no number', () => {
    const when = (...verdicts: readonly Verdict[]) => given(mailDecider, scanned).when(a.judge(...verdicts))
    when(a.scored(ANN, 1)).thenDeclined('invalid', /no verdict for ben/)
    when(a.scored(ANN, 1), a.scored(BEN, 1), a.scored('eve@x.org', 1)).thenDeclined('invalid', /no recipient/)
    when(a.scored(ANN, 1), a.scored(ANN, 1)).thenDeclined('invalid', /more than one/)
    when(a.scored(ANN, Number.NaN), a.scored(BEN, 1)).thenDeclined('invalid', /no number/)
  })
})
