import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fold, isDeclined } from '#domain/kernel/decider'
import { given, story } from '#test/dsl/decider'
import type { HostedDomainCommand } from './commands.ts'
import { hostedDomainDecider as domains } from './decider.ts'
import { planDirectory, tooMuchVanishes, type DirectoryEntry, type DirectoryPlan } from './directory-plan.ts'
import type { HostedDomainEvent } from './events.ts'

const DOMAIN = 'example.org'
const at = (local: string) => `${local}@${DOMAIN}`
const source = {
  kind: 'ldap',
  url: 'ldap://127.0.0.1',
  startTls: false,
  verifyCertificate: true,
  bindDn: '',
  password: null,
  base: 'dc=test',
  userFilter: '(objectClass=user)',
  groupFilter: '(objectClass=group)',
} as const
const added: HostedDomainCommand = { kind: 'add-domain', name: DOMAIN, settings: { recipientSource: source } }
const person = (local: string, aliases: readonly string[] = [], displayName = local): DirectoryEntry => ({
  kind: 'account',
  address: at(local),
  displayName,
  aliases: aliases.map(at),
})
const group = (local: string, members: readonly string[]): DirectoryEntry => ({
  kind: 'group',
  address: at(local),
  displayName: local,
  members: members.map(at),
})

type Accounts = ReadonlyMap<string, { displayName: string; source: 'own' | 'ldap' }>

/** Does what a plan says, as the steward does. */
const carriedOut = (
  events: readonly HostedDomainEvent[],
  accounts: Accounts,
  plan: DirectoryPlan,
): { events: readonly HostedDomainEvent[]; accounts: Accounts } => {
  const after = new Map(accounts)
  for (const address of plan.leaving) after.delete(address)
  for (const { address, displayName } of [...plan.joining, ...plan.renamed])
    after.set(address, { displayName, source: 'ldap' })
  const commands: HostedDomainCommand[] = [
    { kind: 'withdraw-addresses', addresses: plan.withdrawn },
    { kind: 'adopt-addresses', accounts: plan.claimed, aliases: [] },
    { kind: 'adopt-addresses', accounts: [], aliases: plan.aliases },
    ...plan.groups.map(({ kind: _kind, ...rest }) => ({
      kind: 'define-group' as const,
      ...rest,
      source: 'ldap' as const,
    })),
  ]
  return { events: story(domains, commands, events), accounts: after }
}

const planned = (events: readonly HostedDomainEvent[], accounts: Accounts, entries: readonly DirectoryEntry[]) => {
  const state = fold(domains, events)
  if (state === null) throw new Error('not hosted')
  return planDirectory({ domain: DOMAIN, addresses: state.addresses, accounts }, entries)
}

