import { once } from 'node:events'
import { createSocket } from 'node:dgram'
import { decode, encode } from 'dns-packet'
import { array, assert, nat, property, tuple } from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import { scriptedDns, type ScriptedDns, type Zone } from '#test/dsl/dns'
import { dnsServer } from '#test/dsl/dns-server'
import { serverAddress } from './dns-exchange.ts'
import { queryOctets, understood } from './dns-message.ts'
import { systemResolver, type SystemResolverOptions } from './system-resolver.ts'

const serving = async (zone: Zone): Promise<{ dns: ScriptedDns; address: string }> => {
  const dns = scriptedDns(zone)
  const server = await dnsServer(dns)
  onTestFinished(() => server.close())
  return { dns, address: server.address }
}

const asking = (servers: readonly string[], options: SystemResolverOptions = {}) =>
  systemResolver({ servers, timeoutMs: 200, tries: 1, ...options })

/** But for the root, which is asked for only to see whether anybody is there. */
const askedOf = (dns: ScriptedDns): string[] => dns.asked.filter((question) => question !== 'NS ')

const tlsa = { certUsage: 3, selector: 1, match: 1, data: 'ab'.repeat(32) }
const world: Zone = {
  'signed.test': { MX: [{ exchange: 'mx.signed.test', priority: 10 }], A: ['192.0.2.1'] },
  'mx.signed.test': { A: ['192.0.2.2', '192.0.2.3'], AAAA: ['20010db8000000000000000000000001'] },
  '_25._tcp.mx.signed.test': { TLSA: [tlsa] },
  'alias.signed.test': { CNAME: ['mx.signed.test'] },
  'alias.plain.test': { CNAME: ['mx.signed.test'] },
  'plain.test': { A: ['192.0.2.9'] },
  'null.signed.test': { MX: [{ exchange: '', priority: 0 }] },
  'many.signed.test': { A: Array.from({ length: 90 }, (_, at) => `192.0.2.${at}`) },
  'broken.test': 'servfail',
  'silent.test': 'timeout',
  'closed.test': 'refused',
}

describe('what DNSSEC vouches for', () => {
  it('is known of every answer, of none being there too', async () => {
    const { dns, address } = await serving(world)
    dns.vouch('signed.test')
    const resolver = asking([address])
    expect(await resolver.resolve('Signed.test.', 'MX')).toEqual({
      name: 'signed.test',
      type: 'MX',
      outcome: 'ok',
      records: [{ exchange: 'mx.signed.test', priority: 10 }],
      authentic: true,
      canonicalName: 'signed.test',
    })
    expect((await resolver.resolve('_25._tcp.mx.signed.test', 'TLSA')).records).toEqual([tlsa])
    expect((await resolver.resolve('mx.signed.test', 'AAAA')).records).toEqual(['2001:db8::1'])
    expect((await resolver.resolve('null.signed.test', 'MX')).records).toEqual([{ exchange: '', priority: 0 }])
    for (const [name, outcome, authentic] of [
      ['absent.signed.test', 'nxdomain', true],
      ['signed.test', 'nodata', true],
      ['plain.test', 'nodata', false],
      ['absent.test', 'nxdomain', false],
      ['broken.test', 'servfail', false],
      ['silent.test', 'timeout', false],
      ['closed.test', 'refused', false],
      ['a..b', 'error', false],
    ] as const)
      expect(await resolver.resolve(name, 'TLSA')).toMatchObject({ outcome, authentic, records: [] })
  })

  it('goes for a whole chain of aliases or not at all', async () => {
    const { dns, address } = await serving(world)
    dns.vouch('signed.test')
    const resolver = asking([address])
    expect(await resolver.resolve('alias.signed.test', 'A')).toMatchObject({
      records: ['192.0.2.2', '192.0.2.3'],
      authentic: true,
      canonicalName: 'mx.signed.test',
    })
    expect(await resolver.resolve('alias.plain.test', 'A')).toMatchObject({
      authentic: false,
      canonicalName: 'mx.signed.test',
    })
    expect((await resolver.resolve('alias.signed.test', 'CNAME')).records).toEqual(['mx.signed.test'])
  })

  it('is asked for over TCP when it does not fit', async () => {
    const { dns, address } = await serving(world)
    dns.vouch('signed.test')
    const answer = await asking([address]).resolve('many.signed.test', 'A')
    expect(answer).toMatchObject({ outcome: 'ok', authentic: true })
    expect(answer.records).toHaveLength(90)
    expect(askedOf(dns)).toHaveLength(2)
  })

  it('is not said by a second server that does not look, when the first found a forgery', async () => {
    const first = await serving({ 'forged.test': 'servfail', 'late.test': 'timeout', 'x.test': 'refused' })
    const zone = {
      'forged.test': { A: ['192.0.2.66'] },
      'late.test': { A: ['192.0.2.7'] },
      'x.test': { A: ['192.0.2.8'] },
    }
    const second = await serving(zone)
    const resolver = asking([first.address, second.address])
    expect(await resolver.resolve('forged.test', 'A')).toMatchObject({ outcome: 'servfail', records: [] })
    expect(await resolver.resolve('late.test', 'A')).toMatchObject({ outcome: 'ok', authentic: false })
    expect(await resolver.resolve('x.test', 'A')).toMatchObject({ outcome: 'ok', authentic: false })
    second.dns.vouch('forged.test')
    const afresh = asking([first.address, second.address])
    expect(await afresh.resolve('forged.test', 'A')).toMatchObject({ outcome: 'ok', authentic: true })
  })
})

