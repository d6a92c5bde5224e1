import { expect, it } from 'vitest'
import { startDemo } from '#test/dsl/mailkeep'
import type { HttpClient } from '#test/dsl/http-client'
import { mailkeep } from '#test/dsl/command-line'
import { as, done, eventually, rcpt } from '#test/dsl/story'
import { BASE, startSlapd } from './slapd.ts'

const dn = (uid: string) => `uid=${uid},ou=people,${BASE}`
const person = (uid: string, ...lines: readonly string[]) =>
  [
    `dn: ${dn(uid)}`,
    'objectClass: user',
    `cn: ${uid}`,
    `uid: ${uid}`,
    'sn: x',
    `mail: ${uid}@ldap.test`,
    ...lines,
    '',
  ].join('\n')
const addition = (entry: string) => entry.replace('\n', '\nchangetype: add\n')
const removal = (uid: string) => `dn: ${dn(uid)}\nchangetype: delete\n`

const entries = [
  person('ann', 'proxyAddresses: smtp:sales@ldap.test', 'displayName: Ann Lee'),
  ...['ben', 'cora', 'dora', 'emil'].map((uid) => person(uid)),
  [
    `dn: cn=team,ou=groups,${BASE}`,
    'objectClass: groupOfNames',
    'objectClass: extensibleObject',
    'cn: team',
    'mail: team@ldap.test',
    `member: ${dn('ann')}`,
    `member: ${dn('ben')}`,
    '',
  ].join('\n'),
].join('\n')

