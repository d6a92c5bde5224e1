import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fold, isDeclined } from '#domain/kernel/decider'
import { DAY } from '#domain/kernel/instant'
import type { MailCommand, ScanReport, Verdict } from '#domain/mail/commands'
import { mailDecider } from '#domain/mail/decider'
import type { Forward, MailEvent, Recipient } from '#domain/mail/events'
import { nextStep } from '#domain/mail/next-step'
import { copyKey, isFinal, isUndecided } from '#domain/mail/state'
import * as a from '#test/dsl/mail'
import { given, happened } from '#test/dsl/projection'
import { contentUse } from './content-use/projection.ts'
import { deliveryQueue } from './delivery-queue/projection.ts'
import { inspectionQueue } from './inspection-queue/projection.ts'
import { mailTrace } from './mail-trace/projection.ts'
import { quarantine } from './quarantine/projection.ts'
import { traffic } from './traffic/projection.ts'

const CID = 'cid@example.org'
const mailboxes = [a.ANN, a.BEN, CID]
const at = fc.integer({ min: a.AT, max: a.AT + 40 * DAY })
const outside = ['x@outside.net', 'y@outside.net']
const recipient = fc.constantFrom(...mailboxes)
const anyRecipient = fc.constantFrom(...mailboxes, ...mailboxes, ...outside)
const by = fc.constant('admin@example.org')

const report: fc.Arbitrary<ScanReport> = fc.oneof(
  fc.constant(a.clean),
  fc.constant(a.infected),
  fc.record({ dueAt: at, giveUpAt: at }).map(({ dueAt, giveUpAt }) => a.unavailable(dueAt, giveUpAt)),
  fc
    .record({
      treatment: fc.constantFrom('hold', 'score', 'infected'),
      kind: fc.constantFrom('encrypted', 'malformed', 'unavailable'),
    })
    .map(({ treatment, kind }) => a.unscannable(treatment, kind)),
)
const verdictFor = (mailbox: string): fc.Arbitrary<Verdict> =>
  fc.oneof(
    fc.constant<Verdict>({ recipient: mailbox, verdict: 'exempt' }),
    fc.constant<Verdict>({ recipient: mailbox, verdict: 'blacklisted', entry: '.net', list: '@example.org' }),
    fc.integer({ min: -10, max: 20 }).map((score) => a.scored(mailbox, score)),
  )
const verdicts = fc.tuple(verdictFor(a.ANN), verdictFor(a.BEN), verdictFor(CID))

const command: fc.Arbitrary<MailCommand> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('record-scan'), report, now: at, expiresAt: at }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('record-release-scan'), report, now: at }) },
  { weight: 3, arbitrary: verdicts.map((each) => a.judge(...each)) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('request-release'),
      recipient,
      by,
      trustSender: fc.boolean(),
      reason: fc.constantFrom(null, 'because'),
      privileged: fc.boolean(),
      now: at,
    }),
  },
  {
    weight: 6,
    arbitrary: fc
      .tuple(
        fc.tuple(anyRecipient, fc.constantFrom(a.ok, a.tryLater, a.never), fc.integer({ min: 1, max: 3 }), at),
        fc.constantFrom({}, { circumstance: 'host-away' }, { circumstance: 'destination-away' }),
        fc.constantFrom({}, { atEnd: 'keep' }),
      )
      .map(([values, ...more]) => Object.assign(a.recordDelivery(...values), ...more) as MailCommand),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('discard'), recipient, by, now: at }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('expire-quarantine'), recipient, now: at }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constantFrom('retry-now', 'bounce'), recipient: anyRecipient, by, now: at }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('discard-undeliverable'), recipient: anyRecipient, by, now: at }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('redirect'), recipient: anyRecipient, to: recipient, by, now: at }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('hold', 'unhold'), recipient: anyRecipient, by }) },
  {
    weight: 1,
    arbitrary: at.map((now): MailCommand => ({
      kind: 'drop-content',
      contentHash: a.HASH,
      reason: 'grace',
      now,
      grace: DAY,
    })),
  },
  { weight: 2, arbitrary: recipient.map((account) => a.archive(account)) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('record-purge'), account: recipient, role: fc.constant('received') }),
  },
)

