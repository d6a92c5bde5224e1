import { describe, expect, it } from 'vitest'
import { MINUTE } from '#domain/kernel/instant'
import { accepted, given, happened, NOON, type Happened } from '#test/dsl/projection'
import { deliveryQueue } from './projection.ts'

const TO = 'x@remote.test'
const away = { code: 451, enhancedCode: '4.4.1', text: 'mx1.remote.test: no connection' }
const greylisted = { code: 450, enhancedCode: '4.2.0', text: 'come again' }
const leaveMe = { code: 421, enhancedCode: '4.7.0', text: 'too many connections' }
const never = { code: 550, enhancedCode: '5.1.1', text: 'nobody' }
const ok = { code: 250, enhancedCode: '2.0.0', text: 'taken' }

type Step = readonly [type: string, data: object]

/** Two mails for one destination outside, cleared: what follows happens to the first. */
const waiting = (...more: readonly Step[]): readonly Happened[] => [
  ...['01', '02'].flatMap((mail) => [
    accepted(mail, { flow: 'submission', recipients: [{ address: TO, mailbox: TO, route: 'relay' }] }),
    happened(`mail-${mail}`, 'Cleared', { recipient: TO, at: NOON }, NOON),
  ]),
  ...more.map(([type, data], minute) =>
    happened('mail-01', type, { recipient: TO, ...data }, NOON + (minute + 1) * MINUTE),
  ),
]
const deferred = (cause: string, reply: object) =>
  ['Deferred', { host: 'mx1.remote.test:25', reply, attempt: 1, dueAt: NOON, cause }] as const
const theDestination = (...more: readonly Step[]) =>
  given(deliveryQueue, waiting(...more)).get('destinations', ['remote.test', 'relay'])

describe('a destination', () => {
  it('is counted while something waits for it', () => {
    expect(theDestination()).toEqual({
      domain: 'remote.test',
      route: 'relay',
      waiting: 2,
      held: 0,
      undeliverable: 0,
      lastReply: null,
      host: null,
      repliedAt: null,
      deliveredAt: null,
      awaySince: null,
    })
    expect(theDestination(['DeliveryHeld', { by: 'root' }])).toMatchObject({ waiting: 2, held: 1 })
    const kept = ['Undeliverable', { host: 'mx', reply: never, attempt: 1, at: NOON }] as const
    expect(theDestination(['DeliveryHeld', { by: 'root' }], kept)).toMatchObject({
      waiting: 1,
      held: 0,
      undeliverable: 1,
    })
    const retried = ['RetryRequested', { by: 'root', dueAt: NOON }] as const
    expect(theDestination(kept, retried)).toMatchObject({ waiting: 2, undeliverable: 0 })
    const bounced = ['Bounced', { host: 'administrator', reply: never, at: NOON }] as const
    expect(theDestination(bounced)).toMatchObject({ waiting: 1, lastReply: null })
    const none = [...waiting(bounced), happened('mail-02', 'Bounced', { recipient: TO, ...bounced[1] })]
    expect(given(deliveryQueue, none).rows('destinations')).toEqual([])
  })

  it('that mail is taken away from by an administrator is two', () => {
    const moved = ['Redirected', { to: 'ann@one.test', by: 'root', at: NOON }] as const
    expect(given(deliveryQueue, waiting(moved)).rows('destinations')).toMatchObject([
      { domain: 'one.test', route: 'mailbox', waiting: 1 },
      { domain: 'remote.test', route: 'relay', waiting: 1 },
    ])
  })

  it('keeps what was said last that was no success', () => {
    expect(theDestination(deferred('reply', greylisted))).toMatchObject({
      lastReply: JSON.stringify(greylisted),
      host: 'mx1.remote.test:25',
      repliedAt: NOON + MINUTE,
    })
    const delivered = ['Delivered', { host: 'mx2.remote.test:25', reply: ok, at: NOON + 2 * MINUTE }] as const
    expect(theDestination(deferred('reply', greylisted), delivered)).toMatchObject({
      waiting: 1,
      lastReply: JSON.stringify(greylisted),
      deliveredAt: NOON + 2 * MINUTE,
    })
  })

  it('is away from the first failure to use it until one of its servers speaks about a mail', () => {
    const since = NOON + MINUTE
    for (const cause of ['destination-away', 'host-away'])
      expect(theDestination(deferred(cause, away), deferred(cause, away))).toMatchObject({ awaySince: since })
    expect(theDestination(deferred('reply', leaveMe))).toMatchObject({ awaySince: since })
    const gone = deferred('destination-away', away)
    expect(theDestination(gone, deferred('reply', greylisted))).toMatchObject({ awaySince: null })
    expect(theDestination(gone, ['Delivered', { host: 'mx', reply: ok, at: NOON }])).toMatchObject({ awaySince: null })
    expect(theDestination(gone, ['Bounced', { host: 'mx', reply: never, at: NOON }])).toMatchObject({ awaySince: null })
    for (const unasked of [
      ['Bounced', { host: 'administrator', reply: never, at: NOON }],
      ['QueueExpired', { reply: away, at: NOON }],
    ] as const)
      expect(theDestination(gone, unasked)).toMatchObject({ awaySince: since })
  })
})

it('who asks for a try is remembered until there was one', () => {
  const entry = (...more: readonly Step[]) => given(deliveryQueue, waiting(...more)).get('entries', ['01', TO])
  const asked = ['RetryRequested', { by: 'root', dueAt: NOON }] as const
  expect(entry(asked)).toMatchObject({ askedAt: NOON + MINUTE })
  expect(entry(asked, deferred('reply', greylisted))).toMatchObject({ askedAt: null })
})
