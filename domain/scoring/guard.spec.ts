import { describe, expect, it } from 'vitest'
import { authenticationResults, type AuthenticationResults } from '../message/authentication-results.ts'
import { allowEntryApplies, type GuardedMail } from './guard.ts'

const results = (own: Partial<AuthenticationResults> = {}): AuthenticationResults =>
  authenticationResults.parse({
    spf: { result: 'none', domain: null, aligned: false, explanation: null },
    dkim: [],
    dmarc: { result: 'none', domain: null, policy: null, explanation: null },
    arc: { result: 'none', instances: 0, explanation: null },
    ...own,
  })
const dmarc = (result: AuthenticationResults['dmarc']['result'], policy: AuthenticationResults['dmarc']['policy']) =>
  results({ dmarc: { result, domain: 'friend.org', policy, explanation: null } })
const spf = (result: AuthenticationResults['spf']['result'], aligned: boolean) =>
  results({ spf: { result, domain: 'mailkeep.test', aligned, explanation: null } })

const mail = (own: Partial<GuardedMail>): GuardedMail => ({
  authentication: results(),
  headerFromDomains: ['friend.org'],
  envelopeDomain: 'friend.org',
  hostedDomains: new Set(['mailkeep.test']),
  submissionAuthenticated: false,
  guard: true,
  ...own,
})

const claims = { headerFromDomains: ['mailkeep.test'], envelopeDomain: 'elsewhere.net' }
const claimsByEnvelope = { envelopeDomain: 'mailkeep.test' }

describe('an allow entry', () => {
  it.each<[string, Partial<GuardedMail>, boolean]>([
    ['applies to mail that nothing speaks against', {}, true],
    ['applies when the DNS gave no answer for now', { authentication: dmarc('temperror', 'reject') }, true],
    ['applies to mail that fails a policy asking for nothing', { authentication: dmarc('fail', 'none') }, true],
    ['does not apply to mail that fails p=reject', { authentication: dmarc('fail', 'reject') }, false],
    ['does not apply to mail that fails p=quarantine', { authentication: dmarc('fail', 'quarantine') }, false],
    ['applies to that when the guard is off', { authentication: dmarc('fail', 'reject'), guard: false }, true],
    ['does not apply to outside mail that claims a hosted domain in From', claims, false],
    ['does not apply to outside mail that claims a hosted domain in the envelope', claimsByEnvelope, false],
    ['applies to such mail with an aligned SPF pass', { ...claims, authentication: spf('pass', true) }, true],
    ['does not count a pass of another domain', { ...claims, authentication: spf('pass', false) }, false],
    ['applies to an envelope claim that passes SPF', { ...claimsByEnvelope, authentication: spf('pass', false) }, true],
    ['does not take a temporary error for proof', { ...claims, authentication: spf('temperror', true) }, false],
    ['applies to our own users, signed in', { ...claims, ...claimsByEnvelope, submissionAuthenticated: true }, true],
    ['applies to bounces', { envelopeDomain: null }, true],
    ['does not apply before a mail is authenticated', { authentication: null }, false],
  ])('%s', (_, own, applies) => {
    expect(allowEntryApplies(mail(own))).toBe(applies)
  })
})
