import { describe, expect, it } from 'vitest'
import type { Asker } from '../account/asker.ts'
import { fold } from '#domain/kernel/decider'
import { DAY } from '#domain/kernel/instant'
import { given, story } from '#test/dsl/decider'
import type { ArchiveCommand, Candidate } from './commands.ts'
import { archiveDecider } from './decider.ts'
import type { ArchiveEvent } from './events.ts'
import { MAXIMUM_HOLDS } from './state.ts'

const AT = 1_767_225_600_000
const HASH = 'a'.repeat(64)
const admin: Asker = { kind: 'account', address: 'root@example.org', roles: ['user', 'admin'] }
const officer: Asker = { kind: 'account', address: 'olga@example.org', roles: ['user', 'compliance'] }
const ann: Asker = { kind: 'account', address: 'ann@example.org', roles: ['user'] }
const domainAdmin: Asker = { kind: 'account', address: 'dora@example.org', roles: ['user', 'domain-admin'] }

const subscribe = (subscribed: boolean | null, asker = admin): ArchiveCommand => ({
  kind: 'set-subscription',
  subscribed,
  asker,
})
const quota = (bytes: number | null | 'policy', asker = admin): ArchiveCommand => ({
  kind: 'set-archive-quota',
  bytes,
  asker,
})
const retain = (days: number | null | 'policy', now = AT, asker = admin): ArchiveCommand => ({
  kind: 'set-retention',
  days,
  now,
  asker,
})
type Wanted = Extract<ArchiveCommand, { kind: 'place-hold' }>['wanted']
const hold = (changes: Partial<Wanted> = {}, asker: Asker = officer): ArchiveCommand => ({
  kind: 'place-hold',
  wanted: { hold: 'h1', name: 'Case 17', from: null, until: null, query: null, reason: 'Asked by court', ...changes },
  now: AT,
  asker,
})
const lift = (id = 'h1', asker: Asker = officer): ArchiveCommand => ({
  kind: 'lift-hold',
  hold: id,
  reason: 'Case closed',
  now: AT,
  asker,
})
const copy = (changes: Partial<Candidate> = {}): Candidate => ({
  mail: '01JNA000000000000000000001',
  role: 'received',
  contentHash: HASH,
  size: 100,
  acceptedAt: AT,
  dueAt: AT,
  retainUntil: AT + 30 * DAY,
  ...changes,
})
type Purge = Extract<ArchiveCommand, { kind: 'purge' }>
const purge = (changes: Partial<Purge> = {}): Purge => ({
  kind: 'purge',
  after: 0,
  because: 'retention',
  policyVersion: 1,
  policyRetention: [{ since: 0, days: 30 }],
  candidates: [copy()],
  now: AT + 31 * DAY,
  ...changes,
})

describe('what is kept', () => {
  it('is for an administrator to say, once', () => {
    given(archiveDecider, [])
      .when(subscribe(true))
      .thenEvents([{ type: 'Subscribed', data: {} }])
    const subscribed = story(archiveDecider, [subscribe(true)])
    given(archiveDecider, subscribed).when(subscribe(true)).thenNothing()
    given(archiveDecider, subscribed)
      .when(subscribe(false))
      .thenEvents([{ type: 'Unsubscribed', data: {} }])
    given(archiveDecider, subscribed)
      .when(subscribe(null))
      .thenEvents([{ type: 'SubscriptionReverted', data: {} }])
    given(archiveDecider, []).when(subscribe(null)).thenNothing()
    for (const nobody of [officer, ann, domainAdmin])
      for (const command of [subscribe(true, nobody), quota(1, nobody), retain(1, AT, nobody)])
        given(archiveDecider, []).when(command).thenDeclined('forbidden')
  })

  it('has a quota and a time of its own, or the policy’s', () => {
    given(archiveDecider, [])
      .when(quota(1_000))
      .thenEvents([{ type: 'ArchiveQuotaSet', data: { bytes: 1_000 } }])
    given(archiveDecider, story(archiveDecider, [quota(null)]))
      .when(quota('policy'))
      .thenEvents([{ type: 'ArchiveQuotaReverted', data: {} }])
    given(archiveDecider, []).when(quota('policy')).thenNothing()
    given(archiveDecider, [])
      .when(quota(-1))
      .thenDeclined('invalid', /quotaBytes/)
    given(archiveDecider, [])
      .when(retain(null))
      .thenEvents([{ type: 'RetentionSet', data: { days: null, at: AT } }])
    given(archiveDecider, story(archiveDecider, [retain(null)]))
      .when(retain(null))
      .thenNothing()
    given(archiveDecider, story(archiveDecider, [retain(7)]))
      .when(retain('policy', AT + 1))
      .thenEvents([{ type: 'RetentionReverted', data: { at: AT + 1 } }])
    given(archiveDecider, []).when(retain('policy')).thenNothing()
    for (const days of [0, -1, 1.5, 36_501]) given(archiveDecider, []).when(retain(days)).thenDeclined('invalid')
  })
})

