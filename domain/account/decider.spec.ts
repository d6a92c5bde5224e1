import { describe, expect, it } from 'vitest'
import { fold } from '#domain/kernel/decider'
import { DAY } from '#domain/kernel/instant'
import { given, story } from '#test/dsl/decider'
import type { Asker } from './asker.ts'
import type { AccountCommand } from './commands.ts'
import { accountDecider } from './decider.ts'
import type { Role } from './events.ts'
import { MAXIMUM_SESSIONS, MAXIMUM_TOKENS } from './state.ts'

const ANN = 'ann@example.org'
const asker = (address: string, ...roles: Role[]): Asker => ({ kind: 'account', address, roles })
const ann = asker(ANN, 'user')
const admin = asker('admin@example.org', 'user', 'admin')
const domainAdmin = asker('dora@example.org', 'user', 'domain-admin')
const foreignDomainAdmin = asker('dirk@example.net', 'user', 'domain-admin')
const officer = asker('olga@example.org', 'user', 'compliance')
const system: Asker = { kind: 'system' }
const operator: Asker = { kind: 'operator' }
const profile = { displayName: 'Ann', timeZone: 'Europe/Zurich', language: 'de-CH', quota: null }
const sealed = (letter: string): string => `sealed:1:${letter.repeat(16)}:${letter.repeat(30)}`

type Create = Extract<AccountCommand, { kind: 'create-account' }>
const create = (by: Asker, roles: readonly Role[] = ['user'], changes: Partial<Create> = {}): Create => ({
  kind: 'create-account',
  address: ANN,
  profile,
  roles,
  asker: by,
  ...changes,
})
const created = story(accountDecider, [create(admin)])
const withRoles = (...roles: Role[]) => story(accountDecider, [create(system, roles)])
const setPassword = (by: Asker, letter = 'A', approved = false): AccountCommand => ({
  kind: 'set-password',
  hash: sealed(letter),
  asker: by,
  approved,
})
const changeRoles = (by: Asker, roles: Role[], approved = false): AccountCommand => ({
  kind: 'change-roles',
  roles,
  asker: by,
  approved,
})

describe('making an account', () => {
  it('is for administrators, those of the domain included', () => {
    given(accountDecider, [])
      .when(create(domainAdmin))
      .thenEvents([{ type: 'AccountCreated', data: { address: ANN, roles: ['user'], ...profile, source: 'own' } }])
    given(accountDecider, []).when(create(operator)).thenTypes(['AccountCreated'])
    given(accountDecider, []).when(create(foreignDomainAdmin)).thenDeclined('forbidden')
    given(accountDecider, []).when(create(ann)).thenDeclined('forbidden')
  })

  it('gives roles only by an administrator, and makes nobody an officer', () => {
    given(accountDecider, [])
      .when(create(admin, ['admin', 'user', 'user']))
      .thenTypes(['AccountCreated'])
    expect(fold(accountDecider, withRoles('admin', 'user', 'user'))?.roles).toEqual(['user', 'admin'])
    given(accountDecider, [])
      .when(create(domainAdmin, ['user', 'domain-admin']))
      .thenDeclined('forbidden')
    for (const by of [admin, operator, officer])
      given(accountDecider, [])
        .when(create(by, ['user', 'compliance']))
        .thenDeclined('forbidden')
    given(accountDecider, [])
      .when(create(system, ['compliance']))
      .thenTypes(['AccountCreated'])
  })

  it('names every problem at once', () => {
    const wrong = { displayName: 'x'.repeat(201), timeZone: 'Europe/Atlantis', language: 'not a tag', quota: null }
    given(accountDecider, [])
      .when(create(admin, [], { profile: wrong }))
      .thenDeclined('invalid', /displayName.*timeZone.*Atlantis.*language.*roles/)
    given(accountDecider, [])
      .when(create(admin, ['user'], { profile: { ...profile, timeZone: '+01:00' } }))
      .thenDeclined('invalid', /timeZone/)
    for (const address of ['Ann@example.org', 'ann', 'ann@'])
      given(accountDecider, [])
        .when(create(admin, ['user'], { address }))
        .thenDeclined('invalid')
  })

  it('happens once, until it was deleted', () => {
    given(accountDecider, created).when(create(admin)).thenDeclined('conflict')
    const deleted = story(accountDecider, [{ kind: 'delete-account', asker: admin }], created)
    given(accountDecider, deleted).when(create(admin)).thenTypes(['AccountCreated'])
    given(accountDecider, deleted).when({ kind: 'delete-account', asker: admin }).thenDeclined('not-found')
  })
})

