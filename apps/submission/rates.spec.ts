import { array, assert, nat, property } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MINUTE, SECOND } from '#domain/kernel/instant'
import { policyDocument } from '#domain/policy/documents'
import { SlidingRates } from './rates.ts'

const NOON = 1_767_225_600_000
const policy = policyDocument('submission', {
  perMinute: { connections: 2, mails: 3, recipients: 5 },
  perMinuteAndAddress: { connections: 3, mails: 4, recipients: 9 },
})
const rates = (isExempt: (address: string) => boolean = () => false) =>
  new SlidingRates({ policy: () => policy, isExempt })
const ann = { account: 'ann@one.test', clientAddress: '192.0.2.1' }

describe('rates of submission', () => {
  it('let so many pass in any minute, and say when the next one may', () => {
    const some = rates()
    for (const at of [0, 10, 20]) expect(some.take('mails', ann, NOON + at * SECOND)).toEqual({ kind: 'within' })
    expect(some.take('mails', ann, NOON + 30 * SECOND)).toEqual({
      kind: 'over',
      limit: '3 mails a minute from ann@one.test',
      freeAt: NOON + MINUTE,
    })
    expect(some.take('mails', ann, NOON + MINUTE)).toEqual({ kind: 'within' })
    expect(some.take('mails', ann, NOON + MINUTE + 1)).toMatchObject({ kind: 'over', freeAt: NOON + 70 * SECOND })
  })

  it('count what comes from one address over all accounts, an IPv6 customer as one, exempt networks not at all', () => {
    const from = (clientAddress: string, who: number) => ({ account: `u${who}@one.test`, clientAddress })
    const some = rates((address) => address === '127.0.0.1')
    for (const who of [1, 2, 3])
      expect(some.take('connections', from(`2001:db8:1:2::${who}`, who), NOON).kind).toBe('within')
    expect(some.take('connections', from('2001:db8:1:2:ff::1', 4), NOON)).toMatchObject({
      kind: 'over',
      limit: '3 connections a minute from 2001:db8:1:2::/64',
    })
    expect(some.take('connections', from('2001:db8:1:3::1', 4), NOON).kind).toBe('within')
    for (let who = 10; who < 30; who++)
      expect(some.take('connections', from('127.0.0.1', who), NOON).kind).toBe('within')
  })

  it('do what a list of all times would do', () => {
    assert(
      property(array(nat({ max: 25_000 }), { maxLength: 200 }), (gaps) => {
        const some = rates(() => true)
        const passed: number[] = []
        let now = NOON
        for (const gap of gaps) {
          now += gap
          const inside = passed.filter((at) => at > now - MINUTE)
          const within = inside.length < 5
          const limit = '5 recipients a minute from ann@one.test'
          expect(some.take('recipients', ann, now)).toEqual(
            within ? { kind: 'within' } : { kind: 'over', limit, freeAt: (inside.at(-5) ?? 0) + MINUTE },
          )
          if (within) passed.push(now)
        }
      }),
      { seed: 20_261_124, numRuns: 200 },
    )
  })
})