describe('a hold', () => {
  it('is placed and lifted by an officer, and by nobody else', () => {
    given(archiveDecider, [])
      .when(hold())
      .thenEvents([
        {
          type: 'HoldPlaced',
          data: {
            hold: 'h1',
            name: 'Case 17',
            from: null,
            until: null,
            query: null,
            reason: 'Asked by court',
            by: 'olga@example.org',
            at: AT,
          },
        },
      ])
    const held = story(archiveDecider, [hold()])
    given(archiveDecider, held).when(hold()).thenNothing()
    given(archiveDecider, held).when(lift()).thenTypes(['HoldLifted'])
    for (const nobody of [admin, ann, domainAdmin, { kind: 'operator' }, { kind: 'system' }] as const) {
      given(archiveDecider, []).when(hold({}, nobody)).thenDeclined('forbidden')
      given(archiveDecider, held).when(lift('h1', nobody)).thenDeclined('forbidden')
    }
  })

  it('is one for the same dates and query, however often it is asked for', () => {
    const held = story(archiveDecider, [hold({ query: 'subject:merger' })])
    given(archiveDecider, held)
      .when(hold({ hold: 'h2', query: 'subject:merger' }))
      .thenNothing()
    given(archiveDecider, held)
      .when(hold({ hold: 'h2' }))
      .thenTypes(['HoldPlaced'])
    given(archiveDecider, held).when(hold()).thenDeclined('conflict')
    given(archiveDecider, held).when(lift('h2')).thenDeclined('not-found')
    given(archiveDecider, story(archiveDecider, [lift()], held))
      .when(lift())
      .thenDeclined('not-found')
  })

  it('has dates in order, a name, a reason, and there are not too many', () => {
    given(archiveDecider, [])
      .when(hold({ from: AT, until: AT }))
      .thenDeclined('invalid', /until/)
    given(archiveDecider, [])
      .when(hold({ name: '' }))
      .thenDeclined('invalid', /name/)
    given(archiveDecider, [])
      .when(hold({ reason: '' }))
      .thenDeclined('invalid', /reason/)
    given(archiveDecider, story(archiveDecider, [hold()]))
      .when({ ...lift(), reason: ' ' } as ArchiveCommand)
      .thenDeclined('invalid')
    const full = Array.from({ length: MAXIMUM_HOLDS }, (_, place) => hold({ hold: `h${place}`, name: `Case ${place}` }))
    given(archiveDecider, story(archiveDecider, full))
      .when(hold({ hold: 'more', name: 'More' }))
      .thenDeclined('over-limit')
  })
})