const forwarding: fc.Arbitrary<MailCommand> = fc.record({
  kind: fc.constant('forward'),
  recipient,
  refused: fc.constantFrom(null, null, 'policy'),
  now: at,
})
const recipients = fc.tuple(
  ...mailboxes.map((mailbox) =>
    fc
      .option(
        fc.record({
          to: fc.uniqueArray(fc.constantFrom(...outside), { minLength: 1 }),
          as: fc.constantFrom<Forward['as']>('copy', 'instead', 'group'),
        }),
        { freq: 2 },
      )
      .map((forward): Recipient => ({
        address: mailbox,
        mailbox,
        route: 'mailbox',
        ...(forward === null ? {} : { forward }),
      })),
  ),
)

const stories: fc.Arbitrary<readonly MailCommand[]> = fc
  .tuple(
    fc.oneof(
      fc.constant([]),
      report.map((first) => [a.recordScan(first)]),
      verdicts.map((each) => [a.recordScan(a.clean), a.judge(...each)]),
    ),
    fc.array(fc.oneof({ weight: 5, arbitrary: command }, { weight: 1, arbitrary: forwarding }), {
      maxLength: 40,
      size: 'max',
    }),
    recipients,
  )
  .map(([first, rest, to]) => [a.accept(to), ...first, ...rest])

const MAIL = '01JNA000000000000000000001'

const play = (story: readonly MailCommand[]): readonly MailEvent[] => {
  const events: MailEvent[] = []
  for (const each of story) {
    const answer = mailDecider.decide(each, fold(mailDecider, events))
    if (!isDeclined(answer)) events.push(...answer)
  }
  return events
}

/** Any mail the decider can make, its state, and what happened as views read it. */
const check = (
  property: (state: NonNullable<ReturnType<typeof mailDecider.evolve>>, log: ReturnType<typeof happened>[]) => void,
) =>
  fc.assert(
    fc.property(stories, (story) => {
      const events = play(story)
      const state = fold(mailDecider, events)
      if (state === null) throw new Error('nothing was accepted')
      property(
        state,
        events.map((event, index) => happened(`mail-${MAIL}`, event.type, event.data, a.AT + index)),
      )
    }),
    { seed: 20_260_301, numRuns: 300 },
  )

