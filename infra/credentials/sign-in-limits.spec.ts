import { describe, expect, it } from 'vitest'
import { SignInLimits } from './sign-in-limits.ts'

const ANN = 'ann@one.test'

describe('sign-in limits', () => {
  const limit = { perAccount: 3, perAddress: 5, window: 1_000 }
  const fails = (limits: SignInLimits, account: string, from: string, now: number) =>
    'retryAfter' in limits.begin(account, from, now, limit)

  it('slide: the oldest failure makes room when it is old enough', () => {
    const limits = new SignInLimits()
    expect([0, 100, 200, 300].map((now) => fails(limits, ANN, '192.0.2.1', now))).toEqual([false, false, false, true])
    expect(limits.begin(ANN, '192.0.2.2', 400, limit)).toEqual({ retryAfter: 600 })
    expect(fails(limits, ANN, '192.0.2.1', 1_001)).toBe(false)
    expect(fails(limits, ANN, '192.0.2.1', 1_050)).toBe(true)
  })

  it('count a client over all accounts, an IPv6 network as one client', () => {
    const limits = new SignInLimits()
    for (const n of [1, 2, 3, 4, 5]) fails(limits, `guess${n}@one.test`, `2001:db8:1:2::${n}`, n)
    expect(fails(limits, ANN, '2001:db8:1:2:ffff::1', 10)).toBe(true)
    expect(fails(limits, ANN, '2001:db8:1:3::1', 10)).toBe(false)
  })

  it('forget the account when the password was right, but not what the client did elsewhere', () => {
    const limits = new SignInLimits()
    for (const now of [1, 2, 2, 2]) fails(limits, `guess${now}@one.test`, '192.0.2.1', now)
    for (let now = 3; now < 20; now++) {
      const attempt = limits.begin(ANN, '192.0.2.1', now, limit)
      expect(attempt).toHaveProperty('succeeded')
      if ('succeeded' in attempt) attempt.succeeded()
    }
    fails(limits, 'guess3@one.test', '192.0.2.1', 30)
    expect(fails(limits, ANN, '192.0.2.1', 31)).toBe(true)
  })

  it('stop guesses at one account without stopping its neighbours behind the same address', () => {
    const limits = new SignInLimits()
    for (const now of [1, 2, 3]) fails(limits, 'guess@one.test', '192.0.2.1', now)
    expect(fails(limits, 'guess@one.test', '192.0.2.1', 4)).toBe(true)
    expect(fails(limits, ANN, '192.0.2.1', 5)).toBe(false)
  })
})
