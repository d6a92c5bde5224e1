import { describe, expect, it } from 'vitest'
import { fold } from '#domain/kernel/decider'
import { given, story } from '#test/dsl/decider'
import * as a from '#test/dsl/mail'
import { mailDecider } from './decider.ts'
import { nextStep } from './next-step.ts'
import { recipientOf } from './state.ts'

const { ANN, BEN, AT, EXPIRES, scanner } = a
const spamForBoth = story(mailDecider, [a.accept(), a.recordScan(a.clean), a.judge(a.scored(ANN, 9), a.scored(BEN, 9))])
const virus = story(mailDecider, [a.accept(), a.recordScan(a.infected)])
const asked = story(mailDecider, [a.requestRelease(ANN, { trustSender: true, reason: 'I know them' })], spamForBoth)

describe('a release', () => {
  it('is scanned first', () => {
    given(mailDecider, spamForBoth)
      .when(a.requestRelease(ANN))
      .thenEvents([
        {
          type: 'ReleaseRequested',
          data: { recipient: ANN, by: ANN, trustSender: false, reason: null, override: false },
        },
      ])
    expect(nextStep(fold(mailDecider, asked))).toMatchObject({
      inspection: { step: 'release-scan', dueAt: null, attempt: 1 },
      deliveries: [],
      expiries: [{ recipient: BEN, at: EXPIRES }],
    })
  })

  it('moves only who asked, once the scan is clean, and keeps who, why and whether the sender is trusted', () => {
    given(mailDecider, asked)
      .when(a.recordReleaseScan(a.clean, AT + 5))
      .thenEvents([
        {
          type: 'Released',
          data: { recipient: ANN, by: ANN, reason: 'I know them', trustSender: true, scanner, at: AT + 5 },
        },
        { type: 'Cleared', data: { recipient: ANN, at: AT + 5 } },
      ])
    const released = story(mailDecider, [a.recordReleaseScan(a.clean)], asked)
    expect(nextStep(fold(mailDecider, released))).toMatchObject({
      inspection: null,
      deliveries: [{ recipient: ANN, attempt: 1, dueAt: null }],
    })
    given(mailDecider, released).when(a.recordReleaseScan(a.clean)).thenNothing()
  })

  it('asked for again, before or after, is nothing new', () => {
    given(mailDecider, asked).when(a.requestRelease(ANN)).thenNothing()
    const delivered = story(mailDecider, [a.recordReleaseScan(a.clean), a.recordDelivery(ANN)], asked)
    given(mailDecider, delivered).when(a.requestRelease(ANN)).thenNothing()
  })

  it('asked for again with trust adds the trust', () => {
    const plain = story(mailDecider, [a.requestRelease(ANN)], spamForBoth)
    given(mailDecider, plain)
      .when(a.requestRelease(ANN, { trustSender: true }))
      .thenTypes(['ReleaseRequested'])
  })

  it('waits while the scanner is away', () => {
    const waiting = story(mailDecider, [a.recordReleaseScan(a.unavailable(AT + 5_000))], asked)
    expect(nextStep(fold(mailDecider, waiting)).inspection).toEqual({
      step: 'release-scan',
      dueAt: AT + 5_000,
      attempt: 2,
    })
    given(mailDecider, waiting)
      .when(a.recordReleaseScan(a.unavailable(AT + 5_000)))
      .thenNothing()
    given(mailDecider, waiting)
      .when(a.recordReleaseScan(a.unscannable('hold', 'unavailable')))
      .thenDeclined('invalid')
    const after = story(mailDecider, [a.recordReleaseScan(a.clean)], waiting)
    expect(fold(mailDecider, after)?.releaseScan).toEqual({ attempts: 0, dueAt: null })
  })

  it('is refused when the scan finds a virus, which then holds the mail for everyone still in quarantine', () => {
    given(mailDecider, asked)
      .when(a.recordReleaseScan(a.infected))
      .thenTypes(['VirusDetected', 'Quarantined', 'ReleaseRefused', 'Quarantined'])
    const found = story(mailDecider, [a.recordReleaseScan(a.infected)], asked)
    for (const mailbox of [ANN, BEN]) {
      expect(recipientOf(fold(mailDecider, found)!, mailbox)).toMatchObject({
        state: 'quarantined',
        reason: 'virus',
        expiresAt: EXPIRES,
        release: null,
      })
      given(mailDecider, found).when(a.requestRelease(mailbox)).thenDeclined('forbidden')
    }
  })

  it('of what turns out to be unscannable is refused with the news, and granted when asked for again', () => {
    given(mailDecider, asked)
      .when(a.recordReleaseScan(a.unscannable('hold')))
      .thenTypes(['FoundUnscannable', 'Quarantined', 'ReleaseRefused'])
    const again = story(mailDecider, [a.recordReleaseScan(a.unscannable('hold')), a.requestRelease(ANN)], asked)
    given(mailDecider, again)
      .when(a.recordReleaseScan(a.unscannable('hold')))
      .thenTypes(['Released', 'Cleared'])
  })

  it('of what is unscannable by score is granted, as virus by policy is not', () => {
    given(mailDecider, asked)
      .when(a.recordReleaseScan(a.unscannable('score', 'encrypted')))
      .thenTypes(['FoundUnscannable', 'Released', 'Cleared'])
    given(mailDecider, asked)
      .when(a.recordReleaseScan(a.unscannable('infected')))
      .thenTypes(['FoundUnscannable', 'Quarantined', 'ReleaseRefused', 'Quarantined'])
  })

  it('of a virus needs an administrator and a reason, and then needs no scan', () => {
    given(mailDecider, virus).when(a.requestRelease(ANN)).thenDeclined('forbidden')
    given(mailDecider, virus)
      .when(a.requestRelease(ANN, { privileged: true }))
      .thenDeclined('invalid', /reason/)
    given(mailDecider, virus)
      .when(a.requestRelease(ANN, { privileged: true, reason: ' ' }))
      .thenDeclined('invalid')
    given(mailDecider, virus)
      .when(a.requestRelease(ANN, { privileged: true, reason: 'a sample for the lab', by: 'admin@example.org' }))
      .thenEvents([
        {
          type: 'ReleaseRequested',
          data: {
            recipient: ANN,
            by: 'admin@example.org',
            trustSender: false,
            reason: 'a sample for the lab',
            override: true,
          },
        },
        {
          type: 'Released',
          data: {
            recipient: ANN,
            by: 'admin@example.org',
            reason: 'a sample for the lab',
            trustSender: false,
            scanner: null,
            at: AT,
          },
        },
        { type: 'Cleared', data: { recipient: ANN, at: AT } },
      ])
  })

  it('is for what is held', () => {
    const cleared = story(mailDecider, [a.judge(a.scored(ANN, 0), a.scored(BEN, 9))], spamForBoth.slice(0, 2))
    given(mailDecider, cleared)
      .when(a.requestRelease(ANN))
      .thenDeclined('conflict', /not in quarantine/)
    given(mailDecider, cleared).when(a.requestRelease('eve@example.org')).thenDeclined('not-found')
  })
})

