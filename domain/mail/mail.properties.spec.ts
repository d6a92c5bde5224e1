import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fold, isDeclined } from '#domain/kernel/decider'
import { DAY, MINUTE } from '#domain/kernel/instant'
import * as a from '#test/dsl/mail'
import type { MailCommand, ScanReport, Verdict } from './commands.ts'
import { mailDecider } from './decider.ts'
import { mailEventTypes, type MailEvent } from './events.ts'
import { nextStep } from './next-step.ts'
import { isFinal, recipientOf, type MailState } from './state.ts'

const runs = { seed: 20_260_101, numRuns: 1_000 }
const CID = 'cid@example.org'
const mailboxes = [a.ANN, a.BEN, CID]
const accept = a.accept(a.recipients(...mailboxes))

const at = fc.integer({ min: a.AT, max: a.AT + 40 * DAY })
const recipient = fc.constantFrom(...mailboxes)
const by = fc.constantFrom('ann@example.org', 'admin@example.org')
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
    fc.constant<Verdict>({ recipient: mailbox, verdict: 'attachment', detail: 'run.exe' }),
    fc.constant<Verdict>({ recipient: mailbox, verdict: 'whitelisted', entry: '@example.net', list: mailbox }),
    fc.constant<Verdict>({ recipient: mailbox, verdict: 'blacklisted', entry: '.net', list: '@example.org' }),
    fc.integer({ min: -10, max: 20 }).map((score) => a.scored(mailbox, score)),
  )
const verdicts = fc.tuple(verdictFor(a.ANN), verdictFor(a.BEN), verdictFor(CID))

const commandBy = (privileged: fc.Arbitrary<boolean>): fc.Arbitrary<MailCommand> => {
  const request = fc.record({
    kind: fc.constant('request-release'),
    recipient,
    by,
    trustSender: fc.boolean(),
    reason: fc.constantFrom(null, '', 'because'),
    privileged,
    now: at,
  })
  const reply = fc.constantFrom(a.ok, a.ok, a.tryLater, a.never)
  const delivery = fc
    .tuple(
      fc.tuple(recipient, reply, fc.integer({ min: 1, max: 4 }), at),
      fc.constantFrom(
        {},
        {},
        { circumstance: 'host-away' },
        { circumstance: 'destination-away' },
        { circumstance: 'uncertain' },
      ),
      fc.constantFrom({}, { atEnd: 'keep' }),
    )
    .map(([values, ...more]) => Object.assign(a.recordDelivery(...values), ...more) as MailCommand)
  return fc.oneof(
    { weight: 1, arbitrary: fc.constant(accept) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('record-scan'), report, now: at, expiresAt: at }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('record-release-scan'), report, now: at }) },
    { weight: 3, arbitrary: verdicts.map((each) => a.judge(...each)) },
    { weight: 7, arbitrary: request },
    { weight: 7, arbitrary: delivery },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('discard'), recipient, by, now: at }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('expire-quarantine'), recipient, now: at }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('retry-now', 'bounce'), recipient, by, now: at }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('discard-undeliverable'), recipient, by, now: at }) },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant('redirect'), recipient, to: fc.constantFrom(a.BEN, CID), by, now: at }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('hold', 'unhold'), recipient, by }) },
    { weight: 2, arbitrary: recipient.map((account) => a.archive(account)) },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant('record-purge'), account: recipient, role: fc.constant('received') }),
    },
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
  )
}

/** Stories that begin at different points of the flow: left to chance alone hardly one gets past inspection. */
const beginning: fc.Arbitrary<readonly MailCommand[]> = fc.oneof(
  fc.constant([]),
  report.map((first) => [a.recordScan(first)]),
  verdicts.map((each) => [a.recordScan(a.clean), a.judge(...each)]),
)

const commands = (privileged: fc.Arbitrary<boolean> = fc.boolean()): fc.Arbitrary<MailCommand[]> =>
  fc
    .tuple(beginning, fc.array(commandBy(privileged), { minLength: 10, maxLength: 40, size: 'max' }))
    .map(([first, rest]) => [accept, ...first, ...rest])

const answerTo = (command: MailCommand, state: MailState): readonly MailEvent[] => {
  const answer = mailDecider.decide(command, state)
  return isDeclined(answer) ? [] : answer
}

const play = (story: readonly MailCommand[]): readonly MailEvent[] => {
  const events: MailEvent[] = []
  for (const command of story) events.push(...answerTo(command, fold(mailDecider, events)))
  return events
}

const eventsOf = (events: readonly MailEvent[], mailbox: string): readonly MailEvent[] =>
  events.filter((event) => 'recipient' in event.data && event.data.recipient === mailbox)