describe('questions', () => {
  it('are asked once at a time, remembered for a while, and bounded', async () => {
    const { dns, address } = await serving(world)
    const resolver = asking([address], { outstanding: 1 })
    const [first, second, other] = await Promise.all([
      resolver.resolve('plain.test', 'A'),
      resolver.resolve('PLAIN.test', 'A'),
      resolver.resolve('signed.test', 'A'),
    ])
    expect(first).toBe(second)
    expect(other).toMatchObject({ outcome: 'refused', authentic: false })
    expect(await resolver.resolve('plain.test', 'A')).toBe(first)
    expect(askedOf(dns)).toEqual(['A plain.test'])
  })

  it('take only an answer to themselves', async () => {
    const server = createSocket('udp4')
    onTestFinished(() => new Promise((resolve) => server.close(() => resolve())))
    server.on('message', (octets, { port }) => {
      const { id = 0, questions = [] } = decode(octets)
      const answer = (changes: object) =>
        encode({
          id,
          type: 'response',
          flags: 0x01a0,
          questions,
          answers: [{ type: 'A', name: 'a.test', ttl: 60, data: '192.0.2.66' }],
          ...changes,
        })
      server.send(answer({ id: (id + 1) & 0xffff }), port)
      server.send(answer({ questions: [{ type: 'A', name: 'b.test' }] }), port)
      server.send(answer({ questions: [{ type: 'AAAA', name: 'a.test' }] }), port)
      server.send(answer({ questions: [] }), port)
      server.send(answer({ type: 'query' }), port)
      server.send(octets, port)
      server.send(Buffer.from('nonsense'), port)
      server.send(answer({ answers: [{ type: 'A', name: 'A.test', ttl: 60, data: '192.0.2.1' }] }), port)
    })
    server.bind(0, '127.0.0.1')
    await once(server, 'listening')
    const answer = await asking([`127.0.0.1:${server.address().port}`]).resolve('a.test', 'A')
    expect(answer).toMatchObject({ records: ['192.0.2.1'], authentic: true })
  })

  it('survive whatever comes back', () => {
    const question = { name: 'a.test', type: 'TLSA' } as const
    const query = queryOctets(7, question)
    const named = new Set<string | undefined>()
    assert(
      property(array(tuple(nat(query.length + 40), nat(255)), { maxLength: 12 }), (changes) => {
        const octets = Buffer.concat([query, Buffer.alloc(40)])
        octets[2] = 0x81
        octets[7] = 2
        for (const [at, value] of changes) octets[at] = value
        named.add(understood(octets, 7, question)?.name)
      }),
      { seed: 20260, numRuns: 2_000 },
    )
    expect([...named].toSorted()).toEqual(['a.test', undefined])
  })
})

it.each([
  ['192.0.2.1', { host: '192.0.2.1', port: 53 }],
  ['192.0.2.1:5353', { host: '192.0.2.1', port: 5353 }],
  ['2001:db8::1', { host: '2001:db8::1', port: 53 }],
  ['[2001:db8::1]:5353', { host: '2001:db8::1', port: 5353 }],
  ['[2001:db8::1]', { host: '2001:db8::1', port: 53 }],
])('a server is %s', (text, address) => {
  expect(serverAddress(text)).toEqual(address)
})
