import { describe, it } from 'vitest'
import { given, story } from '#test/dsl/decider'
import type { Asker } from './asker.ts'
import type { AccountCommand } from './commands.ts'
import { accountDecider } from './decider.ts'
import type { Role } from './events.ts'
import type { Forwarding } from './forwarding.ts'

const ANN = 'ann@example.org'
const asker = (address: string, ...roles: Role[]): Asker => ({ kind: 'account', address, roles })
const domainAdmin = asker('dora@example.org', 'user', 'domain-admin')
const system: Asker = { kind: 'system' }
const account = (...roles: Role[]) =>
  story(accountDecider, [
    {
      kind: 'create-account',
      address: ANN,
      profile: { displayName: 'Ann', timeZone: 'UTC', language: 'en', quota: null },
      roles,
      asker: system,
    },
  ])
const set = (forwarding: Forwarding | null, by: Asker = domainAdmin): AccountCommand => ({
  kind: 'set-forwarding',
  forwarding,
  asker: by,
})
const away = { to: ['Ann.Lee@example.net', 'ben@example.org'], keepCopy: false }

describe('the forwarding of an account', () => {
  it('is set, changed and ended by who administers it; said again it is no news', () => {
    const before = account('user')
    given(accountDecider, before)
      .when(set(away))
      .thenEvents([{ type: 'ForwardingSet', data: { forwarding: away } }])
    const now = story(accountDecider, [set(away)], before)
    given(accountDecider, now).when(set(away)).thenNothing()
    given(accountDecider, now)
      .when(set({ ...away, keepCopy: true }))
      .thenEvents([{ type: 'ForwardingSet', data: { forwarding: { ...away, keepCopy: true } } }])
    given(accountDecider, now)
      .when(set(null))
      .thenEvents([{ type: 'ForwardingSet', data: { forwarding: null } }])
    given(accountDecider, before).when(set(null)).thenNothing()
  })

  it('is nothing that one sets oneself: whoever has the password would have the mail for ever', () => {
    given(accountDecider, account('user'))
      .when(set(away, asker(ANN, 'user')))
      .thenDeclined('forbidden')
    given(accountDecider, account('user'))
      .when(set(away, asker('dirk@example.net', 'user', 'domain-admin')))
      .thenDeclined('forbidden')
    given(accountDecider, account('user', 'admin')).when(set(away)).thenDeclined('forbidden')
  })

  it('names each address once, its local part as given', () => {
    given(accountDecider, account('user'))
      .when(set({ to: ['X@Example.NET', 'x@example.net', '"ben"@bücher.example'], keepCopy: true }))
      .thenEvents([
        {
          type: 'ForwardingSet',
          data: { forwarding: { to: ['X@example.net', 'ben@xn--bcher-kva.example'], keepCopy: true } },
        },
      ])
  })

  it('leads to somebody else, to ten addresses at most', () => {
    const ofAnn = account('user')
    given(accountDecider, ofAnn)
      .when(set({ to: ['ANN@example.org'], keepCopy: true }))
      .thenDeclined('invalid', /itself/)
    given(accountDecider, ofAnn)
      .when(set({ to: [], keepCopy: true }))
      .thenDeclined('invalid', /at least one/)
    given(accountDecider, ofAnn)
      .when(set({ to: ['nobody'], keepCopy: true }))
      .thenDeclined('invalid', /"nobody" is no address/)
    const eleven = Array.from({ length: 11 }, (_, at) => `x${at}@example.net`)
    given(accountDecider, ofAnn)
      .when(set({ to: eleven, keepCopy: true }))
      .thenDeclined('over-limit', /at most 10/)
    given(accountDecider, ofAnn)
      .when(set({ to: eleven.slice(1), keepCopy: true }))
      .thenTypes(['ForwardingSet'])
  })
})
