import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { given, happened } from '#test/dsl/projection'
import { directory } from './projection.ts'
import { resolveRecipient } from './resolve.ts'

const domain = happened('domain-example.org', 'DomainAdded', {
  name: 'example.org',
  mailboxHost: 'maildir',
  threshold: null,
  allowListGuard: true,
  subAddressDelimiter: '+',
  postmaster: null,
  recipientSource: 'own',
})
const account = (address: string, roles: readonly string[] = ['user']) => [
  happened('domain-example.org', 'AddressClaimed', { address, source: 'own' }),
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
const forwards = (address: string, to: readonly string[], keepCopy = false) =>
  happened(`account-${address}`, 'ForwardingSet', { forwarding: { to, keepCopy } })
const alias = (address: string, of: string) =>
  happened('domain-example.org', 'AliasAdded', { address, account: of, source: 'own' })
const group = (address: string, members: readonly string[]) =>
  happened('domain-example.org', 'GroupDefined', { address, displayName: '', members, source: 'own' })

type Event = ReturnType<typeof happened>
const resolving = (...events: readonly (Event | readonly Event[])[]) => {
  const view = given(directory, [domain, ...events].flat())
  return (address: string) => resolveRecipient(address, (table, key) => view.get(table, key))
}
const leadsTo = (...events: readonly (Event | readonly Event[])[]) => {
  const resolve = resolving(...people, ...events)
  return (address: string) => {
    const found = resolve(address)
    return found.kind === 'mailboxes'
      ? found.recipients.map(({ mailbox, forward }) =>
          forward === undefined
            ? mailbox
            : `${mailbox} ${forward.as === 'copy' ? 'and' : 'or else'} ${forward.to.join(', ')}`,
        )
      : found.kind
  }
}

const [ANN, BEN, CID] = ['ann@example.org', 'ben@example.org', 'cid@example.org']
const OUT = 'Ann.Lee@outside.net'
const people = [account(ANN, ['user', 'admin']), account(BEN), account(CID)].flat()

describe('an account that forwards', () => {
  test('to addresses here: their mailboxes get the mail, its own only where it keeps a copy', () => {
    expect(leadsTo(forwards(ANN, [BEN, CID]))(ANN)).toEqual([BEN, CID])
    expect(leadsTo(forwards(ANN, [BEN], true))(ANN)).toEqual([ANN, BEN])
    expect(leadsTo(forwards(ANN, [BEN]), alias('a@example.org', ANN))('A+lists@example.org')).toEqual([BEN])
    expect(leadsTo(forwards(ANN, ['Ben+ann@Example.org']))(ANN)).toEqual([BEN])
  })

  test('to an address outside: what of it goes on is said at its mailbox', () => {
    expect(leadsTo(forwards(ANN, [OUT]))(ANN)).toEqual([`${ANN} or else ${OUT}`])
    expect(leadsTo(forwards(ANN, [OUT, BEN], true))(ANN)).toEqual([`${ANN} and ${OUT}`, BEN])
  })

  test('to another one that forwards, or to a group: all the way', () => {
    const resolve = leadsTo(
      forwards(ANN, [BEN]),
      forwards(BEN, ['team@example.org']),
      group('team@example.org', [CID, 'eve@elsewhere.net']),
      forwards(CID, [OUT]),
    )
    expect(resolve(ANN)).toEqual([`${CID} or else ${OUT}`])
    expect(
      resolving(...people, forwards(ANN, ['team@example.org']), group('team@example.org', ['eve@elsewhere.net']))(ANN),
    ).toMatchObject({
      recipients: [],
      outside: [{ member: 'eve@elsewhere.net', group: 'team@example.org' }],
      account: ANN,
    })
  })

  test('in a circle: the last one keeps the mail', () => {
    expect(leadsTo(forwards(ANN, [BEN]), forwards(BEN, [ANN]))(ANN)).toEqual([BEN])
    expect(leadsTo(forwards(ANN, [BEN]), forwards(BEN, [CID]), forwards(CID, [ANN]))(BEN)).toEqual([ANN])
    expect(leadsTo(forwards(ANN, ['all@example.org']), group('all@example.org', [ANN]))(ANN)).toEqual([ANN])
  })

  test('to nobody who is there: it keeps the mail', () => {
    expect(leadsTo(forwards(ANN, ['gone@example.org']))(ANN)).toEqual([ANN])
    expect(leadsTo(forwards(ANN, ['gone@example.org', BEN]))(ANN)).toEqual([BEN])
  })

  test('ten times in a row: where it goes on, the last one keeps the mail', () => {
    const chain = Array.from({ length: 15 }, (_, at) => [
      ...account(`a${at}@example.org`),
      forwards(`a${at}@example.org`, [`a${at + 1}@example.org`]),
    ])
    expect(leadsTo(...chain)('a0@example.org')).toEqual(['a10@example.org'])
    expect(leadsTo(...chain)('a8@example.org')).toEqual(['a14@example.org'])
  })

  test('no longer: its mail stays', () => {
    const ended = happened(`account-${ANN}`, 'ForwardingSet', { forwarding: null })
    expect(leadsTo(forwards(ANN, [BEN]), ended)(ANN)).toEqual([ANN])
  })

  test('as the postmaster too', () => {
    expect(leadsTo(forwards(ANN, [BEN]))('postmaster')).toEqual([BEN])
    expect(leadsTo(forwards(ANN, [OUT]))('postmaster@example.org')).toEqual([`${ANN} or else ${OUT}`])
  })
})

describe('whoever forwards to whomever', () => {
  const accounts = Array.from({ length: 6 }, (_, at) => `a${at}@example.org`)
  const groups = ['g0@example.org', 'g1@example.org']
  const anybody = fc.constantFrom(...accounts, ...groups, 'gone@example.org', 'x@outside.net', 'y@outside.net')
  const world = fc.record({
    forwarding: fc.array(
      fc.record({
        from: fc.constantFrom(...accounts),
        to: fc.uniqueArray(anybody, { minLength: 1, maxLength: 4 }),
        keepCopy: fc.boolean(),
      }),
      { maxLength: 8 },
    ),
    members: fc.tuple(...groups.map(() => fc.uniqueArray(anybody, { minLength: 1, maxLength: 4 }))),
    to: fc.constantFrom(...accounts),
  })

  test('it ends, nobody gets it twice, and it gets to somebody', () => {
    fc.assert(
      fc.property(world, ({ forwarding, members, to }) => {
        const found = resolving(
          ...accounts.map((one) => account(one)),
          ...groups.map((one, at) => group(one, members[at]!)),
          ...forwarding.map((one) => forwards(one.from, one.to, one.keepCopy)),
        )(to)
        if (found.kind !== 'mailboxes') throw new Error(`${to} is ${found.kind}`)
        const mailboxes = found.recipients.map(({ mailbox }) => mailbox)
        expect(new Set(mailboxes).size).toBe(mailboxes.length)
        expect(mailboxes.length + found.outside.length).toBeGreaterThan(0)
        // Whom the mail gets to forwards nowhere else, keeps a copy, or has nobody here to send it on to.
        const last = new Map(forwarding.map((one) => [one.from, one]))
        const keeps = last.get(to)?.keepCopy ?? true
        expect(!keeps || mailboxes.includes(to)).toBe(true)
        for (const { mailbox, forward } of found.recipients) {
          const outside = last.get(mailbox)?.to.filter((one) => one.endsWith('@outside.net')) ?? []
          expect(forward?.to ?? []).toEqual(outside)
        }
        const reached = (last.get(to)?.to ?? []).filter((target) => accounts.includes(target) && !last.has(target))
        expect(mailboxes).toEqual(expect.arrayContaining(reached))
      }),
      { seed: 20_260_101, numRuns: 1_000 },
    )
  })
})
