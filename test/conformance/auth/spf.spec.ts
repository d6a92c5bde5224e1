import { describe, expect, it } from 'vitest'
import { authenticateMail } from '#infra/mail-auth/authenticate-mail'
import { spfCases, suiteIsThere } from './suites.ts'

const mail = Buffer.from('From: a@example.org\r\n\r\n')

describe.runIf(suiteIsThere('spf'))('the RFC 7208 test suite', () => {
  it('gives the result the RFC asks for', async () => {
    const cases = spfCases()
    const failures: string[] = []
    for (const test of cases) {
      const { results } = await authenticateMail({
        raw: mail,
        ip: test.host,
        helo: test.helo,
        reversePath: test.mailfrom === '' ? null : test.mailfrom,
        hostname: 'mx.example.net',
        dns: test.dns,
        now: 1_700_000_000_000,
      })
      if (!test.expected.includes(results.spf.result)) failures.push(test.name)
    }
    console.log(
      `spf: ${cases.length - failures.length} of ${cases.length} as RFC 7208 says; not: ${failures.join(' ') || 'none'}`,
    )
    expect(cases).toHaveLength(203)
    expect(failures).toEqual([])
  })
})
