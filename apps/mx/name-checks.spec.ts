import { describe, expect, it } from 'vitest'
import { scriptedDns } from '#test/dsl/dns'
import { isBareAddress, isHeloSyntax } from './helo-name.ts'
import { canReceiveMail, resolves } from './name-checks.ts'
import { lookUpClientName } from './reverse-dns.ts'

describe('a HELO name', () => {
  it.each([
    'mail.example.org',
    'mail.example.org.',
    'localhost',
    'my_host',
    'bücher.example',
    '[192.0.2.1]',
    '[IPv6:2001:db8::1]',
  ])('%s is one', (name) => expect(isHeloSyntax(name) && !isBareAddress(name)).toBe(true))
  it.each(['', '-a.example', 'a..b', 'a b', '192.0.2.1', '[192.0.2]', 'mail.example.org;', `${'a'.repeat(256)}`])(
    '"%s" is none',
    (name) => expect(isHeloSyntax(name) && !isBareAddress(name)).toBe(false),
  )
})

describe("a sender's domain", () => {
  const dns = scriptedDns({
    'mx.example': { MX: [{ priority: 10, exchange: 'mail.mx.example' }] },
    'null.example': { MX: [{ priority: 0, exchange: '' }], A: ['192.0.2.1'] },
    'a.example': { A: ['192.0.2.1'] },
    'aaaa.example': { AAAA: ['2001:db8::1'] },
    'text.example': { TXT: [['nothing else']] },
    'broken.example': 'servfail',
  })
  dns.fail('half.example', 'MX', 'timeout')

  it.each([
    ['mx.example', 'pass'],
    ['a.example', 'pass'],
    ['aaaa.example', 'pass'],
    ['null.example', 'fail'],
    ['text.example', 'fail'],
    ['nowhere.example', 'fail'],
    ['broken.example', 'temperror'],
    ['half.example', 'temperror'],
    ['[192.0.2.1]', 'none'],
  ])('%s: %s', async (domain, result) => {
    expect(await canReceiveMail(dns, domain)).toMatchObject({ check: 'sender-domain', result })
  })

  it('is asked about only as far as it must be', async () => {
    const asking = scriptedDns({ 'mx.example': { MX: [{ priority: 10, exchange: 'mail.mx.example' }] } })
    await canReceiveMail(asking, 'mx.example')
    expect(asking.asked).toEqual(['MX mx.example'])
  })

  it('says nothing of a HELO name that has an address', async () => {
    expect(await resolves(dns, 'a.example')).toMatchObject({ check: 'helo-resolves', result: 'pass' })
    expect(await resolves(dns, 'text.example')).toMatchObject({ result: 'fail' })
    expect(await resolves(dns, 'broken.example')).toMatchObject({ result: 'temperror' })
  })
})

describe("a client's name", () => {
  const dns = scriptedDns({
    '1.2.0.192.in-addr.arpa': { PTR: ['liar.example', 'Mail.Example.ORG'] },
    'mail.example.org': { A: ['192.0.2.1'] },
    'liar.example': { A: ['192.0.2.99'] },
    '2.2.0.192.in-addr.arpa': { PTR: ['liar.example'] },
    '3.2.0.192.in-addr.arpa': 'servfail',
    '4.2.0.192.in-addr.arpa': { PTR: ['slow.example'] },
    'slow.example': 'timeout',
    '1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa': { PTR: ['six.example'] },
    'six.example': { AAAA: ['2001:db8:0:0:0:0:0:1'] },
  })

  it.each([
    ['192.0.2.1', 'mail.example.org', 'pass'],
    ['::ffff:192.0.2.1', 'mail.example.org', 'pass'],
    ['2001:db8::1', 'six.example', 'pass'],
    ['192.0.2.2', null, 'fail'],
    ['192.0.2.3', null, 'temperror'],
    ['192.0.2.4', null, 'temperror'],
    ['192.0.2.5', null, 'fail'],
    ['somewhere', null, 'none'],
  ])('of %s is %s: %s', async (address, name, result) => {
    expect(await lookUpClientName(dns, address)).toMatchObject({ name, check: { check: 'reverse-dns', result } })
  })
})
