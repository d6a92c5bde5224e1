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
const OUTSIDE = 'cid@example.net'
const inbound = story(mailDecider, [a.accept(), a.recordScan(a.clean), a.judge(a.scored(ANN, 0), a.scored(BEN, 9))])
const submitted = story(mailDecider, [
  {
    ...a.accept([...a.recipients(ANN, BEN), { address: OUTSIDE, mailbox: OUTSIDE, route: 'relay' }], 'submission', {
      account: 'Ann@example.org',
      outgoing: { contentHash: OUTGOING, size: 4_000 },
    }),
    scanner: a.scanner,
  },
])
const header = { headerFrom: { address: 'sender@example.net', name: 'Sender' }, to: [], subject: 'Hello' }
const sent: MailCommand = a.archive(ANN, { role: 'sent', retainUntil: AT + DAY })

describe('a copy', () => {
  it('is due when the mail is cleared for its recipient', () => {
    given(mailDecider, inbound)
      .when(a.archive(ANN))
      .thenEvents([
        {
          type: 'Archived',
          data: {
            account: ANN,
            role: 'received',
            contentHash: a.HASH,
            size: 4_096,
            dueAt: AT,
            retainUntil: null,
            ...header,
          },
        },
      ])
    expect(nextStep(fold(mailDecider, inbound)).copies).toEqual([{ account: ANN, role: 'received' }])
  })

  it('of a submission is the original for its submitter, and what goes out for who gets it', () => {
    expect(nextStep(fold(mailDecider, submitted)).copies).toEqual([
      { account: ANN, role: 'sent' },
      { account: ANN, role: 'received' },
      { account: BEN, role: 'received' },
    ])
    const copies = story(mailDecider, [sent, a.archive(ANN), a.archive(BEN)], submitted).flatMap((event) =>
      event.type === 'Archived' ? [event.data] : [],
    )
    expect(copies.map(({ account, role, contentHash, size }) => [account, role, contentHash, size])).toEqual([
      [ANN, 'sent', a.HASH, 4_096],
      [ANN, 'received', OUTGOING, 4_000],
      [BEN, 'received', OUTGOING, 4_000],
    ])
  })

  it('is made once, also after it was purged', () => {
    const made = story(mailDecider, [sent], submitted)
    given(mailDecider, made).when(sent).thenNothing()
    const purge: MailCommand = { kind: 'record-purge', account: ANN, role: 'sent' }
    given(mailDecider, made)
      .when(purge)
      .thenEvents([{ type: 'CopyPurged', data: { account: ANN, role: 'sent', contentHash: a.HASH } }])
    const purged = story(mailDecider, [purge], made)
    given(mailDecider, purged).when(sent).thenNothing()
    given(mailDecider, purged).when(purge).thenNothing()
    given(mailDecider, submitted).when(purge).thenDeclined('not-found')
  })

  it('is nobody else’s, and not due while the mail is held, unless policy says so', () => {
    given(mailDecider, inbound)
      .when(a.archive(BEN))
      .thenDeclined('conflict', /cleared/)
    given(mailDecider, inbound)
      .when(a.archive(BEN, { held: true }))
      .thenTypes(['Archived'])
    given(mailDecider, inbound)
      .when(a.archive(ANN, { role: 'sent' }))
      .thenDeclined('conflict', /did not send/)
    given(mailDecider, submitted)
      .when(a.archive(OUTSIDE))
      .thenDeclined('conflict', /no mailbox/)
  })

  it('is due when a held mail is released', () => {
    const released = story(mailDecider, [a.requestRelease(BEN), a.recordReleaseScan(a.clean)], inbound)
    given(mailDecider, released).when(a.archive(BEN)).thenTypes(['Archived'])
  })
})

describe('the content of a copy', () => {
  const drop = (contentHash: string): MailCommand => ({
    kind: 'drop-content',
    contentHash,
    reason: 'nothing needs it any more',
    now: AT + 100 * DAY,
    grace: 3 * DAY,
  })
  const done = story(
    mailDecider,
    [sent, ...[ANN, BEN, OUTSIDE].map((recipient) => a.recordDelivery(recipient))],
    submitted,
  )

  it('stays until the copy is purged; the other goes', () => {
    given(mailDecider, done)
      .when(drop(a.HASH))
      .thenDeclined('conflict', /archive of ann/)
    given(mailDecider, done).when(drop(OUTGOING)).thenTypes(['ContentDropped'])
    const purged: readonly MailEvent[] = story(
      mailDecider,
      [{ kind: 'record-purge', account: ANN, role: 'sent' }],
      done,
    )
    given(mailDecider, purged).when(drop(a.HASH)).thenTypes(['ContentDropped'])
  })

  it('that is gone is owed to nobody', () => {
    const dropped = story(mailDecider, [drop(OUTGOING)], done)
    expect(nextStep(fold(mailDecider, dropped)).copies).toEqual([])
    given(mailDecider, dropped)
      .when(a.archive(BEN))
      .thenDeclined('conflict', /no longer kept/)
  })
})

describe('what only stands for addresses outside', () => {
  const TEAM = 'team@example.org'
  const forwarding = (as: 'copy' | 'instead' | 'group' | 'return') =>
    story(mailDecider, [
      a.accept([{ address: TEAM, mailbox: TEAM, route: 'mailbox', forward: { to: [OUTSIDE], as } }]),
      a.recordScan(a.clean),
      a.judge(a.scored(TEAM, 0)),
    ])

  it.each(['group', 'return'] as const)('a %s, has no archive', (as) => {
    expect(nextStep(fold(mailDecider, forwarding(as))).copies).toEqual([])
    given(mailDecider, forwarding(as))
      .when(a.archive(TEAM))
      .thenDeclined('conflict', /no mailbox/)
  })

  it.each(['copy', 'instead'] as const)('but an account has one that sends its mail on, %s', (as) => {
    given(mailDecider, forwarding(as)).when(a.archive(TEAM)).thenTypes(['Archived'])
  })
})
