import { describe, expect, it } from 'vitest'
import { fold } from '#domain/kernel/decider'
import { HOUR } from '#domain/kernel/instant'
import { given, story } from '#test/dsl/decider'
import * as a from '#test/dsl/mail'
import type { MailCommand } from './commands.ts'
import { mailDecider } from './decider.ts'
import type { Recipient, Transport } from './events.ts'
import { recipientOf } from './state.ts'

const FAR = 'x@remote.test'
const { AT } = a

const submitted = (notify: NonNullable<Recipient['notification']>['notify'], changes = {}) =>
  story(mailDecider, [
    {
      ...a.accept(
        [{ address: FAR, mailbox: FAR, route: 'relay', notification: { notify, orcpt: null } }],
        'submission',
        changes,
      ),
      scanner: a.scanner,
    },
  ])
const late = (now = AT + 4 * HOUR): MailCommand => ({ kind: 'report-delay', recipient: FAR, after: 4 * HOUR, now })
const waiting = (notify: NonNullable<Recipient['notification']>['notify'], changes = {}) =>
  story(mailDecider, [a.recordDelivery(FAR, a.tryLater)], submitted(notify, changes))

describe('a delay', () => {
  it('is reported once, when it has lasted as long as policy says', () => {
    given(mailDecider, waiting(null))
      .when(late(AT + 4 * HOUR - 1))
      .thenNothing()
    given(mailDecider, waiting(null))
      .when(late())
      .thenEvents([{ type: 'DelayReported', data: { recipient: FAR, reply: a.tryLater, at: AT + 4 * HOUR } }])
    given(mailDecider, story(mailDecider, [late()], waiting(null)))
      .when(late(AT + 9 * HOUR))
      .thenNothing()
  })

  it.each([
    ['of what its submitter does not want to know', waiting(['FAILURE'])],
    ['that nobody may be told of', waiting(null, { reversePath: null })],
    ['of what has arrived meanwhile', story(mailDecider, [a.recordDelivery(FAR, a.ok, 2)], waiting(null))],
    ['of what was never tried', submitted(null)],
  ])('%s is not', (_, events) => {
    given(mailDecider, events).when(late()).thenNothing()
  })

  it('of inbound mail is nobody’s to hear of', () => {
    const inbound = story(mailDecider, [
      a.accept(),
      a.recordScan(a.clean),
      a.judge(a.scored(a.ANN, 0), a.scored(a.BEN, 0)),
      a.recordDelivery(a.ANN, a.tryLater),
    ])
    given(mailDecider, inbound)
      .when({ kind: 'report-delay', recipient: a.ANN, after: 4 * HOUR, now: AT + 5 * HOUR })
      .thenNothing()
  })

  it('leaves the mail where it was', () => {
    const before = recipientOf(fold(mailDecider, waiting(null))!, FAR)
    const after = recipientOf(fold(mailDecider, story(mailDecider, [late()], waiting(null)))!, FAR)
    expect(after).toEqual({ ...before, delayReported: true })
  })
})

describe('a receipt', () => {
  const delivered = (dsn: boolean): MailCommand => {
    const transport: Transport = { address: '192.0.2.1:25', tls: null, verifiedBy: null, remark: null, dsn }
    return { ...a.recordDelivery(FAR), transport } as MailCommand
  }

  it('is owed to who asked for it, when the next server tells nobody', () => {
    given(mailDecider, submitted(['SUCCESS']))
      .when(delivered(false))
      .thenTypes(['Delivered', 'ReceiptOwed'])
    given(mailDecider, submitted(['SUCCESS']))
      .when(delivered(true))
      .thenTypes(['Delivered'])
    given(mailDecider, submitted(['FAILURE']))
      .when(delivered(false))
      .thenTypes(['Delivered'])
    given(mailDecider, submitted(null)).when(delivered(false)).thenTypes(['Delivered'])
    given(mailDecider, submitted(['NEVER']))
      .when(delivered(false))
      .thenTypes(['Delivered'])
  })

  it('is owed once', () => {
    given(mailDecider, story(mailDecider, [delivered(false)], submitted(['SUCCESS'])))
      .when(delivered(false))
      .thenNothing()
  })
})
