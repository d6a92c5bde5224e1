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
    now: Date.UTC(2018, 5, 13),
  })
  return results.dkim
}

const passes = (dkim: AuthenticationResults['dkim']): number => dkim.filter((one) => one.result === 'pass').length

/** Expected of Mail::DKIM's cases, where RFC 8301 (no rsa-sha1) and the absence of DomainKeys change what its own table says. */
const expectedPass = (verdict: string, note: string): boolean => note === '' && verdict === 'pass'

/** Signatures of a draft without `v=`, which RFC 6376 3.5 requires: Mail::DKIM takes them, we don't. */
const KNOWN_MAIL_DKIM: readonly string[] = ['mine_ietf01_3', 'mine_ietf01_4', 'good_ietf01_1', 'multiple_1']
/** Two key records under one name: mailauth looks at the first only (RFC 6376 3.6.2.2 leaves it open). */
const KNOWN_CHASQUID: readonly string[] = ['07-algo_mismatch']

describe.runIf(suiteIsThere('dkim/mail-dkim'))('the mails of Mail::DKIM', () => {
  it('pass where they should and nowhere else', async () => {
    const rows = read('dkim/mail-dkim/expected.tsv')
      .toString('utf8')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => line.split('\t'))
    const failures: string[] = []
    for (const [file = '', verdict = '', , note = ''] of rows) {
      const dkim = await signaturesOf(
        read('dkim/mail-dkim/corpus', file),
        fakeDns(read('dkim/mail-dkim/FAKE_DNS.dat').toString('utf8')),
      )
      const none = note.startsWith('DomainKeys-only') && dkim.length > 0
      if (passes(dkim) > 0 !== expectedPass(verdict, note) || none)
        failures.push(`${file}: ${dkim.map((d) => `${d.result} ${d.explanation}`)}`)
    }
    console.log(
      `dkim/mail-dkim: ${rows.length - failures.length} of ${rows.length}; not: ${failures.join('; ') || 'none'}`,
    )
    expect(rows).toHaveLength(73)
    expect(failures.filter((failure) => !KNOWN_MAIL_DKIM.some((name) => failure.startsWith(name)))).toEqual([])
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
    expect(failures.filter((failure) => !KNOWN_CHASQUID.some((name) => failure.startsWith(name)))).toEqual([])
  })

  it('do not pass when the key says t=s and the identity is a subdomain (RFC 6376 3.6.1)', async () => {
    const dkim = await results('11-strict_domain_check_fail')
    expect(dkim).toHaveLength(1)
    expect(passes(dkim)).toBe(0)
  })
})