describe('whatever happens to a mail', () => {
  test('the inspection queue has it exactly while inspection owes it something', () => {
    check((state, log) => {
      const view = given(inspectionQueue, log)
      const owed = nextStep(state).inspection
      const row = view.get('mails', [MAIL])
      expect(row === undefined).toBe(owed === null)
      expect(row === undefined ? view.rows('recipients') : []).toEqual([])
      // Where the decider says "at once", any past instant will do.
      const dueAt = owed === null || owed.step === 'judge' ? null : owed.dueAt
      expect(dueAt ?? row?.['dueAt']).toBe(row?.['dueAt'])
      const unjudged = state.recipients.filter(isUndecided).length
      expect(row?.['unjudged'] ?? 0).toBe(unjudged)
      expect(view.get('backlog', ['mails'])).toEqual({ name: 'mails', count: unjudged > 0 ? 1 : 0 })
    })
  })

  test('the delivery queue has whom the courier owes a delivery or a forward, and when', () => {
    check((state, log) => {
      const { deliveries, forwards, held, undeliverable } = nextStep(state)
      const owed = new Set([...deliveries, ...forwards].map((one) => one.recipient))
      const rows = given(deliveryQueue, log).rows('entries')
      expect(
        rows
          .filter((row) => row['state'] === 'undeliverable')
          .map((row) => row['recipient'])
          .sort(),
      ).toEqual([...undeliverable].sort())
      expect(
        rows
          .filter((row) => row['held'] === 0 && row['state'] !== 'undeliverable')
          .map((row) => row['recipient'])
          .sort(),
      ).toEqual([...owed].sort())
      expect(
        rows
          .filter((row) => row['held'] === 1)
          .map((row) => row['recipient'])
          .sort(),
      ).toEqual([...held].sort())
      for (const { recipient: mailbox, attempt, dueAt } of deliveries) {
        const row = rows.find((one) => one['recipient'] === mailbox)
        expect(row?.['attempt']).toBe(attempt - 1)
        expect(dueAt ?? row?.['dueAt']).toBe(row?.['dueAt'])
      }
    })
  })

  test('the destinations of the delivery queue count what it has', () => {
    check((_state, log) => {
      const view = given(deliveryQueue, log)
      const entries = Map.groupBy(view.rows('entries'), ({ domain, route }) => `${String(domain)} ${String(route)}`)
      expect(
        view.rows('destinations').map(({ domain, route, waiting, held, undeliverable }) => ({
          place: `${String(domain)} ${String(route)}`,
          waiting,
          held,
          undeliverable,
        })),
      ).toEqual(
        [...entries].map(([place, rows]) => ({
          place,
          waiting: rows.filter(({ state }) => state !== 'undeliverable').length,
          held: rows.filter(({ held }) => held === 1).length,
          undeliverable: rows.filter(({ state }) => state === 'undeliverable').length,
        })),
      )
    })
  })

  test('the quarantine has what is held, with its reason and end', () => {
    check((state, log) => {
      const held = state.recipients.filter((one) => one.state === 'quarantined')
      const view = given(quarantine, log)
      expect(
        view.rows('items').map(({ recipient: mailbox, reason, expiresAt, score, releaseRequested }) => ({
          mailbox,
          reason,
          expiresAt,
          score,
          releaseRequested,
        })),
      ).toEqual(
        [...held]
          .sort((one, other) => (one.mailbox < other.mailbox ? -1 : 1))
          .map(({ mailbox, reason, expiresAt, score, release }) => ({
            mailbox,
            reason,
            expiresAt,
            score,
            releaseRequested: release === null ? 0 : 1,
          })),
      )
      expect(view.rows('candidates')).toHaveLength(state.recipients.filter(isUndecided).length)
    })
  })

  test('the trace tells the state of each recipient', () => {
    check((state, log) => {
      const view = given(mailTrace, log)
      for (const {
        mailbox,
        state: outcome,
        reason,
        score,
        threshold,
        expiresAt,
        dueAt,
        held,
        host,
      } of state.recipients) {
        expect(view.get('recipients', [MAIL, mailbox])).toMatchObject({
          state: outcome,
          reason,
          score,
          threshold,
          expiresAt,
          dueAt,
          held: held ? 1 : 0,
          host,
        })
      }
      for (const { mailbox } of state.recipients)
        expect(view.get('recipients', [MAIL, mailbox])?.['archived']).toBe(
          state.copies.get(copyKey(mailbox, 'received'))?.purged === false ? 1 : 0,
        )
      expect(view.get('mails', [MAIL])).toMatchObject({ contentDropped: state.dropped.length })
    })
  })

  test('content is needed until the last recipient has an outcome and the last copy is purged, and none is forgotten', () => {
    check((state, log) => {
      const view = given(contentUse, log)
      const open = state.recipients.filter((one) => !isFinal(one.state)).length
      const kept = [...state.copies].filter(([, { purged }]) => !purged)
      expect(view.get('contents', [state.contentHash])).toMatchObject({
        mails: open > 0 ? 1 : 0,
        copies: kept.length,
        dropped: state.dropped.length,
      })
      expect(kept.length > 0 && state.dropped.length > 0).toBe(false)
      expect(view.rows('recipients')).toHaveLength(open)
      expect(view.get('mails', [MAIL]) === undefined).toBe(state.dropped.length > 0)
    })
  })

  test('traffic counts every recipient in, and out once', () => {
    check((state, log) => {
      const view = given(traffic, log)
      const counts = new Map<unknown, number>()
      for (const { outcome, count } of view.rows('hours'))
        counts.set(outcome, (counts.get(outcome) ?? 0) + Number(count))
      expect(counts.get('accepted')).toBe(3)
      const out = ['delivered', 'bounced', 'expired', 'discarded', 'quarantine-expired']
      const left = state.recipients.slice(0, 3).filter((one) => isFinal(one.state)).length
      expect(counts.get('forwarded') ?? 0).toBe(log.filter((event) => event.type === 'Forwarded').length)
      expect(out.reduce((sum, outcome) => sum + (counts.get(outcome) ?? 0), 0)).toBe(left)
      expect(view.rows('open')).toHaveLength(3 - left)
    })
  })
})
