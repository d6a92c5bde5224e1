import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MINUTE, SECOND } from '../kernel/instant.ts'
import { failedAt, faresWell, stateOf } from './back-off.ts'
import { betterThanUs, destinationKey, inOrder } from './exchangers.ts'
import { begunAt, mayBegin, noneYet } from './rate.ts'

const SEED = 20_261_124
const NOW = 1_767_225_600_000

describe('back-off', () => {
  it('leaves a destination alone for longer each time, then lets one look', () => {
    const pauses: number[] = []
    let [backOff, now] = [faresWell, NOW]
    for (let failure = 0; failure < 9; failure++) {
      backOff = failedAt(backOff, now)
      pauses.push(backOff.until - now)
      expect(stateOf(backOff, backOff.until - 1)).toBe(failure < 2 ? 'rests' : 'away')
      expect(stateOf(backOff, backOff.until)).toBe('probe')
      now = backOff.until
    }
    expect(pauses).toEqual([5, 15, 30, 60, 120, 300, 600, 600, 600].map((seconds) => seconds * SECOND))
  })

  it('takes connections that fail together for one failure', () => {
    const once = failedAt(faresWell, NOW)
    expect(failedAt(failedAt(once, NOW + 1), NOW + 4_999)).toEqual(once)
  })

  it('does not last for ever when the clock is put back', () => {
    expect(stateOf(failedAt(faresWell, NOW), NOW - 24 * 60 * MINUTE)).toBe('probe')
  })
})

it('a rate is never exceeded in any minute, and never holds back for longer than one', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 20 }),
      fc.array(fc.integer({ min: 0, max: 20 * SECOND }), { maxLength: 150 }),
      (perMinute, gaps) => {
        const begun: number[] = []
        let [rate, now] = [noneYet, NOW]
        for (const gap of gaps) {
          now += gap
          const may = mayBegin(rate, perMinute, now)
          const lately = begun.filter((at) => at > now - MINUTE).length
          // By the second: it may hold back a little longer than it must, never let one too many go.
          const longer = begun.filter((at) => at > now - MINUTE - 2 * SECOND).length
          expect(may ? lately < perMinute : longer >= perMinute).toBe(true)
          if (may) {
            begun.push(now)
            rate = begunAt(rate, now)
          }
          expect(rate.seconds.length).toBeLessThanOrEqual(62)
        }
      },
    ),
    { seed: SEED, numRuns: 200 },
  )
})

describe('exchangers', () => {
  const hosts = [
    { name: 'c', preference: 20 },
    { name: 'a', preference: 10 },
    { name: 'b', preference: 10 },
  ]

  it('are tried by preference, equal ones by chance', () => {
    const orders = new Set<string>()
    for (const chance of [0.1, 0.9]) {
      let turn = 0
      orders.add(
        inOrder(hosts, () => [0.5, chance, 0.5][turn++] ?? 0)
          .map(({ name }) => name)
          .join(''),
      )
    }
    expect([...orders]).toEqual(['abc', 'bac'])
  })

  it('are ten at most', () => {
    const many = Array.from({ length: 30 }, (_, preference) => ({ name: `mx${preference}`, preference }))
    expect(inOrder(many, () => 0).map(({ name }) => name)).toEqual(many.slice(0, 10).map(({ name }) => name))
  })

  it('that are no better than we are do not get mail from us', () => {
    const named = (us: string): string[] => betterThanUs(hosts, ({ name }) => name === us).map(({ name }) => name)
    expect(named('c')).toEqual(['a', 'b'])
    expect(named('a')).toEqual([])
    expect(named('none')).toEqual(['c', 'a', 'b'])
  })

  it('are one destination in whatever order', () => {
    expect(destinationKey(['b', 'a', 'b'])).toBe(destinationKey(['a', 'b']))
  })
})
