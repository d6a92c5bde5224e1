import { describe, expect, it } from 'vitest'
import { fold } from '#domain/kernel/decider'
import { given, story } from '#test/dsl/decider'
import type { HostedDomainCommand } from './commands.ts'
import { hostedDomainDecider as domains } from './decider.ts'
import { defaultDomainSettings } from './state.ts'

const add = (
  name = 'example.org',
  settings: Extract<HostedDomainCommand, { kind: 'add-domain' }>['settings'] = {},
): HostedDomainCommand => ({
  kind: 'add-domain',
  name,
  settings,
})
const claim = (address: string): HostedDomainCommand => ({ kind: 'claim-address', address })
const alias = (address: string, account = 'ann@example.org'): HostedDomainCommand => ({
  kind: 'add-alias',
  address,
  account,
})
const group = (address: string, members: readonly string[], displayName = 'Team'): HostedDomainCommand => ({
  kind: 'define-group',
  address,
  displayName,
  members,
})
const hosted = story(domains, [add()])
const peopled = story(
  domains,
  [claim('ann@example.org'), alias('a.lee@example.org'), group('team@example.org', ['ann@example.org'])],
  hosted,
)

describe('a hosted domain', () => {
  it('is added in lower-case A-labels with default settings, once', () => {
    given(domains, [])
      .when(add('Bücher.Example'))
      .thenEvents([{ type: 'DomainAdded', data: { name: 'xn--bcher-kva.example', ...defaultDomainSettings } }])
    given(domains, hosted).when(add()).thenNothing()
    given(domains, hosted)
      .when(add('example.org', { threshold: 7 }))
      .thenDeclined('conflict')
    for (const name of ['', 'a_b.example', 'exa mple', '-a.org', '192.0.2.1', 'a@b.org'])
      given(domains, []).when(add(name)).thenDeclined('invalid')
  })

  it('changes what differs, and names what is wrong', () => {
    given(domains, hosted)
      .when({ kind: 'change-domain', changes: { threshold: 7, allowListGuard: true } })
      .thenEvents([{ type: 'DomainChanged', data: { threshold: 7 } }])
    given(domains, hosted)
      .when({ kind: 'change-domain', changes: { allowListGuard: true } })
      .thenNothing()
    given(domains, hosted)
      .when({ kind: 'change-domain', changes: { threshold: -1, subAddressDelimiter: '++' } })
      .thenDeclined('invalid', /threshold.*subAddressDelimiter/)
    given(domains, hosted)
      .when({ kind: 'change-domain', changes: { mailboxHost: 'dovecot' } })
      .thenDeclined('invalid', /mailboxHost: expected/)
    given(domains, [])
      .when(add('example.org', { mailboxHost: 'dovecot' }))
      .thenDeclined('invalid', /mailboxHost/)
    const changed = story(
      domains,
      [
        { kind: 'change-domain', changes: { threshold: 7, postmaster: 'ann@example.org' } },
        { kind: 'change-domain', changes: { threshold: null } },
      ],
      hosted,
    )
    expect(fold(domains, changed)?.settings).toEqual({ ...defaultDomainSettings, postmaster: 'ann@example.org' })
  })

  it('is removed only when nobody lives there', () => {
    given(domains, peopled)
      .when({ kind: 'remove-domain' })
      .thenDeclined('conflict', /3 addresses/)
    given(domains, hosted).when({ kind: 'remove-domain' }).thenTypes(['DomainRemoved'])
    given(domains, story(domains, [{ kind: 'remove-domain' }], hosted))
      .when(claim('ann@example.org'))
      .thenDeclined('not-found')
  })
})