describe('the copy of a directory', () => {
  const hosted = story(domains, [added, { kind: 'claim-address', address: at('own') }])
  const own: Accounts = new Map([[at('own'), { displayName: 'Own', source: 'own' }]])

  it('makes what is there, and leaves what was made here', () => {
    const plan = planned(hosted, own, [
      person('ann', ['a', 'own']),
      person('own', ['o']),
      group('team', ['ann']),
      group('empty', []),
      person('a/b'),
    ])
    expect(plan).toMatchObject({
      claimed: [at('ann')],
      joining: [{ address: at('ann') }],
      aliases: [{ address: at('a'), account: at('ann') }],
      groups: [{ address: at('team') }],
      withdrawn: [],
      leaving: [],
      found: { accounts: 1, aliases: 1, groups: 1 },
      left: 3,
    })
  })

  it('takes away what was copied and is gone, an account with its aliases', () => {
    const first = carriedOut(
      hosted,
      own,
      planned(hosted, own, [person('ann', ['a']), person('ben'), group('g', ['ann'])]),
    )
    const plan = planned(first.events, first.accounts, [person('ben', [], 'Benjamin')])
    expect(plan).toMatchObject({
      leaving: [at('ann')],
      removed: { accounts: 1, aliases: 1, groups: 1 },
      renamed: [{ address: at('ben'), displayName: 'Benjamin' }],
      copied: 2,
    })
    given(domains, first.events)
      .when({ kind: 'withdraw-addresses', addresses: [at('ann'), at('own'), at('nobody')] })
      .thenEvents([
        { type: 'AliasRemoved', data: { address: at('a') } },
        { type: 'AddressReleased', data: { address: at('ann') } },
      ])
  })

  it('makes the account whose address was claimed when it was interrupted', () => {
    const claimed = story(domains, [{ kind: 'adopt-addresses', accounts: [at('ann')], aliases: [] }], hosted)
    expect(planned(claimed, own, [person('ann')])).toMatchObject({ claimed: [], joining: [{ address: at('ann') }] })
  })

  it('stops where more vanish than may', () => {
    const vanishing = (leaving: number, copied: number) =>
      tooMuchVanishes(
        DOMAIN,
        { ...planned(hosted, own, []), leaving: Array.from({ length: leaving }, (_, n) => at(`p${n}`)), copied },
        0.2,
      )
    expect(vanishing(20, 100)).toBeNull()
    expect(vanishing(21, 100)).toContain('21 of 100')
    expect(vanishing(1, 1)).toContain('1 of 1')
    expect(vanishing(0, 0)).toBeNull()
  })

  it('once made is the same, whatever the directory was and is: a second copy has nothing to do', () => {
    const local = fc.constantFrom('ann', 'ben', 'own', 'c', 'd', 'e')
    const locals = fc.uniqueArray(local, { maxLength: 3 })
    const entries = fc.array(
      fc.oneof(
        fc.tuple(local, locals, fc.constantFrom('x', 'y')).map(([one, aliases, name]) => person(one, aliases, name)),
        fc.tuple(local, locals).map(([one, members]) =>
          group(
            one,
            members.filter((member) => member !== one),
          ),
        ),
      ),
      { maxLength: 6 },
    )
    fc.assert(
      fc.property(fc.array(entries, { minLength: 1, maxLength: 4 }), (directories) => {
        let now: { events: readonly HostedDomainEvent[]; accounts: Accounts } = { events: hosted, accounts: own }
        for (const directory of directories) {
          now = carriedOut(now.events, now.accounts, planned(now.events, now.accounts, directory))
          const again = planned(now.events, now.accounts, directory)
          expect([again.leaving, again.withdrawn, again.claimed, again.joining, again.renamed]).toEqual([
            [],
            [],
            [],
            [],
            [],
          ])
          expect([again.aliases, again.groups]).toEqual([[], []])
          expect(fold(domains, now.events)?.addresses.get(at('own'))).toEqual({ kind: 'account', source: 'own' })
        }
      }),
      { seed: 11, numRuns: 300 },
    )
  })
})

describe('a copy under way', () => {
  const hosted = story(domains, [added])
  const start = (now: number): HostedDomainCommand => ({ kind: 'start-sync', now, leaseUntil: now + 100 })
  const fail: HostedDomainCommand = { kind: 'fail-sync', reason: 'away', nextAt: 500 }

  it('is asked for once, made by one node at a time, and ends', () => {
    const request = { kind: 'request-sync', acceptRemovals: false } as const
    given(domains, hosted).when(request).thenTypes(['DirectorySyncRequested'])
    given(domains, story(domains, [request], hosted))
      .when(request)
      .thenNothing()
    given(domains, story(domains, [request], hosted))
      .when({ ...request, acceptRemovals: true })
      .thenTypes(['DirectorySyncRequested'])
    const begun = story(domains, [request, start(1_000)], hosted)
    given(domains, begun).when(start(1_050)).thenDeclined('conflict')
    given(domains, begun).when(start(1_100)).thenTypes(['DirectorySyncStarted'])
    given(domains, hosted).when(fail).thenDeclined('conflict')
    expect(fold(domains, story(domains, [fail], begun))?.sync).toEqual({
      requested: null,
      leaseUntil: null,
      nextAt: 500,
    })
  })

  it('needs an LDAP directory; asking by RCPT needs a mailbox host', () => {
    const plain = story(domains, [{ kind: 'add-domain', name: DOMAIN, settings: {} }])
    expect(isDeclined(domains.decide({ kind: 'request-sync', acceptRemovals: false }, fold(domains, plain)))).toBe(true)
    given(domains, plain).when(start(1)).thenDeclined('conflict')
    const rcpt: HostedDomainCommand = { kind: 'change-domain', changes: { recipientSource: 'rcpt' } }
    given(domains, plain)
      .when(rcpt)
      .thenDeclined('invalid', /mailboxHost/)
    const elsewhere = story(
      domains,
      [{ kind: 'change-domain', changes: { mailboxHost: 'lmtp://127.0.0.1' } }, rcpt],
      plain,
    )
    given(domains, elsewhere)
      .when({ kind: 'change-domain', changes: { mailboxHost: 'maildir' } })
      .thenDeclined('invalid', /recipientSource/)
    given(domains, hosted)
      .when({ kind: 'change-domain', changes: { recipientSource: { ...source } } })
      .thenNothing()
  })
})
