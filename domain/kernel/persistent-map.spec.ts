import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { emptyMap } from './persistent-map.ts'

describe('a persistent map', () => {
  it('is a Map whose earlier versions stay as they were', () => {
    const step = fc.record({ key: fc.string({ maxLength: 3 }), value: fc.option(fc.nat()) })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const model = new Map<string, number>()
        let map = emptyMap<number>()
        for (const { key, value } of steps) {
          const before = [...map.entries()]
          const changed = value === null ? map.without(key) : map.with(key, value)
          expect([...map.entries()]).toEqual(before)
          map = changed
          if (value === null) model.delete(key)
          else model.set(key, value)
          expect(map.get(key)).toBe(model.get(key))
        }
        expect(map.size).toBe(model.size)
        expect(new Map(map.entries())).toEqual(model)
      }),
      { seed: 7, numRuns: 300 },
    )
  })
})
