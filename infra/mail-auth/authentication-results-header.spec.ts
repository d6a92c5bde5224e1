import * as fc from 'fast-check'
import parseFields from 'mailauth/lib/parse-dkim-headers.js'
import { describe, expect, it } from 'vitest'
import type { AuthenticationResults } from '#domain/message/authentication-results'
import { formatAuthenticationResults } from './authentication-results-header.ts'

const results: AuthenticationResults = {
  spf: { result: 'pass', domain: 'example.org', aligned: true, explanation: null },
  dkim: [
    {
      result: 'pass',
      domain: 'example.org',
      selector: 'key',
      algorithm: 'rsa-sha256',
      aligned: true,
      explanation: null,
    },
    {
      result: 'fail',
      domain: 'list.net',
      selector: 's1',
      algorithm: 'rsa-sha256',
      aligned: false,
      explanation: 'body hash did not verify',
    },
  ],
  dmarc: { result: 'pass', domain: 'example.org', policy: 'reject', explanation: null },
  arc: { result: 'pass', instances: 1, explanation: null },
}
const mail = {
  hostname: 'mx.mailkeep.test',
  ip: '2001:db8::1',
  reversePath: 'ann@example.org',
  helo: 'mail.example.org',
}

describe('Authentication-Results', () => {
  it('tells each method in one line, by the grammar of RFC 8601', () => {
    expect(formatAuthenticationResults(results, mail).split('\r\n ')).toEqual([
      'mx.mailkeep.test;',
      'spf=pass smtp.mailfrom=example.org;',
      'dkim=pass header.d=example.org header.s=key header.a=rsa-sha256;',
      'dkim=fail reason="body hash did not verify" header.d=list.net header.s=s1 header.a=rsa-sha256;',
      'dmarc=pass header.from=example.org policy.dmarc=reject;',
      'arc=pass smtp.remote-ip="2001:db8::1"',
    ])
  })

  it('says dkim=none of an unsigned mail', () => {
    expect(formatAuthenticationResults({ ...results, dkim: [] }, mail)).toContain('\r\n dkim=none;')
  })

  it('is read by another library as it was meant, whatever strangers chose', () => {
    const text = fc.string({
      unit: fc.constantFrom(
        ...'ab.-_@;:,()<>[]\\"=/?\'%&{}'.split(''),
        'spf=pass',
        '; dmarc=pass',
        'ü',
        '\u0000',
        '\r\n',
      ),
      minLength: 1,
      maxLength: 30,
    })
    const result = fc.constantFrom(...(['pass', 'fail', 'temperror', 'permerror'] as const))
    fc.assert(
      fc.property(text, text, text, result, result, (domain, selector, why, spf, dkim) => {
        const given: AuthenticationResults = {
          spf: { result: spf, domain, aligned: false, explanation: why, helo: { result: 'fail', domain: 'helo.test' } },
          dkim: [{ result: dkim, domain, selector, algorithm: 'rsa-sha256', aligned: false, explanation: why }],
          dmarc: { result: 'fail', domain: 'example.org', policy: 'reject', explanation: why },
          arc: { result: 'fail', instances: 2, explanation: why },
        }
        const field = `Authentication-Results: ${formatAuthenticationResults(given, mail)}`
        const { parsed } = parseFields(Buffer.from(field))
        // White space is not part of what it says.
        const shown = (value: string) =>
          value
            .replaceAll(/[^\x20-\x7e]/g, '?')
            .replaceAll(/ +/g, ' ')
            .trim()
        const read = (value: unknown) => (typeof value === 'string' ? value.trim() : value)
        expect(parsed['value']).toBe('mx.mailkeep.test')
        expect(parsed['spf'].value).toBe(spf)
        expect(read(parsed['spf'].smtp.mailfrom)).toBe(shown(domain))
        expect(parsed['dkim'][0].value).toBe(dkim)
        expect(read(parsed['dkim'][0].header.d)).toBe(shown(domain))
        expect(read(parsed['dkim'][0].header.s)).toBe(shown(selector))
        expect(parsed['dmarc']).toMatchObject({
          value: 'fail',
          header: { from: 'example.org' },
          policy: { dmarc: 'reject' },
        })
        expect(parsed['arc'].value).toBe('fail')
        expect(Object.keys(parsed).toSorted()).toEqual(['arc', 'dkim', 'dmarc', 'header', 'spf', 'value'])
      }),
      { seed: 8601, numRuns: 500 },
    )
  })

  it('holds whatever strangers chose in quotes: no text ends a line, a result or a quotation', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 300 }),
        fc.string({ unit: 'binary', maxLength: 300 }),
        (domain, text) => {
          const header = formatAuthenticationResults(
            { ...results, spf: { ...results.spf, result: 'fail', domain, explanation: text } },
            mail,
          )
          const lines = header.split('\r\n ')
          expect(lines).toHaveLength(6)
          for (const line of lines) expect(line).toMatch(/^[\x20-\x7e]{1,990}$/)
          expect(lines[1]?.replaceAll(/"(?:[^"\\]|\\.)*"/g, '')).not.toMatch(/["\\;].+/)
        },
      ),
      { seed: 7 },
    )
  })
})
