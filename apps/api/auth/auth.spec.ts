import { describe, expect, it } from 'vitest'
import type { Sealed } from '#domain/kernel/sealed'
import { secretKeyFrom } from '#infra/config/secret-key'
import { bearerHash, claimedAccount, newBearer } from './bearer.ts'
import { csrfHolds, csrfTokenOf, sessionIn } from './cookies.ts'
import { HashingBusy, Passwords } from './passwords.ts'
import { SignInLimits } from './sign-in-limits.ts'

const secrets = secretKeyFrom(Buffer.alloc(32, 3))
const ANN = 'ann@one.test'

describe('passwords', () => {
  it('hold for their own account and for no other', async () => {
    const passwords = new Passwords(secrets)
    const sealed = await passwords.seal(ANN, 'correct horse')
    expect(sealed).toMatch(/^sealed:1:/)
    expect(secrets.open(sealed, 'account-password:ann@one.test')).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
    expect(await passwords.verify(ANN, sealed, 'correct horse')).toBe(true)
    expect(await passwords.verify('Ann@One.Test', sealed, 'correct horse')).toBe(true)
    expect(await passwords.verify(ANN, sealed, 'Correct horse')).toBe(false)
    expect(await passwords.verify(ANN, null, 'correct horse')).toBe(false)
    await expect(passwords.verify('ben@one.test', sealed, 'correct horse')).rejects.toThrow('sealed')
  })

  it('are salted, and never cost more than they may', async () => {
    const passwords = new Passwords(secrets)
    expect(await passwords.seal(ANN, 'x')).not.toBe(await passwords.seal(ANN, 'x'))
    const greedy = secrets.seal(
      '$argon2id$v=19$m=9999999,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAA',
      'account-password:ann@one.test',
    ) as Sealed
    await expect(passwords.verify(ANN, greedy, 'x')).rejects.toThrow('more than')
  })

  it('are checked a few at once, and refused when too many wait', async () => {
    const passwords = new Passwords(secrets)
    const outcomes = await Promise.allSettled(Array.from({ length: 80 }, () => passwords.seal(ANN, 'x')))
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected')
    expect(refused).toHaveLength(80 - 2 - 64)
    for (const one of refused) expect(one.reason).toBeInstanceOf(HashingBusy)
  })
})

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

describe('bearers', () => {
  it('name their account, differ each time, and are nothing else', () => {
    const bearer = newBearer('Ann@One.Test')
    expect(claimedAccount(bearer)).toBe(ANN)
    expect(newBearer(ANN)).not.toBe(bearer)
    expect(bearerHash(bearer)).toMatch(/^[0-9a-f]{64}$/)
    for (const other of [
      '',
      'mk1',
      'mk1..',
      `${bearer}x`,
      bearer.replace('mk1', 'mk2'),
      `mk1.${'A'.repeat(5_000)}.${'A'.repeat(43)}`,
    ]) {
      expect(claimedAccount(other)).toBeNull()
    }
  })
})

describe('the CSRF token', () => {
  it('belongs to one session', () => {
    const token = csrfTokenOf('session one')
    expect([
      csrfHolds('session one', token),
      csrfHolds('session two', token),
      csrfHolds('session one', undefined),
    ]).toEqual([true, false, false])
    expect(sessionIn({ headers: { cookie: 'a=b; mailkeep_session=x; c=d' } })).toBe('x')
    expect(sessionIn({ headers: { cookie: `mailkeep_session=${'x'.repeat(9_000)}` } })).toBeNull()
  })
})
