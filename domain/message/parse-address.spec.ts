import { describe, expect, it } from 'vitest'
import { isHostName, parseDomainName } from './domain-name.ts'
import { parseAddress } from './parse-address.ts'

describe('an address', () => {
  it.each([
    ['Ann@Example.ORG', 'Ann@example.org'],
    ['a.b+c@x.org', 'a.b+c@x.org'],
    ["!#$%&'*+-/=?^_`{|}~@x.org", "!#$%&'*+-/=?^_`{|}~@x.org"],
    ['"ann"@x.org', 'ann@x.org'],
    ['"a\\nn"@x.org', 'ann@x.org'],
    ['"a b"@x.org', '"a b"@x.org'],
    ['"a@b"@x.org', '"a@b"@x.org'],
    [String.raw`"a\"\\b"@x.org`, String.raw`"a\"\\b"@x.org`],
    ['""@x.org', '""@x.org'],
    ['用户@例子.广告', '用户@xn--fsqu00a.xn--4rr70v'],
    ['root@localhost', 'root@localhost'],
    ['a@my_host.example', 'a@my_host.example'],
  ])('%s is %s', (text, address) => {
    expect(parseAddress(text)).toBe(address)
    expect(parseAddress(address)).toBe(address)
  })

  it.each([
    '',
    'ann',
    '@x.org',
    'ann@',
    '.ann@x.org',
    'ann.@x.org',
    'a..n@x.org',
    'a n@x.org',
    'a@b@x.org',
    '"ann@x.org',
    '"a"b"@x.org',
    '"a\nb"@x.org',
    'ann@x..org',
    'ann@.x.org',
    'ann@x.org.',
    'ann@-x.org',
    'ann@x-.org',
    'ann@[192.0.2.1]',
    'ann@192.0.2.1',
    'ann@\uff11.2.3.4',
    'ann@x.org/path',
    'ann@bü/cher.org',
    'ann@bü:80',
    'a\u0085n@x.org',
    'a\ud800@x.org',
    'ann\r\n@x.org',
    `${'a'.repeat(65)}@x.org`,
    `${'ü'.repeat(33)}@x.org`,
    `ann@${'a'.repeat(64)}.org`,
    `${'a'.repeat(60)}@${'a.'.repeat(120)}org`,
  ])('%j is none', (text) => {
    expect(parseAddress(text)).toBeNull()
  })
})

describe('a domain name', () => {
  it('is strict only where asked', () => {
    expect(parseDomainName('My_Host.example')).toBe('my_host.example')
    expect(isHostName('my_host.example')).toBe(false)
    expect(isHostName('mail-1.example')).toBe(true)
    expect(parseDomainName('x'.repeat(2_000))).toBeNull()
  })
})