describe('a discard', () => {
  const discard = { kind: 'discard', recipient: ANN, by: ANN, now: AT } as const

  it('ends it for one recipient, once', () => {
    given(mailDecider, spamForBoth)
      .when(discard)
      .thenEvents([{ type: 'Discarded', data: { recipient: ANN, by: ANN, at: AT } }])
    const discarded = story(mailDecider, [discard], spamForBoth)
    given(mailDecider, discarded).when(discard).thenNothing()
    given(mailDecider, discarded)
      .when(a.requestRelease(ANN))
      .thenDeclined('conflict', /discarded/)
    expect(recipientOf(fold(mailDecider, discarded)!, BEN)?.state).toBe('quarantined')
  })

  it('wins over a release that waits', () => {
    const waiting = story(mailDecider, [a.recordReleaseScan(a.unavailable(AT + 5_000))], asked)
    const discarded = story(mailDecider, [discard], waiting)
    given(mailDecider, discarded).when(a.recordReleaseScan(a.clean)).thenNothing()
    expect(fold(mailDecider, discarded)?.releaseScan).toEqual({ attempts: 0, dueAt: null })
  })

  it('comes too late for what was released', () => {
    given(mailDecider, story(mailDecider, [a.recordReleaseScan(a.clean)], asked))
      .when(discard)
      .thenDeclined('conflict')
  })
})

describe('the end of the quarantine', () => {
  const expire = (now: number) => ({ kind: 'expire-quarantine', recipient: ANN, now }) as const

  it('comes at its time and not before', () => {
    given(mailDecider, spamForBoth)
      .when(expire(EXPIRES - 1))
      .thenDeclined('conflict')
    given(mailDecider, spamForBoth)
      .when(expire(EXPIRES))
      .thenEvents([{ type: 'QuarantineExpired', data: { recipient: ANN, at: EXPIRES } }])
    const expired = story(mailDecider, [expire(EXPIRES)], spamForBoth)
    given(mailDecider, expired).when(expire(EXPIRES)).thenNothing()
    expect(recipientOf(fold(mailDecider, expired)!, ANN)).toMatchObject({ state: 'expired', reason: 'spam' })
  })

  it('waits for an open release', () => {
    given(mailDecider, asked)
      .when(expire(EXPIRES))
      .thenDeclined('conflict', /release/)
  })
})
