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
type Record = Extract<MailCommand, { kind: 'record-delivery' }>
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
          data: { recipient: ANN, host: 'maildir', reply: a.tryLater, attempt: 1, dueAt: AT + MINUTE, cause: 'reply' },
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

describe('a mailbox that is full', () => {
  const mailboxFull = { delays: [15 * MINUTE], expireAfter: DAY }
  const full = (code: 452 | 552, attempt = 1, now = AT): MailCommand => ({
    ...(a.recordDelivery(
      ANN,
      { code, enhancedCode: code === 452 ? '4.2.2' : '5.2.2', text: 'Full' },
      attempt,
      now,
    ) as Record),
    mailboxFull,
  })

  it('is tried again by a schedule of its own, even where the host said never', () => {
    for (const code of [452, 552] as const) {
      const waiting = story(mailDecider, [full(code)], cleared)
      expect(waiting.at(-1)).toMatchObject({
        type: 'Deferred',
        data: { cause: 'mailbox-full', dueAt: AT + 15 * MINUTE },
      })
      given(mailDecider, waiting)
        .when(full(code, 2, AT + DAY))
        .thenTypes(['QueueExpired'])
    }
  })
})

describe('a host that is away', () => {
  it('is waited for without a schedule, until the time is over', () => {
    const away: MailCommand = { ...(a.recordDelivery(ANN, a.tryLater) as Record), circumstance: 'host-away' }
    given(mailDecider, cleared)
      .when(away)
      .thenEvents([
        {
          type: 'Deferred',
          data: {
            recipient: ANN,
            host: 'maildir',
            reply: a.tryLater,
            attempt: 1,
            dueAt: AT + 5 * DAY,
            cause: 'host-away',
          },
        },
      ])
    const waiting = story(mailDecider, [away], cleared)
    given(mailDecider, waiting)
      .when({ ...away, attempt: 2, now: AT + 5 * DAY } as MailCommand)
      .thenTypes(['QueueExpired'])
    given(mailDecider, waiting)
      .when(a.recordDelivery(ANN, a.ok, 2))
      .thenTypes(['Delivered'])
  })

  it('is not waited for where mail is relayed: the next attempt goes by the schedule', () => {
    const away: MailCommand = { ...(a.recordDelivery(ANN, a.tryLater) as Record), circumstance: 'destination-away' }
    expect(story(mailDecider, [away], cleared).at(-1)).toMatchObject({
      type: 'Deferred',
      data: { cause: 'destination-away', dueAt: AT + MINUTE },
    })
  })

  it('may have delivered what it took to the end, and the log says so', () => {
    const uncertain: MailCommand = { ...(a.recordDelivery(ANN, a.tryLater) as Record), circumstance: 'uncertain' }
    expect(story(mailDecider, [uncertain], cleared).at(-1)).toMatchObject({
      type: 'Deferred',
      data: { cause: 'uncertain', dueAt: AT + MINUTE },
    })
  })
})

describe('a mail that can not be delivered and nobody may be told of', () => {
  const keep = (reply: Record['reply'], attempt = 1, now = AT): MailCommand => ({
    ...(a.recordDelivery(ANN, reply, attempt, now) as Record),
    atEnd: 'keep',
  })
  const kept = story(mailDecider, [keep(a.never)], cleared)
  const redirect: MailCommand = { kind: 'redirect', recipient: ANN, to: 'cid@example.org', by, now: AT + DAY }
  const discard: MailCommand = { kind: 'discard-undeliverable', recipient: ANN, by, now: AT + DAY }

  it('is kept, refused or expired', () => {
    given(mailDecider, cleared)
      .when(keep(a.never))
      .thenEvents([
        { type: 'Undeliverable', data: { recipient: ANN, host: 'maildir', reply: a.never, attempt: 1, at: AT } },
      ])
    given(mailDecider, deferred)
      .when(keep(a.tryLater, 2, AT + 5 * DAY))
      .thenTypes(['Undeliverable'])
    given(mailDecider, kept).when(keep(a.never)).thenNothing()
    given(mailDecider, kept).when(keep(a.tryLater, 2)).thenNothing()
    expect(nextStep(fold(mailDecider, kept))).toMatchObject({ deliveries: [], undeliverable: [ANN] })
    given(mailDecider, kept)
      .when({ kind: 'drop-content', contentHash: a.HASH, reason: '', now: AT + 400 * DAY, grace: 0 })
      .thenDeclined('conflict')
    given(mailDecider, kept)
      .when({ kind: 'hold', recipient: ANN, by })
      .thenDeclined('conflict', /undeliverable/)
  })

  it('goes to another mailbox when somebody says so, with its time begun anew and its attempts counted on', () => {
    const redirected = story(mailDecider, [redirect], kept)
    expect(nextStep(fold(mailDecider, redirected)).deliveries).toEqual([{ recipient: ANN, attempt: 2, dueAt: null }])
    given(mailDecider, redirected).when(redirect).thenNothing()
    given(mailDecider, redirected).when(discard).thenDeclined('conflict')
    given(mailDecider, redirected)
      .when(a.recordDelivery(ANN, a.tryLater, 2, AT + 5 * DAY + 1))
      .thenTypes(['Deferred'])
    given(mailDecider, cleared)
      .when(redirect)
      .thenDeclined('conflict', /not undeliverable/)
  })

  it('is tried again at its own', () => {
    const retried = story(mailDecider, [{ kind: 'retry-now', recipient: ANN, by, now: AT + DAY }], kept)
    expect(nextStep(fold(mailDecider, retried)).deliveries).toEqual([{ recipient: ANN, attempt: 2, dueAt: AT + DAY }])
    given(mailDecider, story(mailDecider, [a.recordDelivery(ANN, a.ok, 2)], retried))
      .when(redirect)
      .thenDeclined('conflict')
  })

  it('is discarded when somebody says so', () => {
    given(mailDecider, kept).when(discard).thenTypes(['Discarded'])
    given(mailDecider, story(mailDecider, [discard], kept))
      .when(discard)
      .thenNothing()
    given(mailDecider, cleared).when(discard).thenDeclined('conflict')
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
  const drop = (now: number): MailCommand => ({
    kind: 'drop-content',
    contentHash: a.HASH,
    reason: 'grace is over',
    now,
    grace: 3 * DAY,
  })
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
