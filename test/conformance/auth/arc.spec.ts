import { describe, expect, it } from 'vitest'
import { authenticateMail } from '#infra/mail-auth/authenticate-mail'
import { arcCases, suiteIsThere } from './suites.ts'

describe.runIf(suiteIsThere('arc'))('the ARC validation suite', () => {
  it('gives the chain status RFC 8617 asks for', async () => {
    const cases = arcCases()
    const failures: string[] = []
    for (const test of cases) {
      const { results } = await authenticateMail({
        raw: test.message,
        ip: '192.0.2.1',
        helo: 'mail.example.org',
        reversePath: 'jqd@d1.example.org',
        hostname: 'mx.example.net',
        dns: test.dns,
        now: Date.UTC(2017, 0, 20),
      })
      if (results.arc.result !== test.expected)
        failures.push(`${test.name} (${test.expected}, got ${results.arc.result} ${results.arc.explanation})`)
    }
    console.log(`arc: ${cases.length - failures.length} of ${cases.length}; not: ${failures.join('; ') || 'none'}`)
    expect(cases).toHaveLength(171)
    expect(failures).toEqual([])
  })
})
