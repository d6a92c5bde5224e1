import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { type Answer, decode, type DecodedPacket, encode } from 'dns-packet'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { DnsType } from './port.ts'
import { systemResolver } from './system-resolver.ts'

interface Said {
  readonly answers?: readonly Answer[]
  readonly authorities?: readonly Answer[]
  readonly rcode?: number
}

/** A server that says what it is told to, and how often it was asked what. */
const serverThat = async (says: (type: DnsType, name: string, query: DecodedPacket) => Said) => {
  const asked: string[] = []
  const socket = createSocket('udp4')
  onTestFinished(() => new Promise((resolve) => socket.close(() => resolve())))
  socket.on('message', (octets, { port }) => {
    const query = decode(octets)
    const [{ name, type } = { name: '', type: 'A' as const }] = query.questions ?? []
    // The root is asked for only to see whether anybody is there.
    if (name !== '.') asked.push(`${type} ${name}`)
    const { answers = [], authorities = [], rcode = 0 } = says(type as DnsType, name, query)
    const answer = encode({
      id: query.id ?? 0,
      type: 'response',
      flags: 0x0180 | rcode,
      questions: query.questions ?? [],
      answers: [...answers],
      authorities: [...authorities],
    })
    socket.send(answer, port)
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const clock = { now: 0 }
  const dns = systemResolver({
    servers: [`127.0.0.1:${socket.address().port}`],
    timeoutMs: 500,
    tries: 1,
    now: () => clock.now,
  })
  return { asked, clock, dns }
}

const a = (name: string, ttl: number, data = '192.0.2.1'): Answer => ({ type: 'A', name, ttl, data })
const alias = (name: string, data: string, ttl = 60): Answer => ({ type: 'CNAME', name, ttl, data })
const soa = (name: string, ttl: number, minimum: number): Answer => ({
  type: 'SOA',
  name,
  ttl,
  data: { mname: 'ns.test', rname: 'host.test', serial: 1, refresh: 1, retry: 1, expire: 1, minimum },
})

describe('an answer is kept', () => {
  it('for the shortest TTL of its records and aliases, of every type', async () => {
    const { asked, clock, dns } = await serverThat((type, name) => ({
      answers:
        type === 'TXT'
          ? [{ type, name, ttl: 30, data: ['v=spf1 ', '-all'] }]
          : [alias(name, 'b.test', 20), a('b.test', 600), a('b.test', 900, '192.0.2.2')],
    }))
    const ask = async (at: number) => {
      clock.now = at
      return [await dns.query('a.test', 'A'), await dns.query('a.test', 'TXT')]
    }
    const [addresses, texts] = await ask(0)
    expect(addresses?.records).toEqual(['192.0.2.1', '192.0.2.2'])
    expect(texts?.records).toEqual([['v=spf1 ', '-all']])
    await ask(19_999)
    expect(asked).toEqual(['A a.test', 'TXT a.test'])
    await ask(20_000)
    expect(asked).toEqual(['A a.test', 'TXT a.test', 'A a.test'])
    await ask(30_000)
    expect(asked).toEqual(['A a.test', 'TXT a.test', 'A a.test', 'TXT a.test'])
  })

  it('not at all with a TTL of 0, and no longer than a day', async () => {
    const { asked, clock, dns } = await serverThat((_, name) => ({
      answers: [a(name, name === 'a.test' ? 0 : 2 ** 31 - 1)],
    }))
    for (const name of ['a.test', 'b.test', 'a.test', 'b.test']) await dns.query(name, 'A')
    expect(asked).toEqual(['A a.test', 'A b.test', 'A a.test'])
    clock.now = 86_400_000
    await dns.query('b.test', 'A')
    expect(asked).toHaveLength(4)
  })

  it('of nothing for what the SOA of the zone says (RFC 2308 5), at most three hours', async () => {
    const { asked, clock, dns } = await serverThat((_, name) => ({
      rcode: name.startsWith('gone') ? 3 : 0,
      authorities: name.includes('.long.test')
        ? [soa('long.test', 90_000, 90_000)]
        : name.includes('.foreign.test')
          ? [soa('else.test', 60, 60)]
          : name.includes('.bare.test')
            ? []
            : [soa('test', 60, 10)],
    }))
    const isAskedAgain = async (name: string, type: DnsType, at: number): Promise<boolean> => {
      clock.now = at
      const before = asked.length
      const { outcome } = await dns.query(name, type)
      expect(outcome).toBe(name.startsWith('gone') ? 'nxdomain' : 'nodata')
      return asked.length > before
    }
    expect(await isAskedAgain('gone.a.test', 'A', 0)).toBe(true)
    // Of a name that isn't there, all types are known; of one that has no A, nothing else.
    expect(await isAskedAgain('gone.a.test', 'TXT', 9_999)).toBe(false)
    expect(await isAskedAgain('gone.a.test', 'A', 10_000)).toBe(true)
    expect(await isAskedAgain('there.a.test', 'A', 20_000)).toBe(true)
    expect(await isAskedAgain('there.a.test', 'A', 29_999)).toBe(false)
    expect(await isAskedAgain('there.a.test', 'TXT', 29_999)).toBe(true)
    for (const zone of ['bare.test', 'foreign.test']) {
      expect(await isAskedAgain(`gone.${zone}`, 'A', 30_000)).toBe(true)
      expect(await isAskedAgain(`gone.${zone}`, 'A', 30_000)).toBe(true)
    }
    expect(await isAskedAgain('gone.long.test', 'A', 40_000)).toBe(true)
    expect(await isAskedAgain('gone.long.test', 'A', 10_839_999)).toBe(false)
    expect(await isAskedAgain('gone.long.test', 'A', 10_840_000)).toBe(true)
  })

  it('of a failure for seconds only', async () => {
    const { asked, clock, dns } = await serverThat(() => ({ rcode: 2 }))
    for (const at of [0, 4_999, 5_000]) {
      clock.now = at
      expect((await dns.query('a.test', 'A')).outcome).toBe('servfail')
    }
    expect(asked).toHaveLength(2)
  })
})

describe('aliases', () => {
  it('are followed where the server leaves that to who asks', async () => {
    const chain: Record<string, string> = { 'a.test': 'b.test', 'b.test': 'c.test' }
    const { asked, dns } = await serverThat((_, name) => {
      const next = chain[name]
      return { answers: next === undefined ? [a(name, 60)] : [alias(name, next)] }
    })
    expect(await dns.resolve('a.test', 'A')).toMatchObject({
      name: 'a.test',
      outcome: 'ok',
      records: ['192.0.2.1'],
      canonicalName: 'c.test',
    })
    expect(asked).toEqual(['A a.test', 'A b.test', 'A c.test'])
    await dns.query('a.test', 'A')
    expect(asked).toHaveLength(3)
  })

  it('that lead in a circle, or too far, are a failure', async () => {
    const { asked, dns } = await serverThat((_, name) => ({
      answers: [alias(name, name === 'a.test' ? 'b.test' : name === 'b.test' ? 'a.test' : `x${name}`)],
    }))
    expect((await dns.query('a.test', 'A')).outcome).toBe('servfail')
    expect((await dns.query('far.test', 'A')).outcome).toBe('servfail')
    expect(asked.length).toBeLessThan(15)
  })

  it('that lead to nothing are nothing, and say so of no other type', async () => {
    const { asked, dns } = await serverThat((type, name) =>
      type === 'CNAME'
        ? { answers: [alias(name, 'gone.test')] }
        : { rcode: 3, answers: [alias(name, 'gone.test')], authorities: [soa('test', 60, 60)] },
    )
    expect((await dns.query('a.test', 'A')).outcome).toBe('nxdomain')
    expect(await dns.query('a.test', 'CNAME')).toMatchObject({ outcome: 'ok', records: ['gone.test'] })
    expect(asked).toEqual(['A a.test', 'CNAME a.test'])
  })
})

describe('what a server says beside what it was asked', () => {
  it('is not believed', async () => {
    const { asked, dns } = await serverThat((type, name) => ({
      answers: name === 'a.test' ? [a('bank.test', 600, '192.0.2.66'), a(name, 60)] : [],
      authorities: type === 'A' && name !== 'a.test' ? [soa('test', 60, 60)] : [],
    }))
    expect((await dns.query('a.test', 'A')).records).toEqual(['192.0.2.1'])
    expect((await dns.query('bank.test', 'A')).outcome).toBe('nodata')
    expect(asked).toEqual(['A a.test', 'A bank.test'])
  })
})

describe('a server from before EDNS', () => {
  it.each([1, 4])('that answers it with %i is asked again without', async (rcode) => {
    const { asked, dns } = await serverThat((_, name, { additionals = [] }) =>
      additionals.length > 0 ? { rcode } : { answers: [a(name, 60)] },
    )
    expect((await dns.query('a.test', 'A')).records).toEqual(['192.0.2.1'])
    expect(asked).toHaveLength(2)
  })
})
