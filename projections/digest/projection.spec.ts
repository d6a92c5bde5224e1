import { expect, test } from 'vitest'
import { given, happened, NOON } from '#test/dsl/projection'
import { digest } from './projection.ts'

const created = happened(
  'account-ann@one.test',
  'AccountCreated',
  {
    address: 'ann@one.test',
    displayName: 'Ann',
    timeZone: 'Europe/Berlin',
    language: 'de',
    quota: null,
    roles: ['user'],
    source: 'own',
  },
  NOON,
)
const wishes = { times: ['09:00'], days: 'weekdays', when: 'held' }
const row = {
  address: 'ann@one.test',
  domain: 'one.test',
  timeZone: 'Europe/Berlin',
  wishes: null,
  since: NOON,
  closedAt: null,
  through: null,
}

test('an account owes its first digest from its beginning, and the next from the last', () => {
  expect(given(digest, [created]).rows('accounts')).toEqual([row])
  const closed = happened(
    'digest-ann@one.test',
    'DigestWindowClosed',
    { from: null, to: NOON + 5, through: '7', tells: null },
    NOON + 6,
  )
  expect(given(digest, [created, closed]).rows('accounts')).toEqual([
    { ...row, since: NOON + 6, closedAt: NOON + 5, through: '7' },
  ])
  expect(given(digest, [created, happened('account-ann@one.test', 'AccountDeleted', {})]).rows('accounts')).toEqual([])
})

test('a change of zone or wishes counts from the next time on', () => {
  const moved = happened('account-ann@one.test', 'AccountChanged', { timeZone: 'Asia/Kolkata' }, NOON + 1)
  expect(given(digest, [created, moved]).rows('accounts')).toEqual([
    { ...row, timeZone: 'Asia/Kolkata', since: NOON + 1 },
  ])
  const renamed = happened('account-ann@one.test', 'AccountChanged', { displayName: 'A.' }, NOON + 1)
  expect(given(digest, [created, renamed]).rows('accounts')).toEqual([row])
  const wished = happened('mailbox-ann@one.test', 'DigestWishesSet', { wishes }, NOON + 2)
  expect(given(digest, [created, wished]).rows('accounts')).toEqual([
    { ...row, wishes: JSON.stringify(wishes), since: NOON + 2 },
  ])
  // Also those of an address whose account comes later.
  expect(given(digest, [wished, created]).rows('accounts')).toEqual([{ ...row, wishes: JSON.stringify(wishes) }])
})

test('a domain speaks for those who say nothing', () => {
  const said = happened('mailbox-@one.test', 'DigestWishesSet', { wishes }, NOON)
  expect(given(digest, [said]).rows('defaults')).toEqual([
    { domain: 'one.test', wishes: JSON.stringify(wishes), since: NOON },
  ])
  const unsaid = happened('mailbox-@one.test', 'DigestWishesSet', { wishes: null }, NOON + 1)
  expect(given(digest, [said, unsaid]).rows('defaults')).toEqual([
    { domain: 'one.test', wishes: null, since: NOON + 1 },
  ])
})
