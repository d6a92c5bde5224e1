import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { authenticationSymbols } from './authentication-symbols.ts'
import { edgeSymbols, unscannableSymbols } from './edge-symbols.ts'
import { score } from './score.ts'
import { defaultThreshold, symbolTable } from './weights.ts'
import {
  arcResult,
  authenticationResults,
  dkimResult,
  dmarcResult,
  spfResult,
  type AuthenticationResults,
} from '../message/authentication-results.ts'

const policy = { threshold: defaultThreshold, weights: {} }
const names = Object.keys(symbolTable)
const symbols = fc.uniqueArray(fc.constantFrom(...names), { maxLength: 20 })
const threshold = fc.double({ min: 0.1, max: 1_000, noNaN: true })

describe('the score', () => {
  it('is the sum of the weights, each symbol once, the heaviest first, with a sentence', () => {
    const { score: sum, symbols: weighed } = score(
      ['MISSING_DATE', 'URL_IP_ADDRESS', 'DKIM_PASS', 'MISSING_DATE'],
      policy,
    )
    expect(sum).toBe(3.2)
    expect(weighed.map((one) => [one.name, one.weight])).toEqual([
      ['URL_IP_ADDRESS', 2.5],
      ['MISSING_DATE', 0.8],
      ['DKIM_PASS', -0.1],
    ])
    expect(weighed[0]?.description).toBe('A link leads to a bare number instead of a name.')
  })

  it('holds a mail at the threshold, not below it', () => {
    const at = { threshold: 0.8, weights: {} }
    expect(score(['MISSING_DATE'], at).disposition).toBe('quarantine')
    expect(score(['MISSING_DATE', 'DKIM_PASS'], at).disposition).toBe('deliver')
    expect(score([], at).disposition).toBe('deliver')
  })

  it("takes an administrator's weights before its own, and symbols it does not know for nothing", () => {
    expect(score(['MISSING_DATE', 'constructor', 'NEW_CHECK'], { threshold: 5, weights: { NEW_CHECK: 2 } }).score).toBe(
      2.8,
    )
  })

  it('is the same in whatever order the symbols were found', () => {
    fc.assert(
      fc.property(symbols, threshold, (found, limit) => {
        const own = { threshold: limit, weights: {} }
        expect(score(found.toReversed(), own)).toEqual(score(found, own))
      }),
      { seed: 7 },
    )
  })

  it('of a mail that fails a published DMARC policy is never under the threshold, whatever else it shows', () => {
    fc.assert(
      fc.property(
        symbols,
        threshold,
        fc.constantFrom('DMARC_REJECT', 'DMARC_QUARANTINE', 'GTUBE'),
        (found, limit, decisive) => {
          expect(score([...found, decisive], { threshold: limit, weights: {} }).disposition).toBe('quarantine')
        },
      ),
      { seed: 7 },
    )
  })

  it('lets an administrator give such a symbol another weight', () => {
    expect(score(['DMARC_REJECT'], { threshold: 5, weights: { DMARC_REJECT: 1 } }).disposition).toBe('deliver')
  })
})

describe('the weight table', () => {
  it('says of every symbol what it is, for administrators and for everyone', () => {
    for (const [name, entry] of Object.entries(symbolTable)) {
      expect(name).toMatch(/^[A-Z][A-Z0-9_]*$/)
      expect(entry.description.length).toBeGreaterThan(5)
      expect(entry.sentence).toMatch(/^[A-Z].*\.$/)
    }
  })

  it('weighs nothing where the DNS gave no answer for now', () => {
    for (const name of names.filter((one) => one.endsWith('_TEMPERROR'))) expect(symbolTable[name]?.weight).toBe(0)
  })

  it('lets what speaks for a mail weigh little', () => {
    for (const entry of Object.values(symbolTable)) expect(entry.weight).toBeGreaterThanOrEqual(-1.5)
  })
})

const results = (own: Partial<AuthenticationResults>): AuthenticationResults =>
  authenticationResults.parse({
    spf: { result: 'none', domain: null, aligned: false, explanation: null },
    dkim: [],
    dmarc: { result: 'none', domain: null, policy: null, explanation: null },
    arc: { result: 'none', instances: 0, explanation: null },
    ...own,
  })
const signature = (result: AuthenticationResults['dkim'][number]['result']) => ({
  result,
  domain: 'example.org',
  selector: 's',
  algorithm: 'rsa-sha256',
  aligned: false,
  explanation: null,
})
const failed = (policy: 'none' | 'quarantine' | 'reject') => ({
  result: 'fail' as const,
  domain: 'example.org',
  policy,
  explanation: null,
})

