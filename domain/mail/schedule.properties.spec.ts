import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { fold, isDeclined } from '#domain/kernel/decider'
import { DAY, HOUR, MINUTE } from '#domain/kernel/instant'
import { relayPolicy } from '#domain/policy/documents'
import * as a from '#test/dsl/mail'
import { mailDecider } from './decider.ts'
import type { MailEvent } from './events.ts'
import { nextStep } from './next-step.ts'
import { recipientOf } from './state.ts'

const TO = 'x@remote.test'
const { retryDelays, expireAfter } = relayPolicy.parse({})
const submitted = { ...a.accept([{ address: TO, mailbox: TO, route: 'relay' }], 'submission'), scanner: a.scanner }

/** Replies as they come in, some of them late, twice, or for an attempt that is over. */
const reply = fc.record({
  after: fc.integer({ min: 0, max: 30 * HOUR }),
  attempt: fc.integer({ min: -2, max: 2 }),
  waits: fc.boolean(),
})

it('the schedule neither skips nor repeats an attempt, whatever replies come late or twice', () => {
  fc.assert(
    fc.property(fc.array(reply, { maxLength: 40 }), (replies) => {
      const log: MailEvent[] = []
      const decide = (command: Parameters<typeof mailDecider.decide>[0]): readonly MailEvent[] => {
        const answer = mailDecider.decide(command, fold(mailDecider, log))
        if (isDeclined(answer)) throw new Error(answer.reason)
        log.push(...answer)
        return answer
      }
      decide(submitted)
      let now = a.AT
      for (const { after, attempt: off, waits } of replies) {
        const state = fold(mailDecider, log)
        const owed = nextStep(state).deliveries[0]
        const recipient = state === null ? undefined : recipientOf(state, TO)
        if (owed === undefined || recipient === undefined) break
        now = waits ? Math.max(now, owed.dueAt ?? now) : now + after
        const attempt = Math.max(1, owed.attempt + off)
        const retry = { delays: retryDelays, expireAfter }
        const events = decide({
          kind: 'record-delivery',
          recipient: TO,
          host: 'mx',
          attempt,
          reply: a.tryLater,
          now,
          retry,
        })
        // Only the reply to the attempt that is owed counts.
        expect(events.length).toBeLessThanOrEqual(attempt === owed.attempt ? 1 : 0)
        const again = decide({
          kind: 'record-delivery',
          recipient: TO,
          host: 'mx',
          attempt,
          reply: a.tryLater,
          now,
          retry,
        })
        expect(again).toEqual([])
        const delay = retryDelays[Math.min(attempt - 1, retryDelays.length - 1)] ?? 0
        expect(events.flatMap((event) => (event.type === 'Deferred' ? [event.data.dueAt] : []))).toEqual(
          events.flatMap(({ type }) => (type === 'Deferred' ? [Math.min(now + delay, a.AT + expireAfter)] : [])),
        )
      }
      const attempts = log.flatMap((event) => (event.type === 'Deferred' ? [event.data.attempt] : []))
      expect(attempts).toEqual(attempts.map((_, place) => place + 1))
      expect(log.filter(({ type }) => type === 'QueueExpired').length).toBeLessThanOrEqual(1)
    }),
    { seed: 20_261_124, numRuns: 300 },
  )
})

it('a remote that never takes it is tried after 5 minutes, 15, an hour, 3, then every 6 hours, a last time after 5 days', () => {
  const log: MailEvent[] = []
  const due: number[] = []
  let state = fold(mailDecider, log)
  const decide = (command: Parameters<typeof mailDecider.decide>[0]): void => {
    const answer = mailDecider.decide(command, state)
    if (isDeclined(answer)) throw new Error(answer.reason)
    log.push(...answer)
    state = fold(mailDecider, log)
  }
  decide(submitted)
  for (let owed = nextStep(state).deliveries[0]; owed !== undefined; owed = nextStep(state).deliveries[0]) {
    const now = owed.dueAt ?? a.AT
    due.push(now - a.AT)
    const retry = { delays: retryDelays, expireAfter }
    decide({ kind: 'record-delivery', recipient: TO, host: 'mx', attempt: owed.attempt, reply: a.tryLater, now, retry })
  }
  expect(due.slice(0, 7)).toEqual([0, 5, 20, 80, 260, 620, 980].map((minutes) => minutes * MINUTE))
  expect(due.at(-1)).toBe(5 * DAY)
  expect(log.at(-1)?.type).toBe('QueueExpired')
})
