import { describe, expect, it } from 'vitest'
import { fold } from '#domain/kernel/decider'
import { DAY } from '#domain/kernel/instant'
import { given, story } from '#test/dsl/decider'
import * as a from '#test/dsl/mail'
import type { MailCommand } from './commands.ts'
import { mailDecider } from './decider.ts'
import type { MailEvent } from './events.ts'
import { nextStep } from './next-step.ts'

const { ANN, BEN, AT } = a
const OUTGOING = 'b'.repeat(64)
const mail = a.accept(a.recipients(ANN, BEN), 'submission', {
  account: ANN,
  outgoing: { contentHash: OUTGOING, size: 4_000 },
})
const scanned: MailCommand = { ...mail, scanner: a.scanner }

describe('a submission that was scanned at the edge', () => {
  it('is owed to everybody at once: nothing is inspected', () => {
    given(mailDecider, []).when(scanned).thenTypes(['Accepted', 'ScanCleared', 'Cleared', 'Cleared'])
    const step = nextStep(fold(mailDecider, story(mailDecider, [scanned])))
    expect(step.inspection).toBeNull()
    expect(step.deliveries.map(({ recipient }) => recipient)).toEqual([ANN, BEN])
  })

  it('and could not be looked into, but policy takes it, says so and is owed all the same', () => {
    const findings = [{ kind: 'encrypted', part: 'a.zip', detail: 'a password is needed' }] as const
    const events = story(mailDecider, [{ ...scanned, unscannable: findings }]) as readonly MailEvent[]
    expect(events.map(({ type }) => type)).toEqual(['Accepted', 'FoundUnscannable', 'Cleared', 'Cleared'])
    expect(nextStep(fold(mailDecider, events))).toMatchObject({ inspection: null, deliveries: [{}, {}] })
  })

  it('lets go of its contents, one as the other', () => {
    const done = story(mailDecider, [scanned, a.recordDelivery(ANN), a.recordDelivery(BEN)])
    const drop = (contentHash: string): MailCommand => ({
      kind: 'drop-content',
      contentHash,
      reason: 'grace is over',
      now: AT + 4 * DAY,
      grace: 3 * DAY,
    })
    for (const contentHash of [a.HASH, OUTGOING]) {
      given(mailDecider, done)
        .when(drop(contentHash))
        .thenEvents([{ type: 'ContentDropped', data: { contentHash, reason: 'grace is over' } }])
      given(mailDecider, story(mailDecider, [drop(contentHash)], done))
        .when(drop(contentHash))
        .thenNothing()
    }
    given(mailDecider, done).when(drop(a.EVIDENCE)).thenDeclined('invalid')
  })
})
