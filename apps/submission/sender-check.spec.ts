import { describe, expect, it } from 'vitest'
import type { DomainSettings } from '#domain/hosted-domain/events'
import { mailboxKey } from '#domain/message/mailbox'
import { HeaderProblem } from '#domain/message/header-problem'
import { headerFields } from './header-fields.ts'
import { checkSender, type SenderFinding } from './sender-check.ts'

const OWN = new Set(['ann@mailkeep.test', 'sales@mailkeep.test', 'jörg@mailkeep.test'])

interface Circumstances {
  readonly spoofing?: DomainSettings['spoofing']
  readonly smtputf8?: boolean
}

/** Ann, who may also send as sales. */
const check = (header: string, { spoofing = 'reject', smtputf8 = false }: Circumstances = {}): SenderFinding => {
  const block = Buffer.from(header)
  return checkSender(block, headerFields(block), {
    account: 'ann@mailkeep.test',
    owns: (address) => OWN.has(mailboxKey(address)),
    isHosted: (domain) => domain === 'mailkeep.test',
    spoofing,
    smtputf8,
  })
}

/** Why it is refused; null: it isn't. */
const refusedFor = (header: string, circumstances?: Circumstances): string | null => {
  try {
    const finding = check(header, circumstances)
    return finding.kind === 'refused' ? finding.why : null
  } catch (error) {
    if (error instanceof HeaderProblem) return error.message
    throw error
  }
}

describe('a From of one’s own', () => {
  it.each([
    'From: ann@mailkeep.test\r\n',
    'From: <ann@mailkeep.test>\r\n',
    'from:Ann <ANN@Mailkeep.Test>\r\n',
    'From: "Ann, of sales" <sales@mailkeep.test>\r\n',
    'From: Ann Q. Public <ann@mailkeep.test>\r\n',
    'From: ann@mailkeep.test (Ann Q. Public)\r\n',
    'From: =?utf-8?q?J=C3=B6rg?= <ann@mailkeep.test>\r\n',
    'From: Jörg <ann@mailkeep.test>\r\n',
    'From: Ann\r\n <ann@mailkeep.test>\r\n',
    'From: ann@mailkeep.test, Sales <sales@mailkeep.test>\r\nSender: ann@mailkeep.test\r\n',
    'From: "ann@mailkeep.test" <ann@mailkeep.test>\r\n',
    'From: "cara@outside.test via Ann" <ann@mailkeep.test>\r\n',
    'Received: from x\r\n\tby y\r\nFrom: ann@mailkeep.test\r\nX-Odd: \xff\r\n',
    'Resent-From: sales@mailkeep.test\r\nFrom: ann@mailkeep.test\r\n',
  ])('%j', (header) => {
    expect(check(header)).toEqual({ kind: 'own' })
  })

  it('may need SMTPUTF8', () => {
    expect(refusedFor('From: jörg@mailkeep.test\r\n')).toMatch(/SMTPUTF8/)
    expect(refusedFor('From: jörg@mailkeep.test\r\n', { smtputf8: true })).toBeNull()
  })
})

describe('who is somebody else', () => {
  it.each([
    ['From: ben@mailkeep.test\r\n', 'ben@mailkeep.test> in From'],
    ['From: ann@mailkeep.test, ben@mailkeep.test\r\n', 'ben@mailkeep.test> in From'],
    ['From: ann@mailkeep.test\r\nSender: ben@mailkeep.test\r\n', 'ben@mailkeep.test> in Sender'],
    ['From: ben@mailkeep.test\r\nResent-From: ann@mailkeep.test\r\n', 'ben@mailkeep.test> in From'],
    ['From: ann@mailkeep.test\r\nResent-Sender: ben@mailkeep.test\r\n', 'ben@mailkeep.test> in Resent-From'],
    ['From: ann@mailkeep.test.evil.test\r\n', 'ann@mailkeep.test.evil.test'],
    ['From: "ben@mailkeep.test" <ann@mailkeep.test>\r\n', 'pretends to be <ben@mailkeep.test>'],
    ['From: =?utf-8?q?Ben_=3Cben=40mailkeep.test=3E?= <ann@mailkeep.test>\r\n', 'pretends to be <ben@mailkeep.test>'],
    ['From: "ben\uff20mailkeep.test" <ann@mailkeep.test>\r\n', 'pretends to be <ben@mailkeep.test>'],
  ])('is named: %j', (header, why) => {
    expect(refusedFor(header)).toContain(why)
  })

  it('is recorded or rewritten where policy says so', () => {
    const header = 'From: ben@mailkeep.test\r\n'
    expect(check(header, { spoofing: 'record' })).toMatchObject({ kind: 'recorded', foreign: 'ben@mailkeep.test' })
    expect(check(header, { spoofing: 'rewrite' })).toMatchObject({ kind: 'to-be-rewritten' })
  })
})

