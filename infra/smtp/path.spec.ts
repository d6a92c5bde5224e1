import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parsePath } from './path.ts'
import { SmtpRefusal } from './port.ts'

const long = 'x'.repeat(64)
const name = (length: number): string => `${`${'d'.repeat(60)}.`.repeat(10)}`.slice(0, length - 1) + 'e'

describe('a path', () => {
  test.each([
    ['<>', null],
    ['  <> SIZE=1', null],
    ['<Ann.B@Example.ORG>', 'Ann.B@example.org'],
    ['<a@localhost>', 'a@localhost'],
    ['<@relay.test,@other.test:a@b.test>', 'a@b.test'],
    ["<o'brien+x=y/z@b.test>", "o'brien+x=y/z@b.test"],
    ['<"a"@b.test>', 'a@b.test'],
    ['<"a b"@b.test>', '"a b"@b.test'],
    ['<"a>b@c"@b.test>', '"a>b@c"@b.test'],
    ['<"a\\"b"@b.test>', '"a\\"b"@b.test'],
    ['<"\\a.\\b"@b.test>', 'a.b@b.test'],
    ['<""@b.test>', '""@b.test'],
    ['<a@[192.0.2.1]>', 'a@[192.0.2.1]'],
    ['<a@[IPv6:2001:DB8::1]>', 'a@[IPv6:2001:db8::1]'],
    ['<a@under_score.test>', 'a@under_score.test'],
    ['<grün@bücher.test>', 'grün@bücher.test'],
    [`<${'v'.repeat(100)}@b.test>`, `${'v'.repeat(100)}@b.test`],
    [`<${long}@${name(189)}>`, `${long}@${name(189)}`],
  ])('%s of a sender is %s', (text, mailbox) => {
    expect(parsePath(text, 'reverse').mailbox).toBe(mailbox)
  })

  test.each([
    'a@b.test',
    '<a@b.test',
    '<a@b.test>x',
    '<a>',
    '<@>',
    '<@b.test>',
    '<a@>',
    '<a@b@c.test>',
    '<a b@c.test>',
    '< a@b.test>',
    '<a@b.test >',
    '<.a@b.test>',
    '<a.@b.test>',
    '<a..b@c.test>',
    '<a@b..test>',
    '<a@.test>',
    '<a@b.test.>',
    '<a@-b.test>',
    '<a@b-.test>',
    '<a@b,test>',
    '<"a@b.test>',
    '<"a"b@c.test>',
    '<a@[192.0.2.256]>',
    '<a@[2001:db8::1]>',
    '<a@[IPv6:fe80::1%eth0]>',
    '<a@[x:y]>',
    '<a@[192.0.2.1>',
    '<a:@b.test>',
    '<whatever:a@b.test>',
    '<@relay.test:>',
    '<a\tb@c.test>',
    `<a@${'d'.repeat(64)}.test>`,
    `<${long}@${name(190)}>`,
    '<grün@-.test>',
    '',
    '<',
  ])('%s is none', (text) => {
    expect(() => parsePath(text, 'reverse')).toThrow(SmtpRefusal)
    expect(() => parsePath(text, 'forward')).toThrow(SmtpRefusal)
  })

  test('of a recipient may be postmaster alone, is never empty, and has at most 64 octets before @', () => {
    expect(parsePath('<PostMaster>', 'forward').mailbox).toBe('postmaster')
    expect(parsePath(`<${long}@b.test>`, 'forward').mailbox).toBe(`${long}@b.test`)
    for (const text of ['<>', `<x${long}@b.test>`, `<${'ü'.repeat(33)}@b.test>`])
      expect(() => parsePath(text, 'forward')).toThrow('5.1.3')
    expect(() => parsePath('<postmaster>', 'reverse')).toThrow('5.1.7')
  })

  test('tells what is international and what follows', () => {
    expect(parsePath('<ä@b.test> SMTPUTF8 SIZE=1', 'reverse')).toEqual({
      mailbox: 'ä@b.test',
      international: true,
      rest: ' SMTPUTF8 SIZE=1',
    })
    expect(parsePath('<a@b.test>', 'reverse')).toMatchObject({ international: false, rest: '' })
  })

  test('read again is the same, and nothing but a refusal is thrown', () => {
    const text = fc.array(
      fc.constantFrom('<', '>', '@', '"', '\\', '.', 'a', 'Ü', ' ', ':', ',', '[', ']', '127.0.0.1', 'IPv6:::1', '-'),
      { maxLength: 14 },
    )
    fc.assert(
      fc.property(text, (parts) => {
        const read = (path: string): string | null | undefined => {
          try {
            return parsePath(path, 'reverse').mailbox
          } catch (error) {
            if (error instanceof SmtpRefusal) return undefined
            throw error
          }
        }
        const first = read(`<${parts.join('')}>`)
        expect(typeof first === 'string' ? read(`<${first}>`) : first).toBe(first)
      }),
      { seed: 5321, numRuns: 5_000 },
    )
  })
})
