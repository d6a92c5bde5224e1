import { describe, expect, it } from 'vitest'
import { scriptedDns } from '#test/dsl/dns'
import { boundedResolver } from './bounded-resolver.ts'
import { reverseName } from './names.ts'
import { recordingResolver } from './recording-resolver.ts'
import { NotRecorded, replayResolver } from './replay-resolver.ts'

const zone = { 'example.org': { TXT: [['v=spf1 -all']], A: ['192.0.2.1'] }, 'broken.org': 'servfail' as const }

describe('recorded look-ups', () => {
  it('keep every answer once, failures too', async () => {
    const dns = recordingResolver(scriptedDns(zone))
    for (const name of ['example.org', 'EXAMPLE.org', 'broken.org', 'absent.org']) await dns.query(name, 'TXT')
    await dns.query('example.org', 'MX')
    expect(dns.answers().map(({ name, type, outcome }) => `${type} ${name} ${outcome}`)).toEqual([
      'TXT example.org ok',
      'TXT broken.org servfail',
      'TXT absent.org nxdomain',
      'MX example.org nodata',
    ])
  })

  it('go on with the first answer even when the world changes its mind', async () => {
    const world = scriptedDns(zone)
    const dns = recordingResolver(world)
    await dns.query('example.org', 'A')
    world.set('example.org', 'nxdomain')
    expect((await dns.query('example.org', 'A')).outcome).toBe('ok')
  })

  it('replay the same through JSON, and fail on a question that was not recorded', async () => {
    const dns = recordingResolver(scriptedDns(zone))
    const first = await dns.query('example.org', 'TXT')
    const replay = replayResolver(JSON.parse(JSON.stringify(dns.answers())))
    expect(await replay.query('Example.Org', 'TXT')).toEqual(first)
    await expect(replay.query('example.org', 'A')).rejects.toThrow(NotRecorded)
  })
})

describe('bounded look-ups', () => {
  it('refuse further questions, but repeat what was answered', async () => {
    const dns = boundedResolver(scriptedDns(zone), { questions: 1 })
    expect((await dns.query('example.org', 'A')).outcome).toBe('ok')
    expect((await dns.query('example.org', 'TXT')).outcome).toBe('refused')
    expect((await dns.query('example.org', 'A')).outcome).toBe('ok')
  })

  it('take answers that grow beyond their size for failures', async () => {
    const dns = boundedResolver(scriptedDns({ 'big.org': { TXT: [['x'.repeat(500)]] } }), { questions: 9, size: 400 })
    expect((await dns.query('big.org', 'TXT')).outcome).toBe('servfail')
  })
})

describe('names to ask PTR for', () => {
  it.each([
    ['192.0.2.7', '7.2.0.192.in-addr.arpa'],
    ['::ffff:192.0.2.7', '7.2.0.192.in-addr.arpa'],
    ['2001:db8::1', `1.${'0.'.repeat(23)}8.b.d.0.1.0.0.2.ip6.arpa`],
  ])('%s', (address, name) => {
    expect(reverseName(address)).toBe(name)
  })
})
