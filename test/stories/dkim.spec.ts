import { expect, it } from 'vitest'
import { openDkimSigner } from '#apps/mailkeep/dkim-signing'
import { authenticateMail } from '#infra/mail-auth/authenticate-mail'
import { signIn } from '#test/dsl/http-client'
import { mailkeep, type CommandOutcome } from '#test/dsl/command-line'
import { scriptedDns, type ScriptedDns } from '#test/dsl/dns'
import { dnsServer } from '#test/dsl/dns-server'
import { engineOfRun, PASSWORD, startDemo, type Demo } from '#test/dsl/mailkeep'
import { as, done, eventually } from '#test/dsl/story'

interface Key {
  readonly selector: string
  readonly state: string
  readonly because: string | null
  readonly published: string | null
  readonly record: { readonly name: string; readonly value: string }
}

const mailOf = (domain: string) =>
  Buffer.from(
    `From: Ann <ann@${domain}>\r\nTo: cara@remote.test\r\nSubject: Hi\r\nDate: Tue, 24 Nov 2026 08:00:00 +0000\r\n\r\nHello.\r\n`,
  )

/** The mail as it would go out: what verifiers say of its signatures. */
const verified = async (demo: Demo, domain: string, dns: ScriptedDns): Promise<string[]> => {
  const raw = mailOf(domain)
  const open = async function* () {
    yield raw
  }
  const signature = await openDkimSigner(demo.foundation).sign({ domain, open })
  const { results } = await authenticateMail({
    raw: Buffer.concat([Buffer.from(signature), raw]),
    ip: '192.0.2.1',
    helo: `mx.${domain}`,
    reversePath: `ann@${domain}`,
    hostname: 'mx.remote.test',
    dns,
    now: demo.foundation.clock(),
  })
  return results.dkim.map((one) => `${one.algorithm} ${one.result} ${one.aligned}`)
}
const SIGNED = ['rsa-sha256 pass true', 'ed25519-sha256 pass true']

const publish = (dns: ScriptedDns, keys: readonly Key[]) => {
  for (const { record } of keys) dns.set(record.name, { TXT: [record.value.match(/.{1,255}/g) ?? []] })
}

it('the demo signs at once', async () => {
  const demo = await startDemo()
  const admin = await as(demo, 'admin')
  const { keys } = (await done(admin, 'GET', '/domains/mailkeep.test/dkim')) as { keys: Key[] }
  expect(keys.map(({ state, because }) => `${state} ${because}`)).toEqual(['signing demo', 'signing demo'])
  const dns = scriptedDns()
  publish(dns, keys)
  expect(await verified(demo, 'mailkeep.test', dns)).toEqual(SIGNED)
})

