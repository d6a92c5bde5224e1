import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { score } from '#domain/scoring/score'
import { symbolTable } from '#domain/scoring/weights'
import { dateOf } from './heuristics-header.ts'
import { visibleText } from './heuristics-html.ts'
import { heuristicNames, heuristicSymbols } from './heuristics.ts'

const acceptedAt = Date.UTC(2026, 0, 15, 12)
const ordinary: Readonly<Record<string, string>> = {
  From: 'Ann <ann@example.org>',
  To: 'ben@mailkeep.test',
  Subject: 'Lunch tomorrow',
  Date: 'Thu, 15 Jan 2026 11:59:00 +0000',
  'Message-ID': '<1234.5678@mail.example.org>',
  'MIME-Version': '1.0',
  'Content-Type': 'text/plain; charset=utf-8',
}
const HTML = { 'Content-Type': 'text/html' }

const mail = (fields: Readonly<Record<string, string | null>>, body = 'See you at noon.\r\n'): Buffer =>
  Buffer.from(
    `${Object.entries({ ...ordinary, ...fields })
      .flatMap(([name, value]) => (value === null ? [] : [`${name}: ${value}\r\n`]))
      .join('')}\r\n${body}`,
    'latin1',
  )
const found = (fields: Readonly<Record<string, string | null>>, body?: string): string[] =>
  heuristicSymbols({ raw: mail(fields, body), acceptedAt, reversePath: 'ann@example.org' })

const GTUBE = 'XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X'

