import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fold, isDeclined } from '#domain/kernel/decider'
import { given, story } from '#test/dsl/decider'
import type { SendingCommand } from './commands.ts'
import { sendingDecider } from './decider.ts'
import { accountAndDay, sendingId, sendingStream, type SendingEvent } from './events.ts'
import { RECENT } from './state.ts'

const quota = { mailsPerDay: 2, recipientsPerDay: 5 }
const reserve = (mail: string, recipients = 1): SendingCommand => ({
  kind: 'reserve',
  mail,
  recipients,
  quota,
  resetsAt: 1_000,
  now: 1,
})
const giveBack = (mail: string, recipients = 1): SendingCommand => ({ kind: 'give-back', mail, recipients, now: 2 })
const raise = (more: { mailsPerDay?: number; recipientsPerDay?: number }): SendingCommand => ({
  kind: 'raise',
  ...more,
  quota,
  by: 'root@one.test',
  now: 3,
})
const after = (...commands: SendingCommand[]) => given(sendingDecider, story(sendingDecider, commands))

describe('a reservation', () => {
  it('takes its place, once', () => {
    after()
      .when(reserve('A', 3))
      .thenEvents([{ type: 'SendingReserved', data: { mail: 'A', recipients: 3, at: 1 } }])
    after(reserve('A', 3)).when(reserve('A', 3)).thenNothing()
    after().when(reserve('A', 0)).thenDeclined('invalid')
  })

  it('is over the limit of mails: an event the first time of the day, declined from then on', () => {
    const full = [reserve('A'), reserve('B')]
    after(...full)
      .when(reserve('C'))
      .thenEvents([{ type: 'QuotaExceeded', data: { limit: 'mails', quota: 2, resetsAt: 1_000, at: 1 } }])
    after(...full, reserve('C'))
      .when(reserve('C'))
      .thenDeclined('over-limit', /2 mails a day/)
  })

  it('is over the limit of recipients only where it does not fit', () => {
    after(reserve('A', 4))
      .when(reserve('B', 2))
      .thenEvents([{ type: 'QuotaExceeded', data: { limit: 'recipients', quota: 5, resetsAt: 1_000, at: 1 } }])
    after(reserve('A', 4), reserve('B', 2)).when(reserve('C', 1)).thenTypes(['SendingReserved'])
  })

  it('is given back once, and makes room', () => {
    after(reserve('A'), reserve('B'), giveBack('A')).when(reserve('C')).thenTypes(['SendingReserved'])
    after(reserve('A'), giveBack('A')).when(giveBack('A')).thenNothing()
  })
})

describe('raising the quota for the day', () => {
  it('makes room upwards only, of one kind or both', () => {
    const full = [reserve('A'), reserve('B')]
    after(...full)
      .when(raise({ mailsPerDay: 3 }))
      .thenEvents([
        { type: 'QuotaRaised', data: { mailsPerDay: 3, recipientsPerDay: null, by: 'root@one.test', at: 3 } },
      ])
    after(...full, raise({ mailsPerDay: 3 }))
      .when(raise({ mailsPerDay: 3 }))
      .thenNothing()
    after(...full, raise({ mailsPerDay: 3 }))
      .when(reserve('C'))
      .thenTypes(['SendingReserved'])
    after()
      .when(raise({ mailsPerDay: 1, recipientsPerDay: 4 }))
      .thenDeclined('invalid', /mailsPerDay.*recipientsPerDay/)
  })

  it('does not tell the administrator again when that is used up too', () => {
    after(reserve('A'), reserve('B'), reserve('C'), raise({ mailsPerDay: 3 }), reserve('C'))
      .when(reserve('D'))
      .thenDeclined('over-limit', /3 mails/)
  })
})

it('holds the counts, whatever comes, in a state that does not grow', () => {
  const mail = fc.integer({ min: 0, max: 200 }).map(String)
  const command = fc.oneof(
    { weight: 8, arbitrary: fc.record({ mail, recipients: fc.integer({ min: 1, max: 4 }) }) },
    { weight: 2, arbitrary: fc.record({ mail }) },
  )
  const many = { mailsPerDay: 90, recipientsPerDay: 150 }
  fc.assert(
    fc.property(fc.array(command, { maxLength: 300 }), (asked) => {
      const open = new Map<string, number>()
      let events: readonly SendingEvent[] = []
      let state = sendingDecider.initial
      for (const one of asked) {
        const held = open.get(one.mail)
        // Only who holds a reservation gives it back.
        if (!('recipients' in one) && held === undefined) continue
        const answer = sendingDecider.decide(
          'recipients' in one
            ? { kind: 'reserve', ...one, quota: many, resetsAt: 9, now: 1 }
            : { kind: 'give-back', mail: one.mail, recipients: held!, now: 1 },
          state,
        )
        if (isDeclined(answer)) continue
        for (const event of answer) {
          if (event.type === 'SendingReserved') open.set(`${event.data.mail}`, event.data.recipients)
          if (event.type === 'SendingReturned') open.delete(event.data.mail)
        }
        events = [...events, ...answer]
        state = fold(sendingDecider, answer, state)
        expect(state.mails).toBeLessThanOrEqual(many.mailsPerDay)
        expect(state.recipients).toBeLessThanOrEqual(many.recipientsPerDay)
        expect(state.reserved.length + state.returned.length).toBeLessThanOrEqual(2 * RECENT)
      }
      expect(fold(sendingDecider, events)).toEqual(state)
      expect(events.filter(({ type }) => type === 'QuotaExceeded').length).toBeLessThanOrEqual(1)
    }),
    { seed: 20_260_106, numRuns: 100 },
  )
})

it('has a stream per account and day, whatever is in the address', () => {
  const id = sendingId('Ann-Marie-2026@x-y.example', '2026-01-15')
  expect(accountAndDay(sendingStream(id))).toEqual({ account: 'ann-marie-2026@x-y.example', day: '2026-01-15' })
})
