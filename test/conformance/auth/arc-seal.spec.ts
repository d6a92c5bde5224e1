import { describe, expect, it } from 'vitest'
import { createArcSealer } from '#infra/mail-auth/arc-sealer'
import { arcSealCases, suiteIsThere } from './suites.ts'

/** Tag -> value without white space; of ARC-Authentication-Results its words. */
const tags = (field: string): Record<string, string> =>
  Object.fromEntries(
    field
      .replaceAll(/\s/g, '')
      .split(';')
      .filter((tag) => tag !== '')
      .map((tag) => [tag.slice(0, tag.indexOf('=')), tag.slice(tag.indexOf('=') + 1)]),
  )

const fieldIn = (fields: string, name: string): string =>
  new RegExp(`^${name}:((?:.*\\r\\n[ \\t])*.*)\\r\\n`, 'm').exec(fields)?.[1] ?? ''

describe.runIf(suiteIsThere('arc'))('the ARC signing suite', () => {
  it('seals as its tables say, to the last bit of each signature', async () => {
    const cases = arcSealCases()
    const failures: string[] = []
    for (const test of cases) {
      const header = test.message.slice(0, test.message.indexOf('\r\n\r\n'))
      const sealer = createArcSealer({
        keysOf: () => [
          { selector: test.selector, algorithm: 'rsa-sha256', id: test.selector, open: () => test.privateKey },
        ],
        clock: () => test.time * 1_000,
      })
      const fields = await sealer.seal({
        domain: test.domain,
        authservId: test.authservId,
        results: [...`${header}\r\n`.matchAll(/^Authentication-Results:((?:.*\r\n[ \t])*.*)\r\n/gm)].map(
          ([, value = '']) => value,
        ),
        signs: test.signs,
        async *open() {
          yield Buffer.from(test.message, 'latin1')
        },
      })
      const same = (['Seal', 'Message-Signature', 'Authentication-Results'] as const).every(
        (name) => JSON.stringify(tags(fieldIn(fields, `ARC-${name}`))) === JSON.stringify(tags(test.expected[name])),
      )
      if (!same) failures.push(test.name)
    }
    console.log(
      `arc sealing: ${cases.length - failures.length} of ${cases.length}; not: ${failures.join(' ') || 'none'}`,
    )
    expect(cases).toHaveLength(17)
    expect(failures).toEqual([])
  })
})
