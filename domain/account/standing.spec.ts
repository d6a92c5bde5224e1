import { describe, expect, it } from 'vitest'
import { fold } from '#domain/kernel/decider'
import { given, story } from '#test/dsl/decider'
import type { Asker } from './asker.ts'
import type { AccountCommand } from './commands.ts'
import { accountDecider } from './decider.ts'
import type { Role } from './events.ts'
import { MAXIMUM_APP_PASSWORDS, MAXIMUM_SEND_AS } from './state.ts'

const ANN = 'ann@example.org'
const asker = (address: string, ...roles: Role[]): Asker => ({ kind: 'account', address, roles })
const ann = asker(ANN, 'user')
const admin = asker('admin@example.org', 'user', 'admin')
const domainAdmin = asker('dora@example.org', 'user', 'domain-admin')
const foreign = asker('dirk@example.net', 'user', 'domain-admin')
const officer = asker('olga@example.org', 'user', 'compliance')
const system: Asker = { kind: 'system' }
const operator: Asker = { kind: 'operator' }
const profile = { displayName: 'Ann', timeZone: 'UTC', language: 'en', quota: null }
const with_ = (...roles: Role[]) =>
  story(accountDecider, [{ kind: 'create-account', address: ANN, profile, roles, asker: system }])
const created = with_('user')

describe('an app password', () => {
  const issue = (by: Asker, id = 'p1', name = 'Phone'): AccountCommand => ({
    kind: 'issue-app-password',
    id,
    name,
    hash: 'a'.repeat(64),
    now: 5,
    asker: by,
  })
  const revoke = (by: Asker, id = 'p1'): AccountCommand => ({ kind: 'revoke-app-password', id, asker: by })

  it("is its owner's to make, or who stands at the machine makes it, not for an officer", () => {
    given(accountDecider, created)
      .when(issue(ann))
      .thenEvents([{ type: 'AppPasswordIssued', data: { id: 'p1', name: 'Phone', hash: 'a'.repeat(64), at: 5 } }])
    given(accountDecider, created).when(issue(operator)).thenTypes(['AppPasswordIssued'])
    for (const by of [admin, domainAdmin, officer])
      given(accountDecider, created).when(issue(by)).thenDeclined('forbidden')
    given(accountDecider, with_('compliance'))
      .when(issue(operator))
      .thenDeclined('forbidden', /second person/)
    given(accountDecider, created)
      .when(issue(ann, 'p1', ' '))
      .thenDeclined('invalid')
  })

  it('is issued and revoked once, by its owner and the administrators', () => {
    const one = story(accountDecider, [issue(ann)], created)
    given(accountDecider, one).when(issue(ann)).thenNothing()
    for (const by of [ann, admin, domainAdmin, operator])
      given(accountDecider, one).when(revoke(by)).thenTypes(['AppPasswordRevoked'])
    for (const by of [foreign, officer]) given(accountDecider, one).when(revoke(by)).thenDeclined('forbidden')
    given(accountDecider, story(accountDecider, [revoke(ann)], one))
      .when(revoke(ann))
      .thenNothing()
  })

  it('stays through a change of the password, and is one of a bounded number', () => {
    const hash = `sealed:1:${'A'.repeat(16)}:${'A'.repeat(30)}`
    const events = story(
      accountDecider,
      [issue(ann), { kind: 'set-password', hash, asker: ann, approved: false }],
      created,
    )
    expect(fold(accountDecider, events)?.appPasswords).toHaveLength(1)
    const many = Array.from({ length: MAXIMUM_APP_PASSWORDS }, (_, at) => issue(ann, `p${at}`))
    given(accountDecider, story(accountDecider, many, created))
      .when(issue(ann, 'one more'))
      .thenDeclined('over-limit')
  })
})

describe('a suspension', () => {
  const suspend = (by: Asker, reason = 'spam'): AccountCommand => ({ kind: 'suspend', reason, now: 9, asker: by })
  const reinstate = (by: Asker): AccountCommand => ({ kind: 'reinstate', held: 'bounce', asker: by })
  const open: AccountCommand = {
    kind: 'open-session',
    session: 's',
    tokenHash: 'h',
    expiresAt: 99,
    clientAddress: null,
  }

  it('is for administrators, never of oneself, and not of an officer', () => {
    given(accountDecider, created)
      .when(suspend(domainAdmin))
      .thenEvents([{ type: 'AccountSuspended', data: { reason: 'spam', by: 'dora@example.org', at: 9 } }])
    for (const by of [admin, operator, system])
      given(accountDecider, created).when(suspend(by)).thenTypes(['AccountSuspended'])
    for (const by of [ann, foreign, officer]) given(accountDecider, created).when(suspend(by)).thenDeclined('forbidden')
    given(accountDecider, with_('admin')).when(suspend(domainAdmin)).thenDeclined('forbidden')
    given(accountDecider, with_('admin'))
      .when(suspend(asker(ANN, 'admin')))
      .thenDeclined('forbidden', /own account/)
    given(accountDecider, with_('compliance'))
      .when(suspend(admin))
      .thenDeclined('forbidden', /second person/)
    given(accountDecider, created).when(suspend(admin, '')).thenDeclined('invalid')
  })

  it('ends every session and lets none begin, until it is lifted', () => {
    const events = story(accountDecider, [open, suspend(admin)], created)
    expect(fold(accountDecider, events)?.sessions).toEqual([])
    given(accountDecider, events).when(suspend(admin)).thenNothing()
    given(accountDecider, events)
      .when({ ...open, session: 't' })
      .thenDeclined('forbidden', /suspended/)
    given(accountDecider, events).when(reinstate(ann)).thenDeclined('forbidden')
    given(accountDecider, events)
      .when(reinstate(domainAdmin))
      .thenEvents([{ type: 'AccountReinstated', data: { by: 'dora@example.org', held: 'bounce' } }])
    const lifted = story(accountDecider, [reinstate(admin)], events)
    expect(fold(accountDecider, lifted)).toMatchObject({ suspended: null, heldMails: 'bounce' })
    given(accountDecider, lifted).when(reinstate(admin)).thenNothing()
    given(accountDecider, lifted).when(open).thenTypes(['SessionOpened'])
  })
})

describe('granted identities', () => {
  const set = (by: Asker, ...addresses: string[]): AccountCommand => ({ kind: 'set-send-as', addresses, asker: by })

  it('come and go by administrators of the domains that the addresses are in', () => {
    const one = story(accountDecider, [set(domainAdmin, 'Sales@Example.org', ANN)], created)
    expect(fold(accountDecider, one)?.sendAs).toEqual(['sales@example.org'])
    given(accountDecider, one).when(set(admin, 'sales@example.org')).thenNothing()
    given(accountDecider, one)
      .when(set(admin, 'info@example.net'))
      .thenEvents([
        { type: 'SendAsRevoked', data: { address: 'sales@example.org' } },
        { type: 'SendAsGranted', data: { address: 'info@example.net' } },
      ])
    given(accountDecider, one)
      .when(set(domainAdmin, 'sales@example.org', 'info@example.net'))
      .thenDeclined('forbidden', /example\.net/)
    for (const by of [ann, foreign, officer]) given(accountDecider, one).when(set(by)).thenDeclined('forbidden')
    given(accountDecider, one).when(set(admin, 'no address')).thenDeclined('invalid')
    const many = Array.from({ length: MAXIMUM_SEND_AS + 1 }, (_, at) => `a${at}@example.org`)
    given(accountDecider, one)
      .when(set(admin, ...many))
      .thenDeclined('over-limit')
  })
})
