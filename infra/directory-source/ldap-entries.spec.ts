import { describe, expect, it } from 'vitest'
import { addressesOf, dnKey } from './ldap-attributes.ts'
import { entriesOf } from './ldap-entries.ts'
import { allMembers } from './ldap-session.ts'
import { DirectoryAway } from './port.ts'

const entry = (dn: string, attributes: Readonly<Record<string, unknown>>) => ({ dn, ...attributes })

describe('the addresses of an LDAP entry', () => {
  it('begin with the primary one: after SMTP: in capitals, else mail', () => {
    const exchange = {
      mail: 'ann@example.org',
      proxyAddresses: ['smtp:a@example.org', 'SMTP:Ann.Lee@Example.org', 'X400:c=US', 'smtp:not an address'],
    }
    expect(addressesOf(entry('cn=a', exchange))).toEqual(['ann.lee@example.org', 'ann@example.org', 'a@example.org'])
    expect(addressesOf(entry('cn=a', { MAIL: ['b@example.org', 'B@example.org'] }))).toEqual(['b@example.org'])
    expect(addressesOf(entry('cn=a', { mail: [] }))).toEqual([])
  })

  it('count in one domain: the first there is the mailbox, wherever the primary one is', () => {
    const people = [entry('cn=a', { mail: ['a@elsewhere.test', 'a@example.org', 'b@example.org'], cn: 'A' })]
    expect(entriesOf('example.org', people, [])).toEqual([
      { kind: 'account', address: 'a@example.org', displayName: 'A', aliases: ['b@example.org'] },
    ])
    expect(entriesOf('example.net', people, [])).toEqual([])
  })

  it('are nobody’s when the entry is a tombstone', () => {
    expect(entriesOf('example.org', [entry('cn=a', { mail: 'a@example.org', isDeleted: 'TRUE' })], [])).toEqual([])
  })
})

describe('a group', () => {
  it('has its members by DN, however that is written, nested ones with an address as such, and never itself', () => {
    const people = [entry('CN=Ann, OU=People,DC=test', { mail: 'ann@example.org' })]
    const outer = entry('cn=outer,dc=test', { mail: ['outer@example.org', 'all@example.org'], cn: 'Outer' })
    const inner = entry('cn=inner,dc=test', { mail: 'inner@example.org' })
    const silent = entry('cn=silent,dc=test', {})
    const groups = [
      { entry: outer, members: ['cn=INNER,dc=test', 'cn=silent,dc=test', 'cn=stranger,dc=test'] },
      { entry: inner, members: ['cn=outer,dc=test'] },
      { entry: silent, members: ['cn=ann,ou=people,dc=test', 'cn=silent,dc=test'] },
    ]
    const all = { kind: 'group', displayName: 'Outer', members: ['ann@example.org', 'inner@example.org'] }
    expect(entriesOf('example.org', people, groups)).toEqual([
      { kind: 'account', address: 'ann@example.org', displayName: '', aliases: [] },
      { ...all, address: 'outer@example.org' },
      { ...all, address: 'all@example.org' },
      { kind: 'group', address: 'inner@example.org', displayName: '', members: ['outer@example.org'] },
    ])
    expect(dnKey('CN=Ann , OU = People')).toBe('cn=ann,ou=people')
  })

  it('that Active Directory gives in ranges is read to its end', async () => {
    const asked: string[] = []
    const ranges: Readonly<Record<string, object>> = {
      'member;range=2-*': { 'member;range=2-3': ['c', 'd'] },
      'member;range=4-*': { 'member;range=4-*': ['e'] },
    }
    const group = entry('cn=g', { member: [], 'member;range=0-1': ['a', 'b'] })
    const members = await allMembers(group, async (attribute) => {
      asked.push(attribute)
      return entry('cn=g', { ...ranges[attribute] })
    })
    expect(members).toEqual(['a', 'b', 'c', 'd', 'e'])
    expect(asked).toEqual(['member;range=2-*', 'member;range=4-*'])
    const endless = async () => entry('cn=g', { 'member;range=0-1': ['a'] })
    await expect(allMembers(group, endless)).rejects.toThrow(DirectoryAway)
  })
})