describe('what others may read in another way is refused, whatever policy says', () => {
  it.each([
    ['', 'no From'],
    ['To: ben@mailkeep.test\r\n', 'no From'],
    ['From:\r\n', 'is empty'],
    ['From: <>\r\n', 'no address within <>'],
    ['From: ann@mailkeep.test\r\nFROM: ben@mailkeep.test\r\n', '2 From fields'],
    ['From: ann@mailkeep.test\r\nSender: ann@mailkeep.test\r\nSender: ann@mailkeep.test\r\n', '2 Sender fields'],
    ['From: ann@mailkeep.test\r\nSender: ann@mailkeep.test, sales@mailkeep.test\r\n', 'more than one address'],
    ['From : ann@mailkeep.test\r\n', 'white space before its colon'],
    ['From: all:ann@mailkeep.test;\r\n', 'group'],
    ['From: all: Ann <ann@mailkeep.test>;\r\n', 'after an address'],
    ['From: undisclosed:;\r\n', 'group'],
    ['From: <@evil.test,@x.test:ann@mailkeep.test>\r\n', 'route'],
    ['From: ann(ben@mailkeep.test)@mailkeep.test\r\n', 'comment'],
    ['From: (ben@mailkeep.test) ann@mailkeep.test\r\n', 'comment'],
    ['From: ann@mailkeep.test (ben@mailkeep.test)\r\n', 'comment'],
    ['From: Ann (x) <ann@mailkeep.test>\r\n', 'comment'],
    ['From: ben@mailkeep.test <ann@mailkeep.test>\r\n', 'address within a name'],
    ['From: <ben@mailkeep.test> <ann@mailkeep.test>\r\n', 'white space within an address'],
    ['From: <ann@mailkeep.test> ben@mailkeep.test\r\n', 'after an address'],
    ['From: "ben@mailkeep.test>,"@mailkeep.test\r\n', 'quoted local part'],
    ['From: "ann"@mailkeep.test\r\n', 'quoted local part'],
    ['From: =?utf-8?q?ben?=@mailkeep.test\r\n', 'encoded-word within an address'],
    ['From: <=?utf-8?q?ben=40mailkeep.test?=>\r\n', 'encoded-word within an address'],
    ['From: ann@mailkeep.test,\r\n', 'empty place'],
    ['From: "Ann <ann@mailkeep.test>\r\n', 'never closed'],
    ['From: Ann <ann@mailkeep.test\r\n', 'never closed'],
    ['From: ann @mailkeep.test\r\n', 'white space within an address'],
    ['From: ann\r\n', 'no address that can be read'],
    ['From: ann@[127.0.0.1]\r\n', 'no address that can be read'],
    ['From: ann@mailkeep.test\0, ben@mailkeep.test\r\n', 'NUL'],
    ['From: ann@mailkeep.test\x07\r\n', 'control character'],
    ['From: ann@mailkeep.test\r\n \r\n ben@mailkeep.test\r\n', 'nothing but white space'],
    ['From: ann@mailkeep.test\r\nno field at all\r\n', 'no field'],
    [' From: ben@mailkeep.test\r\nFrom: ann@mailkeep.test\r\n', 'begins with no name'],
    ['Fr\u043em: ben@mailkeep.test\r\nFrom: ann@mailkeep.test\r\n', 'begins with no name'],
    [`From: ${'x'.repeat(17_000)} <ann@mailkeep.test>\r\n`, 'longer than'],
    [`From: ${Array(51).fill('ann@mailkeep.test').join(', ')}\r\n`, 'more than 50'],
    [`From: ${'a'.repeat(300)}@mailkeep.test\r\n`, 'no address that can be read'],
  ])('%#: %j', (header, why) => {
    for (const spoofing of ['reject', 'record', 'rewrite'] as const)
      expect(refusedFor(header, { spoofing })).toContain(why)
  })

  it('in octets that are no UTF-8', () => {
    const block = Buffer.from('From: J\xf6rg <ann@mailkeep.test>\r\n', 'latin1')
    expect(() =>
      checkSender(block, headerFields(block), {
        account: 'ann@mailkeep.test',
        owns: () => true,
        isHosted: () => false,
        spoofing: 'record',
        smtputf8: true,
      }),
    ).toThrow(/not UTF-8/)
  })

  it('in linear time', () => {
    for (const value of [
      'a'.repeat(16_000),
      '"'.repeat(16_000),
      ' a'.repeat(8_000),
      '(a)'.repeat(5_000),
      '@'.repeat(16_000),
    ])
      expect(refusedFor(`From: ${value} <ann@mailkeep.test>\r\n`) ?? '').toBeTypeOf('string')
  })
})
