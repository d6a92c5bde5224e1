import { describe, expect, it } from 'vitest'
import { fold } from '#domain/kernel/decider'
import { DAY, MINUTE } from '#domain/kernel/instant'
import { given, story } from '#test/dsl/decider'
import * as a from '#test/dsl/mail'
import type { MailCommand } from './commands.ts'
import { mailDecider } from './decider.ts'
import { nextStep } from './next-step.ts'

const { ANN, BEN, AT } = a
const by = 'admin@example.org'
const cleared = story(mailDecider, [a.accept(), a.recordScan(a.clean), a.judge(a.scored(ANN, 0), a.scored(BEN, 9))])
const deferred = story(mailDecider, [a.recordDelivery(ANN, a.tryLater)], cleared)
const delivered = story(mailDecider, [a.recordDelivery(ANN)], cleared)

describe('a delivery', () => {
  it('is owed to whom the mail was cleared for, to nobody else', () => {
    expect(nextStep(fold(mailDecider, cleared)).deliveries).toEqual([{ recipient: ANN, attempt: 1, dueAt: null }])
    given(mailDecider, cleared)
      .when(a.recordDelivery(BEN))
      .thenDeclined('conflict', /quarantine/)
    given(mailDecider, cleared.slice(0, 2))
      .when(a.recordDelivery(ANN))
      .thenDeclined('conflict', /not been cleared/)
  })

  it('that the host took is the end, once', () => {
    given(mailDecider, cleared)
      .when(a.recordDelivery(ANN, a.ok, 1, AT + 7))
      .thenEvents([{ type: 'Delivered', data: { recipient: ANN, host: 'maildir', reply: a.ok, at: AT + 7 } }])
    given(mailDecider, delivered).when(a.recordDelivery(ANN)).thenNothing()
    given(mailDecider, delivered).when(a.recordDelivery(ANN, a.never)).thenNothing()
  })

  it('that the host refused for good bounces', () => {
    given(mailDecider, cleared).when(a.recordDelivery(ANN, a.never)).thenTypes(['Bounced'])
  })

  it('that must wait is due by the schedule, whose last delay repeats', () => {
    given(mailDecider, cleared)
      .when(a.recordDelivery(ANN, a.tryLater))
      .thenEvents([
        {
          type: 'Deferred',
          data: { recipient: ANN, host: 'maildir', reply: a.tryLater, attempt: 1, dueAt: AT + MINUTE },
        },
      ])
    let events = deferred
    for (const attempt of [2, 3, 4]) {
      events = story(mailDecider, [a.recordDelivery(ANN, a.tryLater, attempt, AT + attempt * 10 * MINUTE)], events)
      expect(nextStep(fold(mailDecider, events)).deliveries).toEqual([
        { recipient: ANN, attempt: attempt + 1, dueAt: AT + attempt * 10 * MINUTE + 5 * MINUTE },
      ])
    }
  })

  it('said twice counts once, but a late success is a success', () => {
    given(mailDecider, deferred).when(a.recordDelivery(ANN, a.tryLater)).thenNothing()
    given(mailDecider, deferred)
      .when(a.recordDelivery(ANN, a.ok, 1))
      .thenTypes(['Delivered'])
  })

  it('is tried a last time when the time is over, then expires', () => {
    const nearly = story(mailDecider, [a.recordDelivery(ANN, a.tryLater, 2, AT + 5 * DAY - 1_000)], deferred)
    expect(nextStep(fold(mailDecider, nearly)).deliveries).toEqual([
      { recipient: ANN, attempt: 3, dueAt: AT + 5 * DAY },
    ])
    given(mailDecider, nearly)
      .when(a.recordDelivery(ANN, a.tryLater, 3, AT + 5 * DAY))
      .thenEvents([{ type: 'QueueExpired', data: { recipient: ANN, reply: a.tryLater, at: AT + 5 * DAY } }])
  })
})

describe('an administrator', () => {
  const retryNow: MailCommand = { kind: 'retry-now', recipient: ANN, by, now: AT + 1 }
  const hold: MailCommand = { kind: 'hold', recipient: ANN, by }
  const unhold: MailCommand = { kind: 'unhold', recipient: ANN, by }
  const bounce: MailCommand = { kind: 'bounce', recipient: ANN, by, now: AT + 1 }

  it('has the next attempt made now', () => {
    const retried = story(mailDecider, [retryNow], deferred)
    expect(nextStep(fold(mailDecider, retried)).deliveries).toEqual([{ recipient: ANN, attempt: 2, dueAt: AT + 1 }])
    given(mailDecider, retried).when(retryNow).thenNothing()
    given(mailDecider, cleared).when(retryNow).thenNothing()
    given(mailDecider, delivered)
      .when(retryNow)
      .thenDeclined('conflict', /delivered/)
  })

  it('stops attempts and lets them go on', () => {
    const held = story(mailDecider, [hold], deferred)
    expect(nextStep(fold(mailDecider, held))).toMatchObject({ deliveries: [], held: [ANN] })
    given(mailDecider, held).when(hold).thenNothing()
    given(mailDecider, held)
      .when(retryNow)
      .thenDeclined('conflict', /unhold/)
    const going = story(mailDecider, [unhold], held)
    expect(nextStep(fold(mailDecider, going)).deliveries).toHaveLength(1)
    given(mailDecider, going).when(unhold).thenNothing()
  })

  it('sees a delivery that was under way when it was stopped', () => {
    given(mailDecider, story(mailDecider, [hold], deferred))
      .when(a.recordDelivery(ANN, a.ok, 2))
      .thenTypes(['Delivered'])
  })

  it('gives up on it', () => {
    given(mailDecider, deferred).when(bounce).thenTypes(['Bounced'])
    const bounced = story(mailDecider, [bounce], deferred)
    given(mailDecider, bounced).when(bounce).thenNothing()
    given(mailDecider, delivered).when(bounce).thenDeclined('conflict')
    expect(nextStep(fold(mailDecider, bounced)).deliveries).toEqual([])
  })

  it('moves nothing out of quarantine this way', () => {
    for (const command of [retryNow, hold, unhold, bounce]) {
      given(mailDecider, cleared)
        .when({ ...command, recipient: BEN } as MailCommand)
        .thenDeclined('conflict', /quarantine/)
    }
  })
})

describe('the content', () => {
  const drop = (now: number): MailCommand => ({ kind: 'drop-content', reason: 'grace is over', now, grace: 3 * DAY })
  const done = story(mailDecider, [{ kind: 'discard', recipient: BEN, by: BEN, now: AT + DAY }], delivered)

  it('stays while somebody may need it', () => {
    given(mailDecider, delivered)
      .when(drop(AT + 100 * DAY))
      .thenDeclined('conflict', /ben@example\.org is quarantined/)
    given(mailDecider, deferred)
      .when(drop(AT + 100 * DAY))
      .thenDeclined('conflict')
  })

  it('goes when the grace after the last outcome is over, once', () => {
    given(mailDecider, done)
      .when(drop(AT + 4 * DAY - 1))
      .thenDeclined('conflict', /grace/)
    given(mailDecider, done)
      .when(drop(AT + 4 * DAY))
      .thenEvents([{ type: 'ContentDropped', data: { contentHash: a.HASH, reason: 'grace is over' } }])
    given(mailDecider, story(mailDecider, [drop(AT + 4 * DAY)], done))
      .when(drop(AT + 4 * DAY))
      .thenNothing()
  })
})
