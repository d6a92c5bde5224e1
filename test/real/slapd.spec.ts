import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DEFAULT_GROUP_FILTER, DEFAULT_USER_FILTER, type LdapSource } from '#domain/hosted-domain/recipient-source'
import { LdapDirectory } from '#infra/directory-source/ldap'
import { DirectoryAway } from '#infra/directory-source/port'
import { recipientSourceContract } from '#test/contract/directory-source/contract'
import { BASE, startSlapd, type Slapd } from './slapd.ts'

const PEOPLE = 1_200
const person = (uid: string, ...lines: readonly string[]) =>
  [
    `dn: uid=${uid},ou=people,${BASE}`,
    'objectClass: inetOrgPerson',
    `uid: ${uid}`,
    `cn: ${uid}`,
    'sn: x',
    ...lines,
    '',
  ].join('\n')
const group = (cn: string, ...lines: readonly string[]) =>
  [`dn: cn=${cn},ou=groups,${BASE}`, `cn: ${cn}`, ...lines, ''].join('\n')
const dn = (uid: string) => `uid=${uid},ou=people,${BASE}`

const entries = [
  person('ann', 'mail: Ann.Lee@Example.org', 'displayName: Ann Lee'),
  person('ben', 'mail: ben@example.org', 'mail: benjamin@example.org'),
  person('elsewhere', 'mail: eve@example.net'),
  person('nomail'),
  [
    `dn: cn=Cora,ou=people,${BASE}`,
    'objectClass: user',
    'cn: Cora',
    'sn: Cole',
    'mail: cora@example.org',
    'proxyAddresses: smtp:c@example.org',
    'proxyAddresses: SMTP:cora.cole@example.org',
    'proxyAddresses: x500:/o=Example',
    '',
  ].join('\n'),
  person('gone', 'mail: gone@example.org').replace('inetOrgPerson', 'user').replace('sn: x', 'sn: x\nisDeleted: TRUE'),
  group(
    'team',
    'objectClass: groupOfNames',
    'objectClass: extensibleObject',
    'mail: team@example.org',
    `member: ${dn('ann')}`,
    `member: cn=inner,ou=groups,${BASE}`,
    `member: ${dn('elsewhere')}`,
  ),
  // Without an address of its own, and with the group that it is in.
  group(
    'inner',
    'objectClass: groupOfNames',
    `member: ${dn('ben')}`,
    `member: cn=team,ou=groups,${BASE}`,
    `member: ${dn('nomail')}`,
  ),
  group(
    'nobody',
    'objectClass: groupOfNames',
    'objectClass: extensibleObject',
    'mail: nobody@example.org',
    `member: ${dn('nomail')}`,
  ),
  ...Array.from({ length: PEOPLE }, (_, at) => person(`p${at}`, `mail: p${at}@many.example`)),
].join('\n')

recipientSourceContract('an LDAP directory', async () => {
  const slapd = await startSlapd(person('ann', 'mail: ann@source.test'))
  return {
    open: () =>
      new LdapDirectory(
        'source.test',
        {
          kind: 'ldap',
          url: slapd.url,
          startTls: false,
          verifyCertificate: true,
          bindDn: slapd.reader.dn,
          password: null,
          base: BASE,
          userFilter: DEFAULT_USER_FILTER,
          groupFilter: DEFAULT_GROUP_FILTER,
        },
        slapd.reader.password,
      ),
    add: async (address) =>
      slapd.change(person(address.split('@')[0] ?? '', `mail: ${address}`).replace('\n', '\nchangetype: add\n')),
    stop: () => slapd.kill(),
    start: () => slapd.restart(),
    end: () => slapd.stop(),
  }
})

