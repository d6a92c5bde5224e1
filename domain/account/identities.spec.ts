import { assert, boolean, constantFrom, infiniteStream, property, tuple } from 'fast-check'
import { expect, it } from 'vitest'
import { maySendAs, type AddressLookup } from './identities.ts'

const ANN = 'ann@one.test'
const owners: Readonly<Record<string, ReturnType<AddressLookup['owner']>>> = {
  'ann@one.test': { kind: 'account', target: ANN },
  'a.lee@one.test': { kind: 'alias', target: ANN },
  'ann@xn--bcher-kva.test': { kind: 'alias', target: ANN },
  'ann+ben@one.test': { kind: 'account', target: 'ann+ben@one.test' },
  'ben@one.test': { kind: 'account', target: 'ben@one.test' },
  'b@one.test': { kind: 'alias', target: 'ben@one.test' },
  'staff@one.test': { kind: 'group', target: 'staff@one.test' },
}
const delimiters: Readonly<Record<string, string>> = { 'one.test': '+', 'xn--bcher-kva.test': '', 'dash.test': '-' }
const lookup: AddressLookup = {
  owner: (address) => owners[address] ?? null,
  delimiter: (domain) => delimiters[domain] ?? null,
}
const account = { address: ANN, sendAs: ['sales@one.test', 'ann@dash.test'] }
const may = (address: string): boolean => maySendAs(account, address, lookup)

it.each([
  'ann@one.test',
  'Ann@ONE.test',
  '"ann"@one.test',
  'a.lee@one.test',
  'ann+lists@one.test',
  'A.Lee+x@one.test',
  'ann@bücher.test',
  'ann@BÜCHER.test',
  'sales@one.test',
  'Sales@one.test',
])('ann may send as %s', (address) => expect(may(address)).toBe(true))

it.each([
  'ben@one.test',
  'b@one.test',
  'ben+ann@one.test',
  'staff@one.test',
  'ann+ben@one.test',
  'ann+x@bücher.test',
  'sales+x@one.test',
  'ann-x@dash.test',
  'ann@two.test',
  'ann',
  '',
  'ann@one.test, ben@one.test',
  'ann@one.test\r\nben@one.test',
  'ann\u0000@one.test',
])('ann may not send as %s', (address) => expect(may(address)).toBe(false))

it('what belongs to somebody else exactly is never her own, whatever its case', () => {
  const others = Object.entries(owners).flatMap(([address, owner]) => (owner?.target === ANN ? [] : [address]))
  const recased = tuple(constantFrom(...others), infiniteStream(boolean())).map(([address, flips]) =>
    [...address].map((letter) => (flips.next().value === true ? letter.toUpperCase() : letter)).join(''),
  )
  assert(
    property(recased, (address) => {
      expect(may(address)).toBe(false)
    }),
    { seed: 5 },
  )
})