describe('an address', () => {
  it('has one owner', () => {
    given(domains, hosted)
      .when(claim('Ann@Example.org'))
      .thenEvents([{ type: 'AddressClaimed', data: { address: 'ann@example.org', source: 'own' } }])
    given(domains, peopled).when(claim('ANN@example.org')).thenNothing()
    given(domains, peopled)
      .when(claim('a.lee@example.org'))
      .thenDeclined('conflict', /alias of ann@/)
    given(domains, peopled)
      .when(claim('team@example.org'))
      .thenDeclined('conflict', /a group/)
    given(domains, peopled)
      .when(alias('ann@example.org'))
      .thenDeclined('conflict', /an account/)
    given(domains, peopled)
      .when(group('ann@example.org', ['b@example.org']))
      .thenDeclined('conflict')
  })

  it('is of this domain and fit to be a folder', () => {
    for (const address of ['ann@example.net', 'ann', '"a b"@example.org', 'a/b@example.org', '../x@example.org'])
      given(domains, hosted).when(claim(address)).thenDeclined('invalid')
  })

  it('leaves with its aliases', () => {
    given(domains, peopled)
      .when({ kind: 'release-address', address: 'ann@example.org' })
      .thenEvents([
        { type: 'AliasRemoved', data: { address: 'a.lee@example.org' } },
        { type: 'AddressReleased', data: { address: 'ann@example.org' } },
      ])
    given(domains, peopled).when({ kind: 'release-address', address: 'team@example.org' }).thenDeclined('conflict')
    given(domains, hosted).when({ kind: 'release-address', address: 'ann@example.org' }).thenNothing()
  })
})

describe('an alias', () => {
  it('stands for an account, also one of another domain', () => {
    given(domains, peopled).when(alias('ann.lee@example.org')).thenTypes(['AliasAdded'])
    given(domains, peopled).when(alias('a.lee@example.org')).thenNothing()
    given(domains, peopled).when(alias('x@example.org', 'eve@example.org')).thenDeclined('not-found')
    given(domains, peopled).when(alias('x@example.org', 'team@example.org')).thenDeclined('not-found')
    given(domains, peopled).when(alias('x@example.org', 'ben@example.net')).thenTypes(['AliasAdded'])
    given(domains, peopled).when({ kind: 'remove-alias', address: 'a.lee@example.org' }).thenTypes(['AliasRemoved'])
    given(domains, peopled).when({ kind: 'remove-alias', address: 'none@example.org' }).thenNothing()
  })
})

describe('a group', () => {
  it('has members, each once, and not itself', () => {
    given(domains, peopled)
      .when(group('All@example.org', ['Ann@example.org', 'ann@example.org', 'ben@example.net']))
      .thenEvents([
        {
          type: 'GroupDefined',
          data: {
            address: 'all@example.org',
            displayName: 'Team',
            members: ['ann@example.org', 'ben@example.net'],
            source: 'own',
          },
        },
      ])
    given(domains, hosted).when(group('team@example.org', [])).thenDeclined('invalid')
    given(domains, hosted)
      .when(group('team@example.org', ['TEAM@example.org']))
      .thenDeclined('invalid')
    given(domains, hosted)
      .when(group('team@example.org', ['nobody']))
      .thenDeclined('invalid', /nobody/)
  })

  it('takes in who exists in its own domain, and keeps who is gone', () => {
    const known = ['ann+lists@example.org', 'a.lee@example.org', 'team@example.org', 'postmaster@example.org']
    given(domains, peopled).when(group('all@example.org', known)).thenTypes(['GroupDefined'])
    given(domains, peopled)
      .when(group('all@example.org', ['ann@example.org', 'eve@example.org']))
      .thenDeclined('invalid', /eve@example\.org/)
    const left = story(domains, [{ kind: 'release-address', address: 'ann@example.org' }], peopled)
    given(domains, left)
      .when(group('team@example.org', ['ann@example.org'], 'Once ann'))
      .thenTypes(['GroupDefined'])
    given(domains, left)
      .when(group('all@example.org', ['ann@example.org']))
      .thenDeclined('invalid', /ann@/)
  })

  it('changes, and stays as it is without an event', () => {
    given(domains, peopled)
      .when(group('team@example.org', ['ann@example.org']))
      .thenNothing()
    given(domains, peopled)
      .when(group('team@example.org', ['ann@example.org'], 'The team'))
      .thenTypes(['GroupDefined'])
    given(domains, peopled).when({ kind: 'remove-group', address: 'team@example.org' }).thenTypes(['GroupRemoved'])
  })

  it('is bounded in members and in length, so that its event fits the log', () => {
    const many = (count: number, length: number) =>
      Array.from({ length: count }, (_, at) => `${String(at).padStart(length, 'a')}@example.net`)
    given(domains, hosted)
      .when(group('team@example.org', many(5_001, 6)))
      .thenDeclined('over-limit')
    given(domains, hosted)
      .when(group('team@example.org', many(5_000, 60)))
      .thenDeclined('over-limit')
    given(domains, hosted)
      .when(group('team@example.org', many(5_000, 30)))
      .thenTypes(['GroupDefined'])
  })
})