describe('a profile', () => {
  const change = (
    by: Asker,
    changes: Extract<AccountCommand, { kind: 'change-profile' }>['changes'],
  ): AccountCommand => ({
    kind: 'change-profile',
    changes,
    asker: by,
  })

  it("changes by its owner and by the domain's administrators, a quota by those only", () => {
    for (const by of [ann, domainAdmin, admin])
      given(accountDecider, created)
        .when(change(by, { displayName: 'Ann Lee', language: 'de-CH' }))
        .thenEvents([{ type: 'AccountChanged', data: { displayName: 'Ann Lee' } }])
    const quota = { mailsPerDay: 9, recipientsPerDay: 9 }
    given(accountDecider, created).when(change(ann, { quota })).thenDeclined('forbidden')
    given(accountDecider, created).when(change(domainAdmin, { quota })).thenTypes(['AccountChanged'])
    given(accountDecider, created)
      .when(change(officer, { displayName: 'x' }))
      .thenDeclined('forbidden')
    given(accountDecider, withRoles('admin'))
      .when(change(domainAdmin, { displayName: 'x' }))
      .thenDeclined('forbidden')
  })

  it('that stays as it is, is no event', () => {
    given(accountDecider, created).when(change(ann, profile)).thenDeclined('forbidden')
    given(accountDecider, created).when(change(admin, profile)).thenNothing()
  })

  it('can lose its own quota again', () => {
    const limited = story(accountDecider, [change(admin, { quota: { mailsPerDay: 9, recipientsPerDay: 9 } })], created)
    const back = story(accountDecider, [change(admin, { quota: null })], limited)
    expect(fold(accountDecider, back)?.quota).toBeNull()
  })
})

describe('a password', () => {
  it('is set by its owner or an administrator, once, and ends every session', () => {
    for (const by of [ann, admin, domainAdmin, operator])
      given(accountDecider, created).when(setPassword(by)).thenTypes(['PasswordSet'])
    for (const by of [officer, foreignDomainAdmin])
      given(accountDecider, created).when(setPassword(by)).thenDeclined('forbidden')
    const events = story(
      accountDecider,
      [{ kind: 'open-session', session: 's', tokenHash: 'h', expiresAt: 1, clientAddress: null }, setPassword(ann)],
      created,
    )
    given(accountDecider, events).when(setPassword(ann)).thenNothing()
    expect(fold(accountDecider, events)?.sessions).toEqual([])
  })

  it("of an administrator is not the domain administrator's to set", () => {
    given(accountDecider, withRoles('admin')).when(setPassword(domainAdmin)).thenDeclined('forbidden')
  })

  it('of an officer is set by others only with approval', () => {
    const events = story(accountDecider, [create(system, ['compliance']), setPassword(system)])
    for (const by of [admin, operator, system, domainAdmin])
      given(accountDecider, events).when(setPassword(by, 'B')).thenDeclined('forbidden')
    given(accountDecider, events)
      .when(setPassword(admin, 'B', true))
      .thenDeclined('forbidden')
    given(accountDecider, events)
      .when(setPassword(system, 'B', true))
      .thenTypes(['PasswordSet'])
  })
})

