import { describe, expect, it } from 'vitest'
import { fold } from '#domain/kernel/decider'
import { DAY, HOUR } from '#domain/kernel/instant'
import { given, story } from '#test/dsl/decider'
import * as a from '#test/dsl/mail'
import type { MailCommand } from './commands.ts'
import { mailDecider } from './decider.ts'
import type { Forward, Recipient } from './events.ts'
import { nextStep } from './next-step.ts'
import { recipientOf } from './state.ts'

const [X, Y] = ['Xena@outside.net', 'y@elsewhere.net']
const LATER = a.AT + HOUR
const forwards = (as: Forward['as'], ...to: string[]): Recipient => ({
  address: a.ANN,
  mailbox: a.ANN,
  route: 'mailbox',
  forward: { to, as },
})
const forward = (refused: string | null = null, now = LATER): MailCommand => ({
  kind: 'forward',
  recipient: a.ANN,
  refused,
  now,
})
const cleared = (...to: Recipient[]): MailCommand[] => [
  a.accept(to),
  a.recordScan(a.clean),
  a.judge(...to.map(({ mailbox }) => a.scored(mailbox, 0))),
]
const after = (...commands: MailCommand[]) => story(mailDecider, commands)
const state = (...commands: MailCommand[]) => fold(mailDecider, after(...commands))
const bounced = a.recordDelivery(X, a.never, 1, LATER)
const arrived = (to: string): MailCommand => a.recordDelivery(to, a.ok, 1, LATER)

describe('what is forwarded outside', () => {
  it('goes on when it is cleared, and is judged, held and released as its mailbox is', () => {
    const accepted = a.accept([forwards('copy', X)])
    expect(nextStep(state(accepted, a.recordScan(a.clean)))).toMatchObject({ forwards: [], deliveries: [] })
    const held = [accepted, a.recordScan(a.clean), a.judge(a.scored(a.ANN, 9))]
    expect(nextStep(state(...held))).toMatchObject({ forwards: [], deliveries: [] })
    given(mailDecider, after(...held))
      .when(forward())
      .thenDeclined('conflict', /not been cleared/)
    const released = [...held, a.requestRelease(a.ANN), a.recordReleaseScan(a.clean)]
    expect(nextStep(state(...released)).forwards).toEqual([{ recipient: a.ANN, attempt: 1 }])
    given(mailDecider, after(...released))
      .when(forward())
      .thenEvents([{ type: 'Forwarded', data: { recipient: a.ANN, to: [X], keepsCopy: true, at: LATER } }])
    const virus = [accepted, a.recordScan(a.infected)]
    expect(nextStep(state(...virus)).forwards).toEqual([])
  })

  it('makes recipients of the addresses outside, each of them once', () => {
    const events = after(...cleared(forwards('copy', X, Y), ...a.recipients(a.BEN)), forward())
    const mail = fold(mailDecider, events)
    expect(mail?.recipients.map(({ mailbox, route, forwardedBy }) => [mailbox, route, forwardedBy])).toEqual([
      [a.ANN, 'mailbox', undefined],
      [a.BEN, 'mailbox', undefined],
      [X, 'relay', a.ANN],
      [Y, 'relay', a.ANN],
    ])
    expect(recipientOf(mail!, X)).toMatchObject({ address: a.ANN, state: 'pending', clearedAt: LATER })
    expect(nextStep(mail).deliveries.map(({ recipient }) => recipient)).toEqual([a.ANN, a.BEN, X, Y])
    given(mailDecider, events).when(forward()).thenNothing()

    const two = cleared(forwards('copy', X), { ...forwards('copy', X, Y), mailbox: a.BEN })
    given(mailDecider, after(...two, forward()))
      .when({ ...forward(), recipient: a.BEN } as MailCommand)
      .thenEvents([{ type: 'Forwarded', data: { recipient: a.BEN, to: [Y], keepsCopy: true, at: LATER } }])
  })

  it('is nothing for who forwards nowhere', () => {
    given(mailDecider, after(...cleared(...a.recipients(a.ANN))))
      .when(forward())
      .thenNothing()
    given(mailDecider, after(...cleared(...a.recipients(a.ANN))))
      .when({ ...forward(), recipient: 'nobody@example.org' } as MailCommand)
      .thenNothing()
  })
})

