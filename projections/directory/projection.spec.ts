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
    happened('domain-example.org', 'AddressClaimed', { address: 'Ann@example.org' }),
    happened('domain-example.org', 'AliasAdded', { address: 'a@example.org', account: 'ann@example.org' }),
    happened('domain-example.org', 'GroupDefined', {
      address: 'g@example.org',
      displayName: 'G',
      members: ['Ann@example.org'],
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
    },
    { address: 'g@example.org', given: 'g@example.org', domain: 'example.org', kind: 'group', target: 'g@example.org' },
  ])
  expect(view.rows('groups')).toEqual([
    { address: 'g@example.org', domain: 'example.org', displayName: 'G', members: '["ann@example.org"]' },
  ])
})
