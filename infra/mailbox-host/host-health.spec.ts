import { expect, it } from 'vitest'
import { HostHealth } from './host-health.ts'

const gone = { code: 451, enhancedCode: '4.4.1', text: 'gone' }

const started = () => {
  let now = 0
  const health = new HostHealth(() => now)
  return { health, pass: (milliseconds: number) => (now += milliseconds) }
}

it('a host is up until it can not be used', () => {
  const { health } = started()
  const [one, other] = [health.ask()!, health.ask()!]
  expect(health.state).toBe('up')
  health.report(one, null)
  health.report(other, gone)
  expect(health.state).toBe('away')
  expect(health.ask()).toBeNull()
  expect(health.away).toEqual(gone)
})

it('one at a time looks whether it is back, after longer and longer times', () => {
  const { health, pass } = started()
  health.report(health.ask()!, gone)
  for (const wait of [1_000, 2_000, 4_000, 8_000, 15_000, 30_000, 30_000]) {
    pass(wait - 1)
    expect(health.state).toBe('away')
    pass(1)
    expect(health.state).toBe('probe')
    const probe = health.ask()!
    expect(probe).toEqual({ probe: true })
    expect(health.ask()).toBeNull()
    expect(health.state).toBe('away')
    health.report(probe, gone)
  }
  pass(30_000)
  health.report(health.ask()!, null)
  expect(health.state).toBe('up')
  expect(health.ask()).toEqual({ probe: false })
})

it('a hundred that fail at once count as one', () => {
  const { health, pass } = started()
  const all = Array.from({ length: 100 }, () => health.ask()!)
  for (const each of all) health.report(each, gone)
  pass(1_000)
  expect(health.state).toBe('probe')
})

it('a person needs not wait for the time, only for a probe that is under way', () => {
  const { health } = started()
  health.report(health.ask()!, gone)
  const probe = health.ask({ now: true })!
  expect(health.ask({ now: true })).toBeNull()
  health.report(probe, null)
  expect(health.state).toBe('up')
})
