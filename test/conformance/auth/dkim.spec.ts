import { createPublicKey } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { authenticateMail } from '#infra/mail-auth/authenticate-mail'
import type { AuthenticationResults } from '#domain/message/authentication-results'
import type { ScriptedDns } from '#test/dsl/dns'
import { chasquidDns, fakeDns, list, read, suiteIsThere } from './suites.ts'

const signaturesOf = async (raw: Buffer, dns: ScriptedDns): Promise<AuthenticationResults['dkim']> => {
  const { results } = await authenticateMail({
    raw: Buffer.from(raw.toString('latin1').replaceAll(/\r?\n/g, '\r\n'), 'latin1'),
    ip: '192.0.2.1',
    helo: 'mail.example.org',
    reversePath: null,
    hostname: 'mx.example.net',
    dns,
    now: Date.UTC(2026, 0, 1),
  })
  return results.dkim
}

const passes = (dkim: AuthenticationResults['dkim']): number => dkim.filter((one) => one.result === 'pass').length

/** Bits of the longest RSA key among the mail's signatures; other kinds of keys are long enough. */
const longestKey = async (raw: Buffer, dns: ScriptedDns): Promise<number> => {
  const text = raw.toString('latin1').split(/\r?\n\r?\n/)[0] ?? ''
  let longest = 0
  for (const [field] of text.matchAll(/^DKIM-Signature:(?:.*\r?\n?[ \t])*.*/gim)) {
    const tag = (name: string): string => new RegExp(`[:;\\s]${name}=\\s*([^;\\s]+)`, 'i').exec(field)?.[1] ?? ''
    const { records } = await dns.query(`${tag('s')}._domainkey.${tag('d')}`, 'TXT')
    const key = /p=([^;]+)/.exec(records.flat().join(''))?.[1] ?? ''
    if (/ed25519/i.test(tag('a'))) return 1_024
    try {
      const { asymmetricKeyDetails } = createPublicKey({ key: Buffer.from(key, 'base64'), format: 'der', type: 'spki' })
      longest = Math.max(longest, asymmetricKeyDetails?.modulusLength ?? 0)
    } catch {
      // No key at all.
    }
  }
  return longest
}

/**
 * Expected of Mail::DKIM's cases, where RFC 8301 (no rsa-sha1, no RSA key of less than 1024 bits) and the absence of DomainKeys
 * change what its own table says.
 */
const expectedPass = (verdict: string, note: string, bits: number): boolean =>
  note === '' && verdict === 'pass' && bits >= 1_024

describe.runIf(suiteIsThere('dkim/mail-dkim'))('the mails of Mail::DKIM', () => {
  it('pass where they should and nowhere else', async () => {
    const rows = read('dkim/mail-dkim/expected.tsv')
      .toString('utf8')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => line.split('\t'))
    const failures: string[] = []
    for (const [file = '', verdict = '', , note = ''] of rows) {
      const [raw, dns] = [
        read('dkim/mail-dkim/corpus', file),
        fakeDns(read('dkim/mail-dkim/FAKE_DNS.dat').toString('utf8')),
      ]
      const dkim = await signaturesOf(raw, dns)
      const none = note.startsWith('DomainKeys-only') && dkim.length > 0
      if (passes(dkim) > 0 !== expectedPass(verdict, note, await longestKey(raw, dns)) || none)
        failures.push(`${file}: ${dkim.map((d) => `${d.result} ${d.explanation}`)}`)
    }
    console.log(
      `dkim/mail-dkim: ${rows.length - failures.length} of ${rows.length}; not: ${failures.join('; ') || 'none'}`,
    )
    expect(rows).toHaveLength(73)
    expect(failures).toEqual([])
  })
})

describe.runIf(suiteIsThere('dkim/chasquid'))("chasquid's mails", () => {
  const stateOf = (state: string): string =>
    state === 'SUCCESS' ? 'pass' : state === 'TEMPFAIL' ? 'temperror' : 'other'

  const results = async (name: string): Promise<AuthenticationResults['dkim']> => {
    const zone = list('dkim/chasquid', '.dns').includes(`${name}.dns`)
      ? read('dkim/chasquid', `${name}.dns`).toString('utf8')
      : ''
    return signaturesOf(read('dkim/chasquid', `${name}.msg`), chasquidDns(zone))
  }

  it('verify as its tables say, but for how many signatures are looked at', async () => {
    const names = list('dkim/chasquid', '.msg').map((file) => file.replace('.msg', ''))
    const failures: string[] = []
    for (const name of names) {
      const dkim = await results(name)
      const table = list('dkim/chasquid', '.result').includes(`${name}.result`)
        ? (JSON.parse(read('dkim/chasquid', `${name}.result`).toString('utf8')) as { Results: { State: string }[] })
        : { Results: [] }
      const expected = table.Results.map((one) => stateOf(one.State))
      const found = dkim.map((one) => (one.result === 'pass' || one.result === 'temperror' ? one.result : 'other'))
      if (found.slice(0, expected.length).join(' ') !== expected.join(' ')) {
        failures.push(`${name}: ${dkim.map((d) => `${d.result} ${d.explanation}`)}`)
      }
    }
    console.log(
      `dkim/chasquid: ${names.length - failures.length} of ${names.length}; not: ${failures.join('; ') || 'none'}`,
    )
    expect(names).toHaveLength(11)
    expect(failures).toEqual([])
  })

  it('do not pass when the key says t=s and the identity is a subdomain (RFC 6376 3.6.1)', async () => {
    const dkim = await results('11-strict_domain_check_fail')
    expect(dkim).toHaveLength(1)
    expect(passes(dkim)).toBe(0)
  })
})