describe('symbols of authentication', () => {
  it.each([
    [results({}), ['SPF_NONE', 'DKIM_NONE', 'DMARC_NONE']],
    [results({ dmarc: failed('reject') }), ['SPF_NONE', 'DKIM_NONE', 'DMARC_FAIL', 'DMARC_REJECT']],
    [results({ dmarc: failed('quarantine') }), ['SPF_NONE', 'DKIM_NONE', 'DMARC_FAIL', 'DMARC_QUARANTINE']],
    [results({ dmarc: failed('none') }), ['SPF_NONE', 'DKIM_NONE', 'DMARC_FAIL']],
    [results({ dkim: [signature('fail'), signature('pass')] }), ['SPF_NONE', 'DKIM_PASS', 'DMARC_NONE']],
    [results({ dkim: [signature('fail'), signature('temperror')] }), ['SPF_NONE', 'DKIM_TEMPERROR', 'DMARC_NONE']],
    [results({ dkim: [signature('neutral')] }), ['SPF_NONE', 'DKIM_NEUTRAL', 'DMARC_NONE']],
    [results({ dkim: [signature('neutral'), signature('policy')] }), ['SPF_NONE', 'DKIM_POLICY', 'DMARC_NONE']],
    [
      results({ dkim: [{ ...signature('pass'), unsigned: 0 }] }),
      ['SPF_NONE', 'DKIM_PASS', 'DKIM_BODY_LENGTH', 'DMARC_NONE'],
    ],
    [
      results({ dkim: [{ ...signature('pass'), unsigned: 9 }, signature('fail')] }),
      ['SPF_NONE', 'DKIM_PASS', 'DKIM_BODY_UNSIGNED', 'DMARC_NONE'],
    ],
    [
      results({ dkim: [{ ...signature('pass'), unsigned: 9 }, signature('pass')] }),
      ['SPF_NONE', 'DKIM_PASS', 'DMARC_NONE'],
    ],
    [
      results({
        dmarc: { result: 'pass', domain: 'example.org', policy: 'reject', explanation: null, sealer: 'list.test' },
        arc: { result: 'pass', instances: 1, explanation: null },
      }),
      ['SPF_NONE', 'DKIM_NONE', 'DMARC_PASS', 'ARC_PASS', 'ARC_TRUSTED'],
    ],
    [
      results({ arc: { result: 'fail', instances: 2, explanation: null } }),
      ['SPF_NONE', 'DKIM_NONE', 'DMARC_NONE', 'ARC_FAIL'],
    ],
  ])('%#', (found, expected) => {
    expect(authenticationSymbols(found)).toEqual(expected)
  })

  it('are all in the table', () => {
    const none = { domain: null, explanation: null }
    const all = [
      ...spfResult.options.map((result) => results({ spf: { ...none, result, aligned: false } })),
      ...spfResult.options.map((result) =>
        results({ spf: { ...none, result: 'none', aligned: false, helo: { result, domain: 'example.org' } } }),
      ),
      ...dkimResult.options.map((result) => results({ dkim: [signature(result)] })),
      ...dmarcResult.options.map((result) => results({ dmarc: { ...none, result, policy: null } })),
      ...arcResult.options.map((result) => results({ arc: { result, instances: 1, explanation: null } })),
    ].flatMap(authenticationSymbols)
    for (const name of all) expect(names).toContain(name)
    expect(all).toEqual(expect.arrayContaining(['SPF_HELO_FAIL', 'DKIM_POLICY', 'DMARC_PERMERROR', 'ARC_TEMPERROR']))
  })
})

describe('symbols of what was recorded before', () => {
  it('name the edge checks that failed', () => {
    const found = edgeSymbols([
      { check: 'reverseDns', result: 'fail' },
      { check: 'heloResolves', result: 'temperror' },
      { check: 'senderDomain', result: 'pass' },
    ])
    expect(found).toEqual(['EDGE_REVERSE_DNS'])
  })

  it('name what could not be scanned, once per kind', () => {
    expect(unscannableSymbols(['too-deep', 'encrypted', 'encrypted'])).toEqual([
      'UNSCANNABLE_TOO_DEEP',
      'UNSCANNABLE_ENCRYPTED',
    ])
  })

  it('are all in the table', () => {
    const edge = ['heloSyntax', 'senderSyntax', 'senderDomain', 'reverseDns', 'heloResolves'].map((check) => ({
      check,
      result: 'fail' as const,
    }))
    for (const name of [
      ...edgeSymbols(edge),
      ...unscannableSymbols(['encrypted', 'malformed', 'too-deep', 'too-large', 'bomb']),
    ]) {
      expect(names).toContain(name)
    }
  })
})
