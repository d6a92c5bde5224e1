import { describe, expect, test } from 'vitest'
import { given, happened } from '#test/dsl/projection'
import { directory } from './projection.ts'
import { resolveRecipient } from './resolve.ts'

const settings = {
  mailboxHost: 'maildir',
  threshold: null,
  allowListGuard: true,
  subAddressDelimiter: '+',
  postmaster: null,
  recipientSource: 'own',
}
const domain = (name: string, changes: object = {}) =>
  happened(`domain-${name}`, 'DomainAdded', { name, ...settings, ...changes })
const account = (address: string, roles: readonly string[] = ['user']) => [
  happened(`domain-${address.split('@')[1]}`, 'AddressClaimed', { address, source: 'own' }),
  happened(`account-${address}`, 'AccountCreated', {
    address,
    displayName: '',
    timeZone: 'UTC',
    language: 'en',
    quota: null,
    roles,
    source: 'own',
  }),
]
const alias = (address: string, of: string) =>
  happened(`domain-${address.split('@')[1]}`, 'AliasAdded', { address, account: of, source: 'own' })
const group = (address: string, ...members: readonly string[]) =>
  happened(`domain-${address.split('@')[1]}`, 'GroupDefined', { address, displayName: '', members, source: 'own' })

const resolving = (...events: readonly (ReturnType<typeof happened> | readonly ReturnType<typeof happened>[])[]) => {
  const view = given(directory, events.flat())
  return (address: string) => {
    const resolution = resolveRecipient(address, (table, key) => view.get(table, key))
    return resolution.kind === 'mailboxes' ? resolution.recipients.map(({ mailbox }) => mailbox) : resolution.kind
  }
}

const base = [
  domain('example.org'),
  account('ann@example.org'),
  account('ben@example.org'),
  account('root@example.org', ['user', 'admin']),
]

describe('an address of RCPT TO', () => {
  test('leads to the account, whatever its case', () => {
    const resolve = resolving(...base)
    expect(resolve('ann@example.org')).toEqual(['ann@example.org'])
    expect(resolve('Ann@EXAMPLE.org')).toEqual(['ann@example.org'])
  })

  test('keeps its form as given', () => {
    const view = given(directory, base.flat())
    expect(resolveRecipient('Ann+x@Example.org', (table, key) => view.get(table, key))).toEqual({
      kind: 'mailboxes',
      recipients: [{ address: 'Ann+x@Example.org', mailbox: 'ann@example.org' }],
      outside: [],
      account: 'ann@example.org',
      postmaster: false,
    })
  })

  test('may have a sub-address, unless the domain has none', () => {
    expect(resolving(...base)('ann+lists@example.org')).toEqual(['ann@example.org'])
    expect(resolving(...base, account('ann+work@example.org'))('ann+work@example.org')).toEqual([
      'ann+work@example.org',
    ])
    expect(resolving(domain('a.org', { subAddressDelimiter: '' }), account('ann@a.org'))('ann+x@a.org')).toBe(
      'unknown-recipient',
    )
    expect(resolving(domain('a.org', { subAddressDelimiter: '-' }), account('ann@a.org'))('ann-x@a.org')).toEqual([
      'ann@a.org',
    ])
  })

  test('of another domain, or nobody here, is unknown', () => {
    const resolve = resolving(...base)
    expect(resolve('ann@example.net')).toBe('unknown-domain')
    expect(resolve('nobody@example.org')).toBe('unknown-recipient')
    expect(resolve('example.org')).toBe('unknown-recipient')
  })

  test('of an alias leads to its account, also in another hosted domain', () => {
    const resolve = resolving(
      ...base,
      domain('other.org'),
      alias('a@example.org', 'ann@example.org'),
      alias('ann@other.org', 'ann@example.org'),
    )
    expect(resolve('a@example.org')).toEqual(['ann@example.org'])
    expect(resolve('ANN+x@other.org')).toEqual(['ann@example.org'])
  })

  test('of an account that is gone is unknown', () => {
    const resolve = resolving(
      ...base,
      alias('a@example.org', 'ann@example.org'),
      happened('account-ann@example.org', 'AccountDeleted', {}),
      happened('domain-example.org', 'AddressReleased', { address: 'ann@example.org' }),
    )
    expect(resolve('ann@example.org')).toBe('unknown-recipient')
    expect(resolve('a@example.org')).toBe('unknown-recipient')
  })
})