const outcomes = new Set(['Delivered', 'Bounced', 'QueueExpired', 'QuarantineExpired', 'Discarded'])

/** Clearances and deliveries of one recipient that came while it was held, or without a clearance. */
const movedWhileHeld = (events: readonly MailEvent[]): readonly MailEvent[] => {
  let held = false
  let cleared = false
  return events.filter((event) => {
    if (event.type === 'Quarantined') held = true
    if (event.type === 'Released' || event.type === 'InspectionResumed') held = false
    if (event.type === 'Cleared') cleared = true
    return (event.type === 'Cleared' && held) || (event.type === 'Delivered' && (held || !cleared))
  })
}

/** Releases and deliveries of one recipient to whom the mail was held as a virus before. */
const movedVirus = (events: readonly MailEvent[]): readonly MailEvent[] => {
  let virus = false
  return events.filter((event) => {
    if (event.type === 'Quarantined' && event.data.reason === 'virus') virus = true
    return virus && (event.type === 'Released' || event.type === 'Delivered')
  })
}

/** Copies of what had not been cleared. */
const archivedTooEarly = (events: readonly MailEvent[]): readonly MailEvent[] =>
  events.filter(
    (event, index) =>
      event.type === 'Archived' &&
      recipientOf(fold(mailDecider, events.slice(0, index))!, event.data.account)!.clearedAt === null,
  )

const clearedUnscanned = (events: readonly MailEvent[]): readonly MailEvent[] => {
  let looked = false
  return events.filter((event) => {
    if (event.type === 'ScanCleared' || event.type === 'Released') looked = true
    if (event.type === 'FoundUnscannable' && event.data.treatment === 'score') looked = true
    return event.type === 'Cleared' && !looked
  })
}

describe('whatever is commanded, in whatever order', () => {
  it('any command twice equals once', () => {
    fc.assert(
      fc.property(commands(), (story) => {
        let state: MailState = null
        for (const command of story) {
          state = fold(mailDecider, answerTo(command, state), state)
          expect(answerTo(command, state)).toEqual([])
        }
      }),
      runs,
    )
  })

  it('what is held is not delivered unless it was released', () => {
    let deliveries = 0
    fc.assert(
      fc.property(commands(), (story) => {
        const events = play(story)
        for (const mailbox of mailboxes) expect(movedWhileHeld(eventsOf(events, mailbox))).toEqual([])
        deliveries += events.filter((event) => event.type === 'Delivered').length
      }),
      runs,
    )
    expect(deliveries).toBeGreaterThan(200)
  })

  it('each recipient has one outcome at most', () => {
    fc.assert(
      fc.property(commands(), (story) => {
        const events = play(story)
        for (const mailbox of mailboxes) {
          const ends = eventsOf(events, mailbox).filter((event) => outcomes.has(event.type))
          expect(ends.length).toBeLessThanOrEqual(1)
        }
      }),
      runs,
    )
  })

  it('nothing is cleared that no scan looked at', () => {
    fc.assert(
      fc.property(commands(), (story) => {
        expect(clearedUnscanned(play(story))).toEqual([])
      }),
      runs,
    )
  })

  it('a user releases no virus', () => {
    let releases = 0
    fc.assert(
      fc.property(commands(fc.constant(false)), (story) => {
        const events = play(story)
        for (const mailbox of mailboxes) expect(movedVirus(eventsOf(events, mailbox))).toEqual([])
        releases += events.filter((event) => event.type === 'Released').length
      }),
      runs,
    )
    expect(releases).toBeGreaterThan(150)
  })

  it('a virus that is released has an administrator and a reason behind it', () => {
    let releases = 0
    fc.assert(
      fc.property(commands(), (story) => {
        const events = play(story)
        const moved = mailboxes.flatMap((mailbox) => movedVirus(eventsOf(events, mailbox)))
        const released = moved.filter((event) => event.type === 'Released')
        expect(released.filter(({ data }) => data.reason !== 'because' || data.scanner !== null)).toEqual([])
        releases += released.length
      }),
      runs,
    )
    expect(releases).toBeGreaterThan(50)
  })

  it('the next step is empty, but for copies, exactly when every recipient has a final outcome', () => {
    fc.assert(
      fc.property(commands(), (story) => {
        const mail = fold(mailDecider, play(story))
        const { inspection, copies: _, ...lists } = nextStep(mail)
        const empty = inspection === null && Object.values(lists).every((list) => list.length === 0)
        expect(empty).toBe(mail?.recipients.every(({ state }) => isFinal(state)))
      }),
      runs,
    )
  })

  it('a copy is made once, of what was cleared', () => {
    let made = 0
    fc.assert(
      fc.property(commands(), (story) => {
        const events = play(story)
        for (const mailbox of mailboxes) {
          const copies = events.filter((event) => event.type === 'Archived' && event.data.account === mailbox)
          expect(copies.length).toBeLessThanOrEqual(1)
          made += copies.length
        }
        expect(archivedTooEarly(events)).toEqual([])
      }),
      runs,
    )
    expect(made).toBeGreaterThan(200)
  })

  it('content goes once every copy of it was purged, and no sooner', () => {
    const delivered = play([
      accept,
      a.recordScan(a.clean),
      a.judge(...mailboxes.map((mailbox) => a.scored(mailbox, 0))),
      ...mailboxes.map((mailbox) => a.recordDelivery(mailbox)),
    ])
    const keeping = fc.oneof(
      recipient.map((account) => a.archive(account)),
      fc.record({ kind: fc.constant('record-purge'), account: recipient, role: fc.constant('received') }),
    )
    const now = a.AT + 40 * DAY
    const drop = { kind: 'drop-content', contentHash: a.HASH, reason: 'grace', now, grace: DAY } as const
    fc.assert(
      fc.property(fc.array(keeping, { maxLength: 12 }), (story) => {
        let mail = fold(mailDecider, delivered)
        for (const command of story) mail = fold(mailDecider, answerTo(command, mail), mail)
        const kept = [...mail!.copies].some(([, { purged }]) => !purged)
        expect(answerTo(drop, mail).length).toBe(kept ? 0 : 1)
      }),
      runs,
    )
  })

  it('every event keeps its declared shape', () => {
    const schemas = new Map(mailEventTypes.map(({ type, schema }) => [type as string, schema]))
    fc.assert(
      fc.property(commands(), (story) => {
        for (const event of play(story)) expect(schemas.get(event.type)?.safeParse(event.data).success).toBe(true)
      }),
      { ...runs, numRuns: 300 },
    )
  })

  it('events fold in any order without failing', () => {
    fc.assert(
      fc.property(commands(), fc.infiniteStream(fc.nat()), (story, picks) => {
        const shuffled = play(story)
          .map((event) => ({ event, place: picks.next().value }))
          .toSorted((one, other) => one.place - other.place)
        expect(() =>
          fold(
            mailDecider,
            shuffled.map(({ event }) => event),
          ),
        ).not.toThrow()
      }),
      { ...runs, numRuns: 300 },
    )
  })
})

