import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fold, isDeclined } from '#domain/kernel/decider'
import { DAY } from '#domain/kernel/instant'
import * as a from '#test/dsl/mail'
import type { MailCommand } from './commands.ts'
import { mailDecider } from './decider.ts'
import type { Forward, MailEvent, Recipient } from './events.ts'
import { nextStep } from './next-step.ts'
import { isFinal, recipientOf, type Mail, type MailState } from './state.ts'

const runs = { seed: 20_260_101, numRuns: 1_000 }
const CID = 'cid@example.org'
const here = [a.ANN, a.BEN, CID]
const outside = ['x@outside.net', 'y@outside.net', 'z@elsewhere.net']

const recipientFor = (mailbox: string): fc.Arbitrary<Recipient> =>
  fc
    .option(
      fc.record({
        to: fc.uniqueArray(fc.constantFrom(...outside), { minLength: 1 }),
        as: fc.constantFrom('copy', 'instead', 'instead', 'group') as fc.Arbitrary<Forward['as']>,
      }),
    )
    .map((forward) => ({ address: mailbox, mailbox, route: 'mailbox', ...(forward === null ? {} : { forward }) }))
const accepted = fc.tuple(...here.map(recipientFor)).map((to) => a.accept(to))

const anybody = fc.constantFrom(...here, ...outside)
const at = fc.integer({ min: a.AT, max: a.AT + 20 * DAY })
const reply = fc.constantFrom(a.ok, a.ok, a.tryLater, a.never)
const command: fc.Arbitrary<MailCommand> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('forward' as const),
      recipient: anybody,
      refused: fc.constantFrom(null, null, 'over the limit'),
      now: at,
    }),
  },
  {
    weight: 6,
    arbitrary: fc
      .tuple(anybody, reply, fc.integer({ min: 1, max: 4 }), at)
      .map((values) => a.recordDelivery(...values)),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constantFrom('retry-now', 'bounce'), recipient: anybody, by: anybody, now: at }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('redirect' as const),
      recipient: anybody,
      to: fc.constantFrom(...here),
      by: anybody,
      now: at,
    }),
  },
)

const told = (state: MailState, asked: MailCommand): readonly MailEvent[] => {
  const answer = mailDecider.decide(asked, state)
  return isDeclined(answer) ? [] : answer
}

/** Cleared, then whatever happens. */
const story = fc
  .tuple(accepted, fc.array(command, { maxLength: 15 }))
  .map(([first, rest]): MailCommand[] => [
    first,
    a.recordScan(a.clean),
    a.judge(...here.map((mailbox) => a.scored(mailbox, 0))),
    ...rest,
  ])

const play = (commands: readonly MailCommand[]): { state: MailState; events: MailEvent[] } => {
  const events: MailEvent[] = []
  let state: MailState = null
  for (const each of commands) {
    const answer = told(state, each)
    events.push(...answer)
    state = fold(mailDecider, answer, state)
  }
  return { state, events }
}

/** Does what is owed, as the courier does, until nothing is; replies as they come. */
const toTheEnd = (mail: Mail, replies: readonly (typeof a.ok)[], may: boolean): Mail => {
  let state = mail
  let now = a.AT + 30 * DAY
  for (let turn = 0; turn < 100; turn++) {
    const { forwards, deliveries } = nextStep(state)
    const [forward] = forwards
    const [delivery] = deliveries
    if (forward === undefined && delivery === undefined) return state
    now += DAY
    const next: MailCommand =
      forward === undefined
        ? a.recordDelivery(delivery!.recipient, replies[turn % replies.length], delivery!.attempt, now)
        : { kind: 'forward', recipient: forward.recipient, refused: may ? null : 'policy', now }
    state = fold(mailDecider, told(state, next), state)!
  }
  throw new Error('it never ends')
}

const outcomes = new Set(['Delivered', 'Bounced', 'QueueExpired'])

describe('whoever forwards, and however that fares', () => {
  it('any command twice equals once', () => {
    fc.assert(
      fc.property(story, (commands) => {
        let state: MailState = null
        for (const each of commands) {
          state = fold(mailDecider, told(state, each), state)
          expect(told(state, each)).toEqual([])
        }
      }),
      runs,
    )
  })

  it('each recipient has one outcome at most', () => {
    fc.assert(
      fc.property(story, (commands) => {
        const { events } = play(commands)
        for (const mailbox of [...here, ...outside]) {
          const ends = events.filter(
            ({ type, data }) => outcomes.has(type) && 'recipient' in data && data.recipient === mailbox,
          )
          expect(ends.length).toBeLessThanOrEqual(1)
        }
      }),
      runs,
    )
  })

  it('the mail comes to an end: it is with everybody it was for: in the mailbox, or with all they forward to, or it was refused there', () => {
    let [elsewhere, after] = [0, 0]
    fc.assert(
      fc.property(story, fc.array(reply, { minLength: 1, maxLength: 7 }), fc.boolean(), (commands, replies, may) => {
        const { state } = play(commands)
        const mail = toTheEnd(state!, replies, may)
        for (const recipient of mail.recipients) {
          const { forward, forwarding, host, state: is } = recipient
          expect(isFinal(is) || is === 'undeliverable').toBe(true)
          if (forward?.as !== 'instead' || is !== 'delivered') continue
          if (forwarding === 'kept') after += 1
          if (host !== 'forwarding') continue
          elsewhere += 1
          const missed = forward.to.filter((to) => recipientOf(mail, to)?.state !== 'delivered')
          expect(missed).toEqual([])
        }
      }),
      runs,
    )
    expect(elsewhere).toBeGreaterThan(100)
    expect(after).toBeGreaterThan(100)
  })
})