describe('an LDAP directory (slapd)', () => {
  let slapd: Slapd
  const opened: LdapDirectory[] = []
  const source = (changes: Partial<LdapSource> = {}): LdapSource => ({
    kind: 'ldap',
    url: slapd.url,
    startTls: false,
    verifyCertificate: false,
    bindDn: slapd.reader.dn,
    password: null,
    base: BASE,
    userFilter: DEFAULT_USER_FILTER,
    groupFilter: DEFAULT_GROUP_FILTER,
    ...changes,
  })
  const open = (domain: string, changes: Partial<LdapSource> = {}, password: string | null = slapd.reader.password) => {
    const directory = new LdapDirectory(domain, source(changes), password)
    opened.push(directory)
    return directory
  }
  const soon = () => AbortSignal.timeout(10_000)

  beforeAll(async () => {
    slapd = await startSlapd(entries)
  })
  afterAll(async () => {
    await Promise.all(opened.map((one) => one.close()))
    await slapd?.stop()
  })

  it('tells everything of a domain: people, aliases, groups unfolded as far as they have no address', async () => {
    const found = await open('example.org').everything(soon())
    expect(found.toSorted((one, other) => (one.address < other.address ? -1 : 1))).toEqual([
      { kind: 'account', address: 'ann.lee@example.org', displayName: 'Ann Lee', aliases: [] },
      { kind: 'account', address: 'ben@example.org', displayName: 'ben', aliases: ['benjamin@example.org'] },
      {
        kind: 'account',
        address: 'cora.cole@example.org',
        displayName: 'Cora',
        aliases: ['cora@example.org', 'c@example.org'],
      },
      { kind: 'group', address: 'nobody@example.org', displayName: 'nobody', members: [] },
      {
        kind: 'group',
        address: 'team@example.org',
        displayName: 'team',
        members: ['ann.lee@example.org', 'ben@example.org', 'eve@example.net'],
      },
    ])
  })

  it('is read page by page where the server gives no more at once', async () => {
    expect(await open('many.example').everything(soon())).toHaveLength(PEOPLE)
  })

  it('answers for one address, in whatever case, as an alias, and with the members of a group', async () => {
    const directory = open('example.org')
    expect(await directory.lookUp('ann.lee@example.org', soon())).toMatchObject({
      kind: 'entries',
      entries: [{ address: 'ann.lee@example.org' }],
    })
    expect(await directory.lookUp('c@example.org', soon())).toMatchObject({
      entries: [{ address: 'cora.cole@example.org' }],
    })
    const team = await directory.lookUp('team@example.org', soon())
    expect(team).toMatchObject({ kind: 'entries', entries: [{ kind: 'group' }, { address: 'ann.lee@example.org' }] })
    for (const nobody of ['eve@example.org', 'nobody@example.org', '*@example.org', 'a)(mail=*@example.org'])
      expect(await directory.lookUp(nobody, soon())).toMatchObject({ kind: 'unknown' })
  })

  it('goes into TLS, and refuses a certificate that nobody trusts where it must be trusted', async () => {
    expect(await open('example.org', { startTls: true }).everything(soon())).toHaveLength(5)
    const strict = open('example.org', { startTls: true, verifyCertificate: true })
    await expect(strict.everything(soon())).rejects.toThrow(DirectoryAway)
  })

  it('is away rather than empty: a wrong password, no password, a base that is not there', async () => {
    for (const [changes, password] of [
      [{}, 'wrong'],
      [{}, null],
      [{ base: 'ou=nowhere,dc=example,dc=org' }, undefined],
      [{ userFilter: '(&(broken)' }, undefined],
    ] as const) {
      const directory = password === undefined ? open('example.org', changes) : open('example.org', changes, password)
      await expect(directory.everything(soon())).rejects.toThrow(DirectoryAway)
      expect(await directory.lookUp('ann.lee@example.org', soon())).toMatchObject({ kind: 'away' })
    }
  })

  it('is away while it is down, and answers by itself when it is back', async () => {
    const directory = open('example.org')
    const ask = async () => (await directory.lookUp('ben@example.org', soon())).kind
    expect(await ask()).toBe('entries')
    await slapd.kill()
    expect(await ask()).toBe('away')
    await slapd.restart()
    expect(await ask()).toBe('entries')
  })
})
