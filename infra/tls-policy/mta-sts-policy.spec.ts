import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BadStsPolicy, coversHost, parseStsPolicy } from './mta-sts-policy.ts'

const lines = (...all: readonly string[]): string => all.map((line) => `${line}\r\n`).join('')
const usual = ['version: STSv1', 'mode: enforce', 'mx: mail.example.com', 'mx: *.example.net', 'max_age: 604800']

describe('an MTA-STS policy', () => {
  it('is read, with CRLF or LF, with or without a last one', () => {
    const policy = { mode: 'enforce', mx: ['mail.example.com', '*.example.net'], maxAge: 604_800 }
    for (const text of [lines(...usual), usual.join('\n'), usual.join('\r\n'), `${usual.join('\n')}\n\n`])
      expect(parseStsPolicy(text)).toEqual(policy)
    expect(parseStsPolicy(lines(...usual.toReversed()))).toMatchObject({ mode: 'enforce', maxAge: 604_800 })
  })

  it.each<[string, string[], object]>([
    ['fields that nobody knows are passed over', [...usual, 'x-new.field_1: \tvalue: é'], {}],
    ['of a field that may stand once the first counts', [...usual, 'mode: none', 'max_age: 1', 'version: STSv9'], {}],
    [
      'space around values does not count',
      ['version:STSv1  ', 'mode:\tenforce', 'mx:  A.test ', 'max_age:1'],
      { mx: ['a.test'], maxAge: 1 },
    ],
    [
      'an age has an end',
      ['version: STSv1', 'mode: testing', 'mx: a.test', 'max_age: 9999999999'],
      { mode: 'testing', maxAge: 31_557_600 },
    ],
    ['none needs no mx', ['version: STSv1', 'mode: none', 'max_age: 0'], { mode: 'none', mx: [], maxAge: 0 }],
  ])('says that %s', (_, text, expected) => {
    expect(parseStsPolicy(lines(...text))).toMatchObject({ mode: 'enforce', maxAge: 604_800, ...expected })
  })

  const without = (field: string): string[] => usual.filter((line) => !line.startsWith(field))
  it.each<[string, string[]]>([
    ['without a version', without('version')],
    ['of another version', [...without('version'), 'version: STSv2']],
    ['without a mode', without('mode')],
    ['of a mode nobody knows', [...without('mode'), 'mode: Enforce']],
    ['without an age', without('max_age')],
    ['of no age', [...without('max_age'), 'max_age: -1']],
    ['of an age too long to be one', [...without('max_age'), 'max_age: 12345678901']],
    ['that names no mx', without('mx')],
    ['with a line that is no field', [...usual, '<html>']],
    ...['*', '*.*.test', 'a.*.test', '.test', 'a..test', 'mx_ä.test', 'a.test.', '', '192.0.2.1:25', '-a.test'].map(
      (mx): [string, string[]] => [`with mx: ${mx}`, [...usual, `mx: ${mx}`]],
    ),
    ['with a thousand mx and one', [...usual, ...Array.from({ length: 1_000 }, (__, at) => `mx: m${at}.test`)]],
  ])('is not taken %s', (_, text) => {
    expect(() => parseStsPolicy(lines(...text))).toThrow(BadStsPolicy)
  })

  it('is one that can be used, or none, whatever it says', () => {
    const fields = fc.constantFrom(...usual, 'mode: testing', 'mx: ', 'max_age: x', 'x: y', ':', '', '\0', 'mode:none')
    const ends = fc.constantFrom('\n', '\r\n', '\r', ' \n')
    let read = 0
    fc.assert(
      fc.property(fc.array(fc.tuple(fields, ends), { maxLength: 10 }), (all) => {
        try {
          const { mode, mx, maxAge } = parseStsPolicy(all.flat().join(''))
          read += 1
          return ['enforce', 'testing', 'none'].includes(mode) && (mode === 'none' || mx.length > 0) && maxAge >= 0
        } catch (error) {
          return error instanceof BadStsPolicy
        }
      }),
      { seed: 20262, numRuns: 3_000 },
    )
    expect(read).toBeGreaterThan(0)
  })
})

describe('a pattern', () => {
  const policy = { mx: ['mail.example.com', '*.example.net'] }
  it.each([
    ['mail.example.com', true],
    ['MAIL.example.COM.', true],
    ['a.example.net', true],
    ['a.b.example.net', false],
    ['example.net', false],
    ['xexample.net', false],
    ['mail.example.com.evil.test', false],
    ['a.mail.example.com', false],
    ['*.example.net', true],
    ['.example.net', false],
    ['', false],
  ])('for one label: %s %s', (host, covered) => {
    expect(coversHost(policy, host)).toBe(covered)
  })
})