describe('verdicts', () => {
  it('are independent of each other: a recipient fares as if alone', () => {
    fc.assert(
      fc.property(verdicts, (each) => {
        const together = fold(mailDecider, play([accept, a.recordScan(a.clean), a.judge(...each)]))!
        for (const [place, mailbox] of mailboxes.entries()) {
          const alone = [a.accept(a.recipients(mailbox)), a.recordScan(a.clean), a.judge(each[place]!)]
          expect(recipientOf(together, mailbox)).toEqual(recipientOf(fold(mailDecider, play(alone))!, mailbox))
        }
      }),
      runs,
    )
  })
})

describe('whoever does what the next step says', () => {
  const inspect = (step: NonNullable<ReturnType<typeof nextStep>['inspection']>['step'], now: number): MailCommand =>
    step === 'judge'
      ? a.judge(...mailboxes.map((mailbox) => a.scored(mailbox, 0)))
      : { kind: step === 'scan' ? 'record-scan' : 'record-release-scan', report: a.clean, now, expiresAt: now + DAY }

  it('brings every mail to its end, from wherever a crash left it', () => {
    fc.assert(
      fc.property(commands(), (story) => {
        let mail = fold(mailDecider, play(story))
        for (let round = 0; round < 10; round++) {
          const { inspection, deliveries, expiries, held, undeliverable, copies } = nextStep(mail)
          const now = a.AT + 50 * DAY + round * MINUTE
          const todo: MailCommand[] = [
            ...(inspection === null ? [] : [inspect(inspection.step, now)]),
            ...deliveries.map((delivery) => a.recordDelivery(delivery.recipient, a.ok, delivery.attempt, now)),
            ...expiries.map((expiry): MailCommand => ({ kind: 'expire-quarantine', recipient: expiry.recipient, now })),
            ...undeliverable.map((each): MailCommand => ({
              kind: 'redirect',
              recipient: each,
              to: CID,
              by: each,
              now,
            })),
            ...copies.map(({ account }) => a.archive(account)),
            ...held.map((each): MailCommand => ({ kind: 'unhold', recipient: each, by: 'admin@example.org' })),
          ]
          for (const command of todo) mail = fold(mailDecider, answerTo(command, mail), mail)
        }
        expect(mail?.recipients.filter(({ state }) => !isFinal(state))).toEqual([])
        expect(nextStep(mail).copies).toEqual([])
      }),
      runs,
    )
  })
})