describe('a group', () => {
  test('leads to each mailbox once, through groups and aliases', () => {
    const resolve = resolving(
      ...base,
      alias('a@example.org', 'ann@example.org'),
      group('inner@example.org', 'ben@example.org', 'a@example.org'),
      group('all@example.org', 'ann@example.org', 'inner@example.org', 'Ben@example.org'),
    )
    expect(resolve('ALL@example.org')).toEqual(['ann@example.org', 'ben@example.org'])
  })

  test('that contains itself ends', () => {
    const resolve = resolving(
      ...base,
      group('one@example.org', 'two@example.org', 'ann@example.org'),
      group('two@example.org', 'one@example.org', 'ben@example.org'),
    )
    expect(resolve('one@example.org')).toEqual(['ben@example.org', 'ann@example.org'])
    expect(resolving(...base, group('me@example.org', 'me@example.org'))('me@example.org')).toBe('unknown-recipient')
  })

  test('is followed eight deep', () => {
    const chain = Array.from({ length: 12 }, (_, depth) =>
      group(`g${depth}@example.org`, `g${depth + 1}@example.org`, 'ann@example.org'),
    )
    const deep = [...base, ...chain, group('g12@example.org', 'ben@example.org')]
    expect(resolving(...deep)('g0@example.org')).toEqual(['ann@example.org'])
    expect(resolving(...deep)('g5@example.org')).toEqual(['ben@example.org', 'ann@example.org'])
  })

  test('tells members outside apart', () => {
    const view = given(directory, [...base, group('all@example.org', 'ann@example.org', 'eve@elsewhere.net')].flat())
    expect(resolveRecipient('all@example.org', (table, key) => view.get(table, key))).toMatchObject({
      recipients: [{ mailbox: 'ann@example.org' }],
      outside: [{ member: 'eve@elsewhere.net', group: 'all@example.org' }],
      account: null,
    })
  })

  test('that is removed is unknown', () => {
    const resolve = resolving(
      ...base,
      group('g@example.org', 'ann@example.org'),
      happened('domain-example.org', 'GroupRemoved', { address: 'g@example.org' }),
    )
    expect(resolve('g@example.org')).toBe('unknown-recipient')
  })
})

describe('postmaster', () => {
  test('leads to the administrators where nobody was named, alone too', () => {
    const resolve = resolving(...base)
    expect(resolve('PostMaster@example.org')).toEqual(['root@example.org'])
    expect(resolve('Postmaster')).toEqual(['root@example.org'])
    expect(resolve('postmaster@example.net')).toBe('unknown-domain')
  })

  test("leads to the domain's postmaster, or to the address of that name", () => {
    const named = happened('domain-example.org', 'DomainChanged', { postmaster: 'ben@example.org' })
    expect(resolving(...base, named)('postmaster@example.org')).toEqual(['ben@example.org'])
    expect(
      resolving(...base, named, alias('postmaster@example.org', 'ann@example.org'))('postmaster@example.org'),
    ).toEqual(['ann@example.org'])
  })

  test('falls back to the administrators when the one named is gone', () => {
    const named = happened('domain-example.org', 'DomainChanged', { postmaster: 'gone@example.org' })
    expect(resolving(...base, named)('postmaster@example.org')).toEqual(['root@example.org'])
  })

  test('is marked, so that it is never judged as spam', () => {
    const view = given(directory, [...base, alias('postmaster@example.org', 'ann@example.org')].flat())
    const read = (table: string, key: readonly string[]) => view.get(table, key)
    expect(resolveRecipient('postmaster@example.org', read)).toMatchObject({ postmaster: true })
    expect(resolveRecipient('ann@example.org', read)).toMatchObject({ postmaster: false })
  })

  test('follows the roles', () => {
    const grant = happened('account-ann@example.org', 'RolesChanged', { roles: ['user', 'admin'] })
    const leave = happened('account-root@example.org', 'AccountDeleted', {})
    expect(resolving(...base, grant)('postmaster')).toEqual(['ann@example.org', 'root@example.org'])
    expect(resolving(...base, grant, leave)('postmaster')).toEqual(['ann@example.org'])
  })
})