it('an installation signs when its records are published, an operator sees what to publish, and keys take turns', async () => {
  let now = Date.now()
  const MINUTE = 60_000
  const dns = scriptedDns({
    'mx.org.test': { A: ['192.0.2.1'] },
    '1.2.0.192.in-addr.arpa': { PTR: ['mx.org.test'] },
    'org.test': { MX: [{ priority: 10, exchange: 'mx.org.test' }] },
  })
  const server = await dnsServer(dns)
  const settings = {
    MAILKEEP_DOMAIN: 'org.test',
    MAILKEEP_HOSTNAME: 'mx.org.test',
    MAILKEEP_DNS_SERVERS: server.address,
  }
  const demo = await startDemo(settings, { clock: () => now })
  const env = { MAILKEEP_DATA: demo.data, ...settings, ...(await engineOfRun(demo.data)) }
  const typed = (line: string): Promise<CommandOutcome> => mailkeep(line.split(' '), { env, cwd: demo.data })
  const keysNow = async (line = 'domain dkim org.test') => (await typed(`${line} --json`)).json<{ keys: Key[] }>().keys
  const states = (keys: readonly Key[]) => keys.map(({ state, published }) => `${state} ${published}`)

  // Made with the domain, not published: nothing is signed.
  const first = await keysNow()
  expect(states(first)).toEqual(['waiting missing', 'waiting missing'])
  expect(await verified(demo, 'org.test', dns)).toEqual([])
  const shown = await typed('domain dkim org.test')
  expect(shown.stdout).toMatch(/^SELECTOR +ALGORITHM +KEY/)
  expect(shown.stdout).toMatch(
    /\nTo publish:\nmk-\d{4}-\d\d-rsa\._domainkey\.org\.test\. TXT "v=DKIM1; k=rsa; p=[^"]+" "[^"]+"\nmk-/,
  )

  const bad = await typed('domain check org.test')
  expect(bad).toMatchObject({ code: 1, stdout: expect.stringMatching(/^WHAT +STATE +RECORD/) })
  for (const line of [
    'mx       ok ',
    'spf      missing',
    'org.test. TXT "v=spf1 ip4:192.0.2.1 -all"',
    '_dmarc.org.test. TXT "v=DMARC1; p=quarantine; rua=mailto:postmaster@org.test"',
  ])
    expect(bad.stdout).toContain(line)

  // The administrator publishes what was printed.
  dns.set('org.test', { MX: [{ priority: 10, exchange: 'mx.org.test' }], TXT: [['v=spf1 ip4:192.0.2.1 -all']] })
  dns.set('_dmarc.org.test', { TXT: [['v=DMARC1; p=reject; rua=mailto:postmaster@org.test']] })
  publish(dns, first)
  now += 2 * MINUTE
  await eventually(async () => expect(states(await keysNow())).toEqual(['signing published', 'signing published']))
  expect(await verified(demo, 'org.test', dns)).toEqual(SIGNED)
  const good = await typed('domain check org.test --json')
  expect(good).toMatchObject({ code: 0 })
  expect(good.json()).toMatchObject({ ok: true, hostname: 'mx.org.test', sendingAddresses: ['192.0.2.1'] })
  const admin = await signIn(demo.port('http'), 'admin@org.test', PASSWORD)
  expect((await done(admin, 'GET', '/domains/org.test/check'))['ok']).toBe(true)

  // New keys: the old ones sign until the new are seen.
  const rotated = await keysNow('domain dkim org.test --rotate')
  expect(states(rotated).slice(2)).toEqual(['waiting missing', 'waiting missing'])
  expect(await typed('domain dkim org.test --rotate')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('wait'),
  })
  expect(await verified(demo, 'org.test', dns)).toEqual(SIGNED)
  publish(dns, rotated.slice(2))
  now += 2 * MINUTE
  await eventually(async () =>
    expect(states(await keysNow())).toEqual([
      'replaced published',
      'replaced published',
      'signing published',
      'signing published',
    ]),
  )
  expect(await verified(demo, 'org.test', dns)).toEqual(SIGNED)
  now += 7 * 24 * 60 * MINUTE
  await eventually(async () => expect(states(await keysNow()).slice(0, 2)).toEqual(['retired null', 'retired null']))

  // What an administrator says goes without a record.
  const [latest] = (await keysNow('domain dkim org.test --rotate')).slice(4)
  const started = await keysNow(`domain dkim org.test --start ${latest?.selector ?? ''}`)
  expect(states(started).slice(2)).toEqual([
    'replaced published',
    'signing published',
    'signing missing',
    'waiting missing',
  ])
  expect(started[4]).toMatchObject({ because: 'administrator' })
  expect(await typed(`domain dkim org.test --retire ${latest?.selector ?? ''}`)).toMatchObject({ code: 1 })
  expect(states(await keysNow(`domain dkim org.test --retire ${latest?.selector ?? ''} --force`))[4]).toBe(
    'retired null',
  )
  expect(await typed('domain dkim org.test --rotate --start')).toMatchObject({ code: 2 })
  expect(await typed('domain check other.test')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('not hosted'),
  })
  server.close()
}, 120_000)