describe('roles', () => {
  it('come from an administrator, never from oneself', () => {
    given(accountDecider, created)
      .when(changeRoles(admin, ['admin', 'user']))
      .thenEvents([{ type: 'RolesChanged', data: { roles: ['user', 'admin'] } }])
    given(accountDecider, created)
      .when(changeRoles(admin, ['user']))
      .thenNothing()
    given(accountDecider, created).when(changeRoles(admin, [])).thenDeclined('invalid')
    given(accountDecider, created)
      .when(changeRoles(domainAdmin, ['domain-admin']))
      .thenDeclined('forbidden')
    given(accountDecider, withRoles('admin'))
      .when(changeRoles(asker(ANN, 'admin'), ['user']))
      .thenDeclined('forbidden', /own roles/)
  })

  it('of officers change only when approved, in both directions', () => {
    const officers = withRoles('user', 'compliance')
    for (const approved of [true, false]) {
      given(accountDecider, created)
        .when(changeRoles(admin, ['user', 'compliance'], approved))
        .thenDeclined('forbidden', /second person/)
      given(accountDecider, officers)
        .when(changeRoles(admin, ['user'], approved))
        .thenDeclined('forbidden')
    }
    given(accountDecider, created)
      .when(changeRoles(system, ['compliance'], true))
      .thenTypes(['RolesChanged'])
    given(accountDecider, officers)
      .when(changeRoles(system, ['user'], true))
      .thenTypes(['RolesChanged'])
    given(accountDecider, officers)
      .when(changeRoles(admin, ['user', 'domain-admin', 'compliance']))
      .thenTypes(['RolesChanged'])
  })
})

describe('deleting an account', () => {
  it('is not done to oneself, nor to an officer', () => {
    const by = (one: Asker): AccountCommand => ({ kind: 'delete-account', asker: one })
    given(accountDecider, created).when(by(domainAdmin)).thenTypes(['AccountDeleted'])
    given(accountDecider, created).when(by(ann)).thenDeclined('forbidden')
    given(accountDecider, withRoles('admin'))
      .when(by(asker(ANN, 'admin')))
      .thenDeclined('forbidden')
    given(accountDecider, withRoles('compliance'))
      .when(by(admin))
      .thenDeclined('conflict', /officer/)
  })
})

describe('sessions and tokens', () => {
  const open = (session: string): AccountCommand => ({
    kind: 'open-session',
    session,
    tokenHash: session,
    expiresAt: 1_000,
    clientAddress: '192.0.2.1',
  })
  const issue = (token: string, expiresAt = DAY, now = 0): AccountCommand => ({
    kind: 'issue-token',
    token,
    name: 'backup',
    tokenHash: token,
    scopes: ['mails'],
    expiresAt,
    now,
    atMost: 10 * DAY,
  })

  it('open and close once', () => {
    const one = story(accountDecider, [open('s1')], created)
    given(accountDecider, one).when(open('s1')).thenNothing()
    given(accountDecider, one).when({ kind: 'close-session', session: 's1' }).thenTypes(['SessionClosed'])
    given(accountDecider, one).when({ kind: 'close-session', session: 's2' }).thenNothing()
  })

  it('are bounded: the oldest session makes room', () => {
    const sessions = Array.from({ length: MAXIMUM_SESSIONS }, (_, at) => open(`s${at}`))
    given(accountDecider, story(accountDecider, sessions, created))
      .when(open('one more'))
      .thenEvents([
        { type: 'SessionClosed', data: { session: 's0' } },
        {
          type: 'SessionOpened',
          data: { session: 'one more', tokenHash: 'one more', expiresAt: 1_000, clientAddress: '192.0.2.1' },
        },
      ])
  })

  it('live no longer than policy says, and are revoked once', () => {
    given(accountDecider, created)
      .when(issue('t', 11 * DAY))
      .thenDeclined('invalid', /10 days/)
    given(accountDecider, created)
      .when(issue('t', DAY, DAY))
      .thenDeclined('invalid', /past/)
    const issued = story(accountDecider, [issue('t')], created)
    given(accountDecider, issued).when(issue('t')).thenNothing()
    given(accountDecider, issued).when({ kind: 'revoke-token', token: 't' }).thenTypes(['TokenRevoked'])
    given(accountDecider, created).when({ kind: 'revoke-token', token: 't' }).thenNothing()
  })

  it('are bounded: expired tokens go, live ones must be revoked', () => {
    const tokens = Array.from({ length: MAXIMUM_TOKENS }, (_, at) => issue(`t${at}`, at === 0 ? 1 : DAY))
    const full = story(accountDecider, tokens, created)
    given(accountDecider, full).when(issue('one more')).thenDeclined('over-limit')
    given(accountDecider, full)
      .when(issue('one more', DAY, 2))
      .thenTypes(['TokenRevoked', 'TokenIssued'])
  })
})
