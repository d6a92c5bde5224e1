import { expect, it } from 'vitest'
import { scriptedDns } from '#test/dsl/dns'
import { dnsServer } from '#test/dsl/dns-server'
import { startDemo } from '#test/dsl/mailkeep'
import { conversation } from '#test/dsl/smtp/conversation'
import { as, comesTo, done, eventually, send } from '#test/dsl/story'

const POLICY = '/policies/edge'

it('checks who connects before anything is accepted: records what hangs on DNS, rejects it where policy says so', async () => {
  const script = scriptedDns({
    '1.0.0.127.in-addr.arpa': { PTR: ['mail.outside.example'] },
    'mail.outside.example': { A: ['192.0.2.9'] },
    'client.outside.example': { A: ['127.0.0.1'] },
    'outside.example': { MX: [{ priority: 10, exchange: 'mail.outside.example' }] },
    'slow.example': 'servfail',
  })
  const dns = await dnsServer(script, 1)
  try {
    const demo = await startDemo({ MAILKEEP_DNS_SERVERS: dns.address })
    const mx = demo.port('mx')
    const admin = await as(demo, 'admin')
    const checksOf = async (id: string) => {
      const traced = await comesTo(admin, id, { ann: 'delivered' })
      const checks = traced.events[0]!.data['checks'] as { check: string; result: string }[]
      return {
        checks: Object.fromEntries(checks.map(({ check, result }) => [check, result])),
        symbols: traced.recipients[0]!.symbols.map(({ name }) => name).filter((name) => name.startsWith('EDGE_')),
      }
    }

    // Loopback is exempt from all of it.
    expect(await checksOf(await send(demo, { from: 'a@nowhere.example', to: ['ann@mailkeep.test'] }))).toEqual({
      checks: {},
      symbols: [],
    })

    await done(admin, 'PUT', POLICY, { document: { exemptNetworks: [] }, reason: 'a story' })
    expect(await checksOf(await send(demo, { from: 'a@nowhere.example', to: ['ann@mailkeep.test'] }))).toEqual({
      checks: { 'early-talker': 'pass', 'reverse-dns': 'fail', 'helo-resolves': 'pass', 'sender-domain': 'fail' },
      symbols: expect.arrayContaining(['EDGE_REVERSE_DNS', 'EDGE_SENDER_DOMAIN']),
    })
    // No answer is no failure.
    expect(await checksOf(await send(demo, { from: 'a@slow.example', to: ['ann@mailkeep.test'] }))).toMatchObject({
      checks: { 'sender-domain': 'temperror' },
      symbols: ['EDGE_REVERSE_DNS'],
    })

    // What is in our own hands is refused.
    await conversation(
      mx,
      `
      => EHLO early.example\\r\\n
      <- 554 5.5.1
      .. closed
      `,
    )
    await conversation(
      mx,
      `
      <- 220
      -> EHLO mx.mailkeep.test
      <- 550 5.7.1
      -> EHLO mailkeep.test
      <- 550 5.7.1
      -> EHLO 192.0.2.1
      <- 501 5.5.2
      -> EHLO -what-
      <- 501 5.5.2
      -> EHLO [192.0.2.1]
      <- 250
      -> QUIT
      <- 221
      `,
    )

    await done(admin, 'PUT', POLICY, {
      document: { exemptNetworks: [], checks: { heloResolves: 'reject', senderDomain: 'reject' } },
      reason: 'a story',
    })
    await conversation(
      mx,
      `
      <- 220
      -> EHLO unknown.example
      <- 550 5.7.1
      -> EHLO client.outside.example
      <- 250
      -> MAIL FROM:<a@nowhere.example>
      <- 550 5.1.8
      -> MAIL FROM:<a@outside.example>
      <- 250
      -> RSET
      <- 250
      -> MAIL FROM:<a@slow.example>
      <- 250
      -> RSET
      <- 250
      -> MAIL FROM:<>
      <- 250
      -> QUIT
      <- 221
      `,
    )

    await done(admin, 'PUT', POLICY, {
      document: { exemptNetworks: [], checks: { reverseDns: 'reject' } },
      reason: 'a story',
    })
    await conversation(mx, '<- 550 5.7.25\n.. closed')

    await eventually(async () => {
      const { items } = (await done(admin, 'GET', '/refusals?limit=500')) as {
        items: { stage: string; check: string }[]
      }
      expect([...new Set(items.map(({ stage, check }) => `${stage} ${check}`))].toSorted()).toEqual([
        'connect early-talker',
        'connect reverse-dns',
        'helo helo-own-name',
        'helo helo-resolves',
        'helo helo-syntax',
        'mail sender-domain',
      ])
    })
  } finally {
    dns.close()
  }
}, 120_000)
