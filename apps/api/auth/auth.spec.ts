import { describe, expect, it } from 'vitest'
import { bearerHash, claimedAccount, newBearer } from './bearer.ts'
import { csrfHolds, csrfTokenOf, sessionIn } from './cookies.ts'

const ANN = 'ann@one.test'

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
