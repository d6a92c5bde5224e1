import { expect, it } from 'vitest'
import { fold } from '#domain/kernel/decider'
import { DAY } from '#domain/kernel/instant'
import { given, story } from '#test/dsl/decider'
import type { HostedDomainCommand } from './commands.ts'
import { hostedDomainDecider } from './decider.ts'
import { holdingKeys, signingKey } from './srs-keys.ts'

const AT = 1_767_225_600_000
const key = (letter: string) => `sealed:1:${letter.repeat(16)}:${letter.repeat(30)}`
const add = (id: string, now: number): HostedDomainCommand => ({
  kind: 'add-srs-key',
  id,
  key: key(id),
  now,
})
const hosted = story(hostedDomainDecider, [{ kind: 'add-domain', name: 'example.org', settings: {} }])
const keysAfter = (...commands: HostedDomainCommand[]) =>
  fold(hostedDomainDecider, story(hostedDomainDecider, commands, hosted))?.srsKeys ?? []
const ids = (keys: readonly { id: string }[]) => keys.map(({ id }) => id)

it('a key is made when there is none, and of two that are made at once one is taken', () => {
  given(hostedDomainDecider, hosted)
    .when(add('a', AT))
    .thenEvents([{ type: 'SrsKeyAdded', data: { id: 'a', key: key('a'), at: AT } }])
  const with1 = story(hostedDomainDecider, [add('a', AT)], hosted)
  given(hostedDomainDecider, with1).when(add('a', AT)).thenNothing()
  given(hostedDomainDecider, with1)
    .when(add('b', AT + 29 * DAY))
    .thenNothing()
  given(hostedDomainDecider, with1)
    .when(add('b', AT + 30 * DAY))
    .thenTypes(['SrsKeyAdded'])
  given(hostedDomainDecider, []).when(add('a', AT)).thenDeclined('not-found')
})

it('the newest signs for thirty days; what it signed holds for thirty more', () => {
  const keys = keysAfter(add('a', AT), add('b', AT + 30 * DAY))
  expect(signingKey(keys, AT + 59 * DAY)?.id).toBe('b')
  expect(signingKey(keys, AT + 60 * DAY)).toBeNull()
  expect(ids(holdingKeys(keys, AT + 59 * DAY))).toEqual(['b', 'a'])
  expect(ids(holdingKeys(keys, AT + 60 * DAY))).toEqual(['b'])
  // Nobody forwarded anything for a year: the last one still answers for itself.
  expect(ids(holdingKeys(keys, AT + 400 * DAY))).toEqual(['b'])
})

it('keys that hold no more are forgotten', () => {
  const keys = keysAfter(...['a', 'b', 'c', 'd'].map((id, turn) => add(id, AT + turn * 30 * DAY)))
  expect(ids(keys)).toEqual(['b', 'c', 'd'])
  expect(ids(holdingKeys(keys, AT + 95 * DAY))).toEqual(['d', 'c'])
})