describe('who keeps no copy', () => {
  const going = [...cleared(forwards('instead', X, Y)), forward()]

  it('gets none while the forwards are under way', () => {
    expect(nextStep(state(...cleared(forwards('instead', X))))).toMatchObject({
      forwards: [{ recipient: a.ANN }],
      deliveries: [],
    })
    expect(nextStep(state(...going)).deliveries.map(({ recipient }) => recipient)).toEqual([X, Y])
  })

  it('has it delivered with the last of them, in whatever order they are recorded', () => {
    const done = { code: 250, enhancedCode: '2.0.0', text: 'Forwarded to 2 addresses' }
    const outcome = { type: 'Delivered', data: { recipient: a.ANN, host: 'forwarding', reply: done, at: LATER } }
    expect(after(...going, arrived(X)).at(-1)).toMatchObject({ type: 'Delivered', data: { recipient: X } })
    expect(after(...going, arrived(X), arrived(Y)).slice(-1)).toEqual([outcome])
    expect(after(...going, arrived(Y), arrived(X)).slice(-1)).toEqual([outcome])
    const together = { kind: 'record-deliveries', deliveries: [arrived(X), arrived(Y)] } as MailCommand
    expect(after(...going, together).slice(-1)).toEqual([outcome])
  })

  it('gets it after all when one failed for good, once', () => {
    const events = after(...going, bounced)
    expect(events.at(-1)).toEqual({
      type: 'ForwardingFailed',
      data: { recipient: a.ANN, to: [X], reply: a.never, at: LATER },
    })
    expect(nextStep(fold(mailDecider, events)).deliveries.map(({ recipient }) => recipient)).toEqual([a.ANN, Y])
    given(mailDecider, events).when(a.recordDelivery(Y, a.never)).thenTypes(['Bounced'])
    given(mailDecider, events).when(a.recordDelivery(a.ANN)).thenTypes(['Delivered'])
    const mail = state(...going, bounced, a.recordDelivery(a.ANN))
    expect(mail?.recipients.map(({ mailbox, state: is }) => [mailbox, is])).toEqual([
      [a.ANN, 'delivered'],
      [X, 'bounced'],
      [Y, 'pending'],
    ])
  })

  it('gets it whatever the end: given up on, tried too long, or by an administrator', () => {
    const expired = [a.recordDelivery(X, a.tryLater, 1), a.recordDelivery(X, a.tryLater, 2, a.AT + 6 * DAY)]
    expect(after(...going, ...expired).slice(-2)).toMatchObject([
      { type: 'QueueExpired', data: { recipient: X } },
      { type: 'ForwardingFailed', data: { to: [X], at: a.AT + 6 * DAY } },
    ])
    given(mailDecider, after(...going))
      .when({ kind: 'bounce', recipient: X, by: 'admin', now: LATER })
      .thenTypes(['Bounced', 'ForwardingFailed'])
    given(mailDecider, after(...going))
      .when({ ...bounced, atEnd: 'keep' } as MailCommand)
      .thenTypes(['Undeliverable', 'ForwardingFailed'])
  })

  it('shares the fate of an address that the mail goes to anyway', () => {
    const direct: Recipient = { address: X, mailbox: X, route: 'relay' }
    const commands = [a.accept([forwards('instead', X), direct], 'submission'), a.recordScan(a.clean)]
    given(mailDecider, after(...commands, arrived(X)))
      .when(forward())
      .thenTypes(['Forwarded', 'Delivered'])
    given(mailDecider, after(...commands, bounced))
      .when(forward())
      .thenTypes(['Forwarded', 'ForwardingFailed'])
  })

  it('is told of in a receipt, where the sender asked for one', () => {
    const recipient = { ...forwards('instead', X), notification: { notify: ['SUCCESS'], orcpt: null } } as Recipient
    const commands = [a.accept([recipient], 'submission'), a.recordScan(a.clean), forward()]
    expect(after(...commands, arrived(X)).slice(-3)).toMatchObject([
      { type: 'Delivered', data: { recipient: X } },
      { type: 'Delivered', data: { recipient: a.ANN } },
      { type: 'ReceiptOwed', data: { recipient: a.ANN, host: 'forwarding', handedOn: true } },
    ])
  })
})

describe('what may not go on', () => {
  const why = 'more than 1000 mails in a day'

  it('stays in the mailbox, and says why', () => {
    const events = after(...cleared(forwards('instead', X)), forward(why))
    expect(events.at(-1)).toEqual({ type: 'NotForwarded', data: { recipient: a.ANN, reason: why, at: LATER } })
    expect(nextStep(fold(mailDecider, events))).toMatchObject({ forwards: [], deliveries: [{ recipient: a.ANN }] })
    given(mailDecider, events).when(forward()).thenNothing()
  })

  it('is kept for an administrator where there is no mailbox', () => {
    const events = after(...cleared(forwards('group', X)), forward(why))
    expect(events.at(-1)).toMatchObject({ type: 'Undeliverable', data: { recipient: a.ANN, host: 'forwarding' } })
    expect(nextStep(fold(mailDecider, events))).toMatchObject({
      forwards: [],
      deliveries: [],
      undeliverable: [a.ANN],
    })
    given(mailDecider, events).when(forward()).thenNothing()
    const again: MailCommand = { kind: 'retry-now', recipient: a.ANN, by: 'admin', now: LATER }
    given(mailDecider, story(mailDecider, [again], events))
      .when(forward())
      .thenTypes(['Forwarded', 'Delivered'])
    const elsewhere: MailCommand = { kind: 'redirect', recipient: a.ANN, to: a.BEN, by: 'admin', now: LATER }
    expect(nextStep(fold(mailDecider, story(mailDecider, [elsewhere], events)))).toMatchObject({
      forwards: [],
      deliveries: [{ recipient: a.ANN }],
    })
  })
})

it.each(['group', 'return'] as const)('a %s has its outcome as it goes on: there is no mailbox', (as) => {
  const events = after(...cleared(forwards(as, X, Y)), forward())
  expect(events.slice(-2)).toMatchObject([
    { type: 'Forwarded', data: { recipient: a.ANN, to: [X, Y], keepsCopy: false } },
    { type: 'Delivered', data: { recipient: a.ANN, host: 'forwarding' } },
  ])
  expect(after(...cleared(forwards(as, X, Y)), forward(), bounced).at(-1)).toMatchObject({
    type: 'Bounced',
    data: { recipient: X },
  })
})

it('what an administrator redirects goes to a mailbox here, wherever it was going before', () => {
  const undeliverable = { ...bounced, atEnd: 'keep' } as MailCommand
  const redirect: MailCommand = { kind: 'redirect', recipient: X, to: a.BEN, by: 'admin', now: LATER }
  const mail = state(...cleared(forwards('group', X)), forward(), undeliverable, redirect)
  expect(recipientOf(mail!, X)).toMatchObject({ route: 'mailbox', redirectedTo: a.BEN, state: 'pending' })
})
