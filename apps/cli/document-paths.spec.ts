import { expect, it } from 'vitest'
import { changedPaths, withValue } from './document-paths.ts'

it('sets one value at a path and keeps the rest', () => {
  const before = { threshold: 5, scan: { giveUpAfter: 1, retryDelays: [1] } }
  const after = withValue(before, ['scan', 'giveUpAfter'], 2)
  expect(after).toEqual({ threshold: 5, scan: { giveUpAfter: 2, retryDelays: [1] } })
  expect(before.scan.giveUpAfter).toBe(1)
  expect(changedPaths(after, before)).toEqual(['scan.giveUpAfter'])
  expect(withValue({}, ['weights', 'GTUBE'], 9)).toEqual({ weights: { GTUBE: 9 } })
})

it('takes a name of Object.prototype for a name', () => {
  const after = withValue({}, ['__proto__', 'polluted'], true)
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
  expect(Object.keys(after)).toEqual(['__proto__'])
})
