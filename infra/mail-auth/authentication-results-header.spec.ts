import * as fc from 'fast-check'
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
