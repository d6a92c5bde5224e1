import { expect, it } from 'vitest'
import { Scanners } from './scanners.ts'

it('knows who is away, and why, until they answer', () => {
  const scanners = new Scanners()
  expect(scanners.haveAnswered()).toBe(false)
  scanners.heard('clamd', 'connection refused')
  expect([...scanners.away()]).toEqual([['clamd', 'connection refused']])
  expect(scanners.haveAnswered()).toBe(false)
  scanners.heard('clamd', null)
  expect([...scanners.away()]).toEqual([])
  expect(scanners.haveAnswered()).toBe(true)
})
