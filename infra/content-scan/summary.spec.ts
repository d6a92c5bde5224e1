import { describe, expect, it } from 'vitest'
import { summariseHeaders } from './summary.ts'

const summary = (...lines: string[]) => summariseHeaders(Buffer.from(`${lines.join('\r\n')}\r\n\r\n`))

describe('the summary of a header block', () => {
  it('decodes words, unfolds, and lower-cases domains but not local parts', () => {
    expect(
      summary(
        'From: =?utf-8?q?J=C3=B6rg?= <Joerg.K@Example.ORG>',
        'Subject: one',
        ' two =?utf-8?b?w6Q=?=',
        'Message-ID: <a@b>',
      ),
    ).toEqual({
      from: { address: 'Joerg.K@example.org', name: 'Jörg' },
      addresses: ['Joerg.K@example.org'],
      subject: 'one two ä',
      messageId: '<a@b>',
    })
  })

  it('knows every address of From and Sender, groups and repeated fields included', () => {
    expect(
      summary('From: a@x.test, team: b@x.test, c@x.test;', 'Sender: d@x.test', 'From: e@x.test').addresses,
    ).toEqual(['a@x.test', 'b@x.test', 'c@x.test', 'e@x.test', 'd@x.test'])
  })

  it('has nothing to say about a mail without headers', () => {
    expect(summariseHeaders(Buffer.from('\r\nbody'))).toEqual({
      from: null,
      addresses: [],
      subject: null,
      messageId: null,
    })
  })

  it('takes control characters and bidi overrides out of what people will read', () => {
    expect(summary('Subject: pay\u202egpj.exe\u0007 now').subject).toBe('pay gpj.exe  now')
  })

  it('bounds lengths', () => {
    expect(summary(`Subject: ${'x'.repeat(5_000)}`).subject).toHaveLength(500)
  })
})
