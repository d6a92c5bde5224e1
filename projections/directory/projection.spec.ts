import { expect, test } from 'vitest'
import { given, happened, NOON } from '#test/dsl/projection'
import { directory } from './projection.ts'

const added = happened(
  'domain-example.org',
  'DomainAdded',
  {
    name: 'example.org',
    mailboxHost: 'maildir',
    threshold: 4.5,
    allowListGuard: true,
    subAddressDelimiter: '+',
    postmaster: null,
    recipientSource: 'own',
  },
  NOON,
)
const created = happened(
  'account-ann@example.org',
  'AccountCreated',
  {
    address: 'ann@example.org',
    displayName: 'Ann',
    timeZone: 'Europe/Berlin',
    language: 'de',
    quota: { mailsPerDay: 10, recipientsPerDay: 20 },
    roles: ['user', 'compliance'],
    source: 'own',
  },
  NOON,
)

test('a domain has its settings, changed one by one', () => {
  const changed = happened('domain-example.org', 'DomainChanged', { allowListGuard: false, threshold: null })
  expect(given(directory, [added, changed]).rows('domains')).toEqual([
    {
      name: 'example.org',
      mailboxHost: 'maildir',
      threshold: null,
      allowListGuard: 0,
      subAddressDelimiter: '+',
      postmaster: null,
      addedAt: NOON,
      recipientSource: 'own',
      syncDueAt: null,
      syncLeaseUntil: null,
      syncedAt: null,
      syncResult: null,
      syncProblem: null,
    },
  ])
  expect(given(directory, [added, happened('domain-example.org', 'DomainRemoved', {})]).rows('domains')).toEqual([])
})

test('an account has its profile and roles; the password only tells when it was set', () => {
  const view = given(directory, [
    created,
    happened('account-ann@example.org', 'PasswordSet', { hash: 'sealed:1:...' }, NOON + 1),
    happened('account-ann@example.org', 'AccountChanged', { displayName: 'Ann B.', quota: null }),
    happened('account-ann@example.org', 'RolesChanged', { roles: ['user', 'admin'] }),
  ])
  expect(view.rows('accounts')).toEqual([
    {
      address: 'ann@example.org',
      domain: 'example.org',
      displayName: 'Ann B.',
      timeZone: 'Europe/Berlin',
      language: 'de',
      mailsPerDay: null,
      recipientsPerDay: null,
      roles: '["user","admin"]',
      createdAt: NOON,
      passwordSetAt: NOON + 1,
      source: 'own',
      suspended: 0,
      sendAs: '[]',
      forwarding: null,
    },
  ])
  expect(view.rows('roles')).toEqual([
    { role: 'admin', members: '["ann@example.org"]' },
    { role: 'compliance', members: '[]' },
  ])
})

test('an address has one owner and a group its members', () => {
  const view = given(directory, [
    added,
    happened('domain-example.org', 'AddressClaimed', { address: 'Ann@example.org', source: 'own' }),
    happened('domain-example.org', 'AliasAdded', {
      address: 'a@example.org',
      account: 'ann@example.org',
      source: 'own',
    }),
    happened('domain-example.org', 'GroupDefined', {
      address: 'g@example.org',
      displayName: 'G',
      members: ['Ann@example.org'],
      source: 'ldap',
    }),
    happened('domain-example.org', 'AliasRemoved', { address: 'a@example.org' }),
  ])
  expect(view.rows('addresses')).toEqual([
    {
      address: 'ann@example.org',
      given: 'Ann@example.org',
      domain: 'example.org',
      kind: 'account',
      target: 'ann@example.org',
      source: 'own',
    },
    {
      address: 'g@example.org',
      given: 'g@example.org',
      domain: 'example.org',
      kind: 'group',
      target: 'g@example.org',
      source: 'ldap',
    },
  ])
  expect(view.rows('groups')).toEqual([
    { address: 'g@example.org', domain: 'example.org', displayName: 'G', members: '["ann@example.org"]' },
  ])
})

test('a copy of an LDAP directory is due at once, when somebody asks, and when the last one said', () => {
  const ldap = { kind: 'ldap', url: 'ldap://127.0.0.1:389' }
  const story = [
    added,
    happened('domain-example.org', 'DomainChanged', { recipientSource: ldap }, NOON + 1),
    happened('domain-example.org', 'DirectorySyncStarted', { leaseUntil: NOON + 9 }, NOON + 2),
    happened(
      'domain-example.org',
      'DirectorySyncFailed',
      { reason: 'It does not answer.', nextAt: NOON + 50 },
      NOON + 3,
    ),
    happened('domain-example.org', 'DirectorySyncRequested', { acceptRemovals: false }, NOON + 4),
    happened('domain-example.org', 'DirectorySynced', { left: 2, nextAt: NOON + 60 }, NOON + 5),
    happened('domain-example.org', 'DomainChanged', { recipientSource: 'rcpt' }, NOON + 6),
  ]
  const after = (count: number) => given(directory, story.slice(0, count)).rows('domains')[0]
  expect(after(2)).toMatchObject({ recipientSource: 'ldap', syncDueAt: NOON + 1 })
  expect(after(3)).toMatchObject({ syncLeaseUntil: NOON + 9 })
  expect(after(4)).toMatchObject({ syncDueAt: NOON + 50, syncLeaseUntil: null, syncProblem: 'It does not answer.' })
  expect(after(5)).toMatchObject({ syncDueAt: NOON + 4, syncProblem: 'It does not answer.' })
  expect(after(6)).toMatchObject({
    syncDueAt: NOON + 60,
    syncedAt: NOON + 5,
    syncResult: '{"left":2}',
    syncProblem: null,
  })
  expect(after(7)).toMatchObject({ recipientSource: 'rcpt', syncDueAt: null })
})