it('copies an LDAP directory, asks it about whom it does not know, and goes on while it is away', async () => {
  const slapd = await startSlapd(entries)
  try {
    const demo = await startDemo()
    const admin = await as(demo, 'admin')
    const accounts = async () => {
      const { items } = await done(admin, 'GET', '/accounts?domain=ldap.test')
      return (items as { address: string; source: string }[]).map(({ address, source }) => `${address} ${source}`)
    }
    await done(admin, 'POST', '/domains', { name: 'ldap.test' })
    await done(admin, 'POST', '/accounts', { address: 'emil@ldap.test', displayName: 'Made here' })
    await done(admin, 'PATCH', '/domains/ldap.test', {
      recipientSource: {
        kind: 'ldap',
        url: slapd.url,
        startTls: true,
        verifyCertificate: false,
        bindDn: slapd.reader.dn,
        password: slapd.reader.password,
        base: BASE,
      },
    })

    // The first copy is due at once. What was made here stays as it is.
    const first = await settled(admin, null)
    expect(first.result).toMatchObject({
      found: { accounts: 4, aliases: 1, groups: 1 },
      created: { accounts: 4, aliases: 1, groups: 1 },
      left: 1,
    })
    expect(await accounts()).toEqual([
      'ann@ldap.test ldap',
      'ben@ldap.test ldap',
      'cora@ldap.test ldap',
      'dora@ldap.test ldap',
      'emil@ldap.test own',
    ])
    for (const known of ['ann@ldap.test', 'Sales+x@ldap.test', 'team@ldap.test'])
      expect(await rcpt(demo, known)).toMatch(/^250/)
    expect(await rcpt(demo, 'nobody@ldap.test')).toMatch(/^550 5\.1\.1/)

    // Somebody new is known before the night: asked about at RCPT, and an account from then on.
    slapd.change(addition(person('fred', 'proxyAddresses: smtp:f@ldap.test')))
    expect(await rcpt(demo, 'F@ldap.test')).toMatch(/^250/)
    expect(await accounts()).toContain('fred@ldap.test ldap')

    // Away: who is known is taken, for others the sender comes again.
    await slapd.kill()
    expect(await rcpt(demo, 'fred@ldap.test')).toMatch(/^250/)
    expect(await rcpt(demo, 'gina@ldap.test')).toMatch(/^451 4\.4\.3/)
    const away = await sync(admin, first.syncedAt)
    expect(away.problem).toContain(slapd.url)
    await eventually(async () => expect(await alarms(admin)).toContain('directory-sync ldap.test'))
    await slapd.restart()
    expect(await rcpt(demo, 'gina@ldap.test')).toMatch(/^550 5\.1\.1/)

    // One of five leaves, another changes: done. The alarm is over.
    slapd.change(
      `${removal('dora')}\ndn: ${dn('ann')}\nchangetype: modify\nreplace: displayName\ndisplayName: Ann Cole\n-\nreplace: proxyAddresses\nproxyAddresses: smtp:shop@ldap.test\n`,
    )
    const second = await sync(admin, first.syncedAt)
    expect(second.result).toMatchObject({
      created: { accounts: 0, aliases: 1 },
      removed: { accounts: 1, aliases: 1 },
      changed: 1,
    })
    expect(await rcpt(demo, 'dora@ldap.test')).toMatch(/^550 5\.1\.1/)
    expect(await rcpt(demo, 'sales@ldap.test')).toMatch(/^550 5\.1\.1/)
    expect(await rcpt(demo, 'shop@ldap.test')).toMatch(/^250/)
    expect((await done(admin, 'GET', '/accounts/ann@ldap.test')).displayName).toBe('Ann Cole')
    await eventually(async () => expect(await alarms(admin)).not.toContain('directory-sync ldap.test'))

    // Half of them gone at once is more likely a mistake: nothing is done until somebody says that it is right.
    slapd.change(`${removal('cora')}\n${removal('fred')}\n`)
    const stopped = await sync(admin, second.syncedAt)
    expect(stopped.problem).toMatch(/2 of 4 copied accounts/)
    expect(await rcpt(demo, 'cora@ldap.test')).toMatch(/^250/)
    const third = await sync(admin, second.syncedAt, true)
    expect(third).toMatchObject({ problem: null, result: { removed: { accounts: 2 } } })
    expect(await rcpt(demo, 'cora@ldap.test')).toMatch(/^550 5\.1\.1/)
    expect(await accounts()).toEqual(['ann@ldap.test ldap', 'ben@ldap.test ldap', 'emil@ldap.test own'])

    // All of it at the command line, too.
    const typed = (...args: readonly string[]) =>
      mailkeep(['domain', ...args], { env: { MAILKEEP_DATA: demo.data }, stdin: `${slapd.reader.password}\n` })
    const ldap = ['ldap', '--url', slapd.url, '--base', `ou=people,${BASE}`, '--bind-dn', slapd.reader.dn]
    const plain = await typed('source', 'ldap.test', ...ldap, '--keep-password')
    expect([plain.code, plain.stderr]).toEqual([2, expect.stringContaining('password')])
    expect(await typed('source', 'ldap.test', ...ldap, '--password-stdin')).toMatchObject({ code: 0, stderr: '' })
    const copied = await typed('sync', 'ldap.test', '--json')
    expect(copied.code).toBe(0)
    expect(copied.json()).toMatchObject({ found: { accounts: 2, groups: 0 }, removed: { accounts: 0, groups: 1 } })
    const again = await typed('sync', 'ldap.test')
    expect([again.code, again.stdout]).toEqual([0, expect.stringContaining('has 2 accounts, 1 alias, 0 groups')])
    expect((await typed('list')).stdout).toMatch(/ldap\.test +3 +maildir +ldap/)
    expect((await typed('sync', 'mailkeep.test')).code).toBe(1)
  } finally {
    await slapd.stop()
  }
})

interface Shown {
  readonly syncedAt: string | null
  readonly underWayUntil: string | null
  readonly problem: string | null
  readonly result: object | null
}

const alarms = async (admin: HttpClient): Promise<string[]> => {
  const { items } = await done(admin, 'GET', '/alarms')
  return (items as { kind: string; subject: string; state: string }[])
    .filter(({ state }) => state !== 'over')
    .map(({ kind, subject }) => `${kind} ${subject}`)
}

/** Until a copy has been made since `before`, or has failed. */
const settled = (admin: HttpClient, before: string | null): Promise<Shown> =>
  eventually(async () => {
    const shown = (await done(admin, 'GET', '/domains/ldap.test/directory')) as unknown as Shown & { dueAt: string }
    expect(shown.underWayUntil).toBeNull()
    expect(shown.syncedAt !== before || shown.problem !== null).toBe(true)
    expect(Date.parse(shown.dueAt)).toBeGreaterThan(Date.now())
    return shown
  })

const sync = async (admin: HttpClient, before: string | null, acceptRemovals = false): Promise<Shown> => {
  await done(admin, 'POST', '/domains/ldap.test/directory/sync', { acceptRemovals })
  return settled(admin, before)
}