describe('the heuristics', () => {
  it('find nothing in an ordinary mail', () => {
    expect(found({})).toEqual([])
  })

  it('leave a bare mail of a script or a tester well under the threshold', () => {
    for (const text of ['', 'hello', 'Subject: hi\r\n\r\nhello', 'From: a@b.example\r\n\r\nhello']) {
      const symbols = heuristicSymbols({ raw: Buffer.from(text), acceptedAt, reversePath: 'a@b.example' })
      expect(score(symbols, { threshold: 5, weights: {} }).score).toBeLessThan(5)
    }
  })

  it.each<[string, Readonly<Record<string, string | null>>, string?]>([
    ['MISSING_DATE', { Date: null }],
    ['MISSING_MESSAGE_ID', { 'Message-ID': null }],
    ['MISSING_FROM', { From: null }],
    ['MISSING_TO', { To: null }],
    ['MISSING_SUBJECT', { Subject: '' }],
    ['DATE_INVALID', { Date: 'yesterday' }],
    ['DATE_ZONE_INVALID', { Date: 'Thu, 15 Jan 2026 11:59:00 -2300' }],
    ['DATE_IN_FUTURE', { Date: 'Sat, 17 Jan 2026 11:59:00 +0000' }],
    ['DATE_IN_PAST', { Date: 'Thu, 1 Jan 2026 11:59:00 +0000' }],
    ['FROM_SEVERAL', { From: 'ann@example.org, carl@example.org' }],
    ['FROM_INVALID', { From: 'Ann' }],
    ['FROM_NAME_IS_OTHER_ADDRESS', { From: '"service@bank.example" <x@other.net>' }],
    ['FROM_IS_TO', { From: 'ben@mailkeep.test' }],
    ['REPLY_TO_OTHER_FREE_MAIL', { 'Reply-To': 'ann@gmail.com' }],
    ['REPLY_TO_OTHER_DOMAIN', { 'Reply-To': 'ann@other.net' }],
    ['ENVELOPE_OTHER_DOMAIN', { From: 'ann@other.net' }],
    ['SUBJECT_ALL_CAPS', { Subject: 'READ THIS NOW' }],
    ['SUBJECT_EXCLAIMS', { Subject: 'Free money!!' }],
    ['SUBJECT_ENCODED_ASCII', { Subject: '=?utf-8?B?RnJlZSBtb25leQ==?=' }],
    ['SUBJECT_SPACED_OUT', { Subject: 'V i a g r a now' }],
    ['SUBJECT_HOLDS_RECIPIENT', { Subject: 'benjamin, look', To: 'benjamin@mailkeep.test' }],
    ['SUBJECT_FAKE_REPLY', { Subject: 'Re: your invoice' }],
    ['RECIPIENTS_UNDISCLOSED', { To: 'undisclosed-recipients:;' }],
    ['RECIPIENTS_MANY', { To: Array.from({ length: 20 }, (_, index) => `u${index}@x.org`).join(', ') }],
    ['RECIPIENTS_ALIKE', { To: 'bena@x.org, benb@x.org, benc@x.org, bend@x.org, bene@x.org' }],
    ['MESSAGE_ID_MALFORMED', { 'Message-ID': 'abc' }],
    ['MESSAGE_ID_NO_DOMAIN', { 'Message-ID': '<1@localhost>' }],
    ['MUA_FORGED', { 'X-Mailer': 'Microsoft Outlook Express 6.00.2800.1158' }],
    ['RECEIVED_INVALID', { Received: 'from x ([300.1.1.1]) by y' }],
    ['HEADER_RAW_8BIT', { Subject: 'caf\u00e9' }],
    ['PRIORITY_HIGH', { 'X-Priority': '1 (Highest)' }],
    ['MIME_VERSION_MISSING', { 'MIME-Version': null, 'Content-Type': 'text/html' }],
    ['LISTED', { 'List-Id': '<l.example.org>', 'List-Unsubscribe': '<mailto:x@example.org>' }],
    ['REPLIES', { 'In-Reply-To': '<1@example.org>' }],
    ['GTUBE', {}, GTUBE],
    ['HTML_ONLY', HTML, '<p>Hello</p>'],
    ['IMAGE_ONLY', HTML, '<img src="cid:1">'],
    ['BODY_EMPTY', {}, ''],
    ['HTML_HIDDEN_TEXT', HTML, '<span style="font-size:0px">x</span>'],
    ['HTML_WORDS_SPLIT', HTML, 'V<!--a-->i<!--b-->a<!--c-->gra'],
    ['HTML_FORM', HTML, '<form action=x>'],
    ['HTML_SCRIPT', HTML, '<script>x</script>'],
    ['HTML_SHOUTS', HTML, '<font color=red size=7>x</font>'],
    ['HTML_IMAGE_LINK', HTML, '<a href="http://x.org"><img src=y></a>'],
    ['TEXT_NEEDLESSLY_BASE64', { 'Content-Transfer-Encoding': 'base64' }, 'aGVsbG8gdGhlcmU='],
    ['URL_IP_ADDRESS', {}, 'http://192.0.2.1/x'],
    ['URL_SHORTENER', {}, 'https://bit.ly/abc'],
    ['URL_TEXT_MISMATCH', HTML, '<a href="http://evil.net/">www.bank.example</a>'],
    ['URL_DISGUISED', {}, 'http://www.bank.example@evil.net/'],
    ['URL_ODD_PORT', {}, 'http://x.org:8443/'],
    ['URL_PUNYCODE', {}, 'http://xn--bnk-5na.example/'],
    ['URL_CHEAP_DOMAIN', {}, 'http://pills.top/'],
  ])('%s', (name, fields, body) => {
    expect(found(fields, body)).toContain(name)
  })

  it('see what a transfer encoding or a multipart hides', () => {
    const hidden = Buffer.from(GTUBE).toString('base64')
    expect(found({ 'Content-Transfer-Encoding': 'base64' }, hidden)).toContain('GTUBE')
    const parts = `--b\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n=58${GTUBE.slice(1)}\r\n--b--\r\n`
    expect(found({ 'Content-Type': 'multipart/mixed; boundary="b"' }, parts)).toContain('GTUBE')
  })

  it('are all weighed and described', () => {
    expect(heuristicNames.filter((name) => !Object.hasOwn(symbolTable, name))).toEqual([])
    expect(new Set(heuristicNames).size).toBe(heuristicNames.length)
  })

  it('take any bytes', () => {
    const pieces = fc.constantFrom(
      'From: ',
      'To: ',
      'Subject: ',
      '=?utf-8?b?',
      '?=',
      'Content-Type: multipart/mixed; boundary=b',
      '--b',
      '\r\n',
      '<a href=',
      '<!--',
      '-->',
      '<style>',
      '&#',
      ';',
      '\0',
      '@',
      ',',
      '(',
      '"',
      '\u00ff',
    )
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 80 }), (parts) => {
        const symbols = heuristicSymbols({ raw: Buffer.from(parts.join(''), 'latin1'), acceptedAt, reversePath: null })
        expect(symbols.every((name) => heuristicNames.includes(name))).toBe(true)
      }),
      { numRuns: 1_000, seed: 7 },
    )
  })
})

describe('the text of HTML', () => {
  it.each([
    ['<p>One<b>two</b></p><p>three</p>', 'Onetwo three'],
    ['a<style>x</style>b<script>if (a<b) c()</script>d', 'abd'],
    ['1 &lt; 2 &amp; 3 < 4', '1 < 2 & 3 < 4'],
    ['V<!-- x > y -->iagra', 'Viagra'],
    ['open <b', 'open'],
  ])('%s', (html, text) => {
    expect(visibleText(html)).toBe(text)
  })
})

describe('dates', () => {
  it.each([
    ['Thu, 15 Jan 2026 11:59:00 +0000', Date.UTC(2026, 0, 15, 11, 59)],
    ['15 Jan 26 12:00 -0130', Date.UTC(2026, 0, 15, 13, 30)],
    ['Thursday, 15 January 2026 12:00:00 GMT', Date.UTC(2026, 0, 15, 12)],
    ['2026-01-15', null],
    ['32 Jan 2026 12:00:00 +0000', null],
  ])('%s', (text, instant) => {
    expect(dateOf(text)).toBe(instant)
  })
})