describe('a purge', () => {
  const other = copy({ mail: '01JNA000000000000000000002' })

  it('names what goes and why, and goes no further until the mails were told', () => {
    given(archiveDecider, [])
      .when(purge())
      .thenEvents([
        {
          type: 'Purged',
          data: {
            batch: 1,
            because: 'retention',
            policyVersion: 1,
            copies: [
              {
                mail: '01JNA000000000000000000001',
                role: 'received',
                contentHash: HASH,
                size: 100,
                dueAt: AT,
                retainedUntil: AT + 30 * DAY,
              },
            ],
            at: AT + 31 * DAY,
          },
        },
      ])
    const purged = story(archiveDecider, [purge()])
    given(archiveDecider, purged)
      .when(purge())
      .thenDeclined('conflict', /batch 1/)
    given(archiveDecider, purged)
      .when(purge({ after: 1, candidates: [other] }))
      .thenTypes(['Purged'])
  })

  it('takes nothing before its time, nothing that is kept for ever, nothing twice', () => {
    given(archiveDecider, [])
      .when(purge({ now: AT + 30 * DAY - 1 }))
      .thenNothing()
    given(archiveDecider, [])
      .when(purge({ candidates: [copy({ retainUntil: null })] }))
      .thenNothing()
    const [twice] = story(archiveDecider, [purge({ candidates: [copy(), copy()] })]) as readonly ArchiveEvent[]
    expect(twice).toMatchObject({ data: { copies: [{}] } })
    given(archiveDecider, [])
      .when(purge({ candidates: Array.from({ length: 101 }, () => copy()) }))
      .thenDeclined('over-limit')
  })

  it('takes nothing that is held: a hold that comes in between wins', () => {
    const inMarch = { from: AT - DAY, until: AT + DAY }
    const begun = story(archiveDecider, [purge(), hold(inMarch)])
    given(archiveDecider, begun)
      .when(purge({ after: 1, candidates: [other] }))
      .thenNothing()
    const later = copy({
      mail: '01JNA000000000000000000003',
      acceptedAt: AT + DAY,
      dueAt: AT + DAY,
      retainUntil: AT + 30 * DAY,
    })
    given(archiveDecider, begun)
      .when(purge({ after: 1, candidates: [other, later] }))
      .thenTypes(['Purged'])
    given(archiveDecider, story(archiveDecider, [lift()], begun))
      .when(purge({ after: 1, candidates: [other] }))
      .thenTypes(['Purged'])
  })

  it('takes nothing that a hold may cover: accepted before it and released within it, or found by its query', () => {
    const released = copy({ acceptedAt: AT - 10 * DAY, dueAt: AT })
    for (const held of [
      hold({ from: AT - DAY, until: null }),
      hold({ from: null, until: AT - 9 * DAY }),
      hold({ query: 'from:nobody' }),
    ])
      given(archiveDecider, story(archiveDecider, [held]))
        .when(purge({ candidates: [released] }))
        .thenNothing()
    given(archiveDecider, story(archiveDecider, [hold({ from: null, until: AT - 10 * DAY })]))
      .when(purge({ candidates: [released] }))
      .thenTypes(['Purged'])
  })

  it('heeds a longer time that was set afterwards, and no shorter one', () => {
    const longer = story(archiveDecider, [retain(365, AT + DAY), retain(7, AT + 2 * DAY)])
    given(archiveDecider, longer).when(purge()).thenNothing()
    given(archiveDecider, longer)
      .when(purge({ now: AT + 365 * DAY }))
      .thenTypes(['Purged'])
    given(archiveDecider, story(archiveDecider, [retain(7, AT + DAY)]))
      .when(purge({ now: AT + 29 * DAY }))
      .thenNothing()
    given(archiveDecider, [])
      .when(
        purge({
          policyRetention: [
            { since: 0, days: 30 },
            { since: AT + DAY, days: null },
            { since: AT + 2 * DAY, days: 30 },
          ],
        }),
      )
      .thenNothing()
  })
})

it('remembers no more than what is in force', () => {
  const state = fold(
    archiveDecider,
    story(archiveDecider, [subscribe(true), quota(5), hold(), purge({ candidates: [] })]),
  )
  expect(state).toMatchObject({ subscribed: true, quota: 5, holds: [{ hold: 'h1' }], purged: null })
})
