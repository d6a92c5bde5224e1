import { readFile } from 'node:fs/promises'
import { gzipSync } from 'node:zlib'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { zipOf } from '#test/contract/antivirus/mails'
import { mailText, type TextOptions } from './mail-text.ts'
import { DEFAULT_TEXT_LIMITS, type MailText } from './port.ts'

const read = (text: string, options?: TextOptions): Promise<MailText> =>
  mailText(Buffer.from(text.replaceAll(/\r?\n/g, '\r\n')), options)

const attachment = (name: string, bytes: Uint8Array, type = 'application/octet-stream'): string => `--b
Content-Type: ${type}; name="${name}"
Content-Disposition: attachment; filename="${name}"
Content-Transfer-Encoding: base64

${Buffer.from(bytes).toString('base64')}
`
const withAttachments = (...attachments: readonly string[]): string => `From: ann@example.org
Content-Type: multipart/mixed; boundary=b

--b

the mail itself
${attachments.join('')}--b--
`
const sample = (name: string): Promise<Buffer> => readFile(new URL(`./samples/${name}`, import.meta.url))
const member = (name: string, content: string | Buffer): { name: string; bytes: Buffer } => ({
  name,
  bytes: Buffer.from(content),
})

describe('the text of a mail', () => {
  it('has what its header says', async () => {
    const mail = await read(`Message-ID: <1@example.org>
References: <a@x> <b@x>
In-Reply-To: <b@x>
Date: Fri, 25 Aug 2000 03:30:00 -0700 (PDT)
From: =?utf-8?q?Ann_M=C3=BCller?= <Ann@EXAMPLE.org>
To: Team: ben@example.org, "C, D" <cd@example.org>;
Bcc: eve@example.org
Subject: =?iso-8859-1?q?Gr=FC=DFe?= an alle

`)
    expect(mail).toMatchObject({
      messageId: '1@example.org',
      references: ['a@x', 'b@x'],
      date: Date.parse('2000-08-25T10:30:00Z'),
      from: [{ name: 'Ann Müller', address: 'Ann@example.org' }],
      to: [
        { name: '', address: 'ben@example.org' },
        { name: 'C, D', address: 'cd@example.org' },
      ],
      cc: [],
      bcc: [{ name: '', address: 'eve@example.org' }],
      subject: 'Grüße an alle',
      unreadable: [],
    })
  })

  it('takes header fields in UTF-8 as they are (RFC 6532)', async () => {
    expect((await read('Subject: Größe 東京\n\n')).subject).toBe('Größe 東京')
  })

  it.each([
    ['utf-8', 'quoted-printable', 'caf=C3=A9 and a soft=\n break', 'café and a soft break'],
    ['iso-8859-1', '8bit', Buffer.from('caf\xe9', 'latin1'), 'café'],
    ['iso-2022-jp', '7bit', '\x1b$BElET\x1b(B', '東都'],
    ['x-unheard-of', 'base64', Buffer.from('plain').toString('base64'), 'plain'],
  ])('is decoded from %s and %s', async (charset, encoding, body, expected) => {
    const head = `Content-Type: text/plain; charset=${charset}\r\nContent-Transfer-Encoding: ${encoding}\r\n\r\n`
    const mail = await mailText(Buffer.concat([Buffer.from(head), Buffer.from(body)]))
    expect(mail.body).toBe(expected)
  })

  it('of a page is what a reader sees', async () => {
    const mail = await read(`Content-Type: text/html; charset=utf-8

<html><head><title>the title</title><style>p {color: red}</style><script>hidden()</script></head>
<body><p>first&nbsp;line</p><p>second <b>bo</b>ld &amp; <img alt="a picture"></p><table><tr><td>left<td>right</table></body></html>`)
    expect(
      mail.body
        .split('\n')
        .map((line) => line.trim())
        .filter((line) => line !== ''),
    ).toEqual(['the title', 'first line', 'second bold & a picture', 'left right'])
  })

  const alternatives = (plain: string, page: string): string => `Content-Type: multipart/alternative; boundary=b

--b

${plain}
--b
Content-Type: text/html

${page}
--b--`
  it('of alternatives says everything once', async () => {
    const twice = await read(alternatives('the same words here', '<p>the <b>same</b> words here</p>'))
    expect(twice.body).toBe('the same words here')
    const pointing = await read(alternatives('see page', '<p>everything that matters stands on this page</p>'))
    expect(pointing.body).toContain('everything that matters')
  })

  it('knows mails within it, their subjects and people', async () => {
    const mail = await read(
      withAttachments(`--b
Content-Type: message/rfc822

From: Carl <carl@example.net>
Subject: the inner subject
Content-Type: multipart/mixed; boundary=c

--c

the inner text
--c
Content-Type: text/plain; name=deep.txt

the deep file
--c--
`),
    )
    expect(mail.body).toBe('the mail itself')
    for (const said of ['carl@example.net', 'the inner subject', 'the inner text', 'the deep file'])
      expect(mail.attached).toContain(said)
    expect(mail.files).toEqual([
      { name: '', type: 'mail' },
      { name: 'deep.txt', type: 'text' },
    ])
  })

  it.each([
    ['words.docx', 'document', ['Annual heading', 'The quick brown fox', 'Größe', 'cell left', 'header of pages']],
    ['table.xlsx', 'spreadsheet', ['Ledger', 'Müller & Söhne', '1234.5', 'second row']],
    ['talk.pptx', 'presentation', ['Opening slide', 'second point', 'what the speaker says']],
    ['words.odt', 'document', ['Offene Überschrift', 'An open paragraph']],
    ['table.ods', 'spreadsheet', ['open cell']],
    ['pages.pdf', 'pdf', ['First page of the contract', 'with Größe and naïve', 'termination clause']],
  ])('of %s is read', async (name, type, expected) => {
    const mail = await read(withAttachments(attachment(name, await sample(name))))
    for (const said of expected) expect(mail.attached).toContain(said)
    expect(mail.files).toEqual([{ name, type }])
    expect(mail.unreadable).toEqual([])
  })

  it('is found in archives, whatever they hold', async () => {
    const zip = zipOf(
      member('notes.csv', 'first,second\n1,2'),
      member('page.html', '<p>in the page</p>'),
      member('inner.zip', zipOf(member('words.docx', await sample('words.docx')))),
      member('old.eml', 'Subject: kept mail\r\n\r\nits text'),
    )
    const mail = await read(withAttachments(attachment('all.zip', zip), attachment('log.gz', gzipSync('log line'))))
    for (const said of [
      'first,second',
      'in the page',
      'quick brown fox',
      'kept mail',
      'its text',
      'log line',
      'old.eml',
    ])
      expect(mail.attached).toContain(said)
    expect(mail.unreadable).toEqual([])
  })

  it.each([
    ['locked.pdf', () => sample('locked.pdf'), 'locked.pdf: the PDF is encrypted'],
    ['broken.pdf', async () => Buffer.from('%PDF-1.7 and nothing'), 'broken.pdf: the PDF is damaged'],
    ['broken.docx', async () => (await sample('words.docx')).subarray(0, 9_000), 'damaged'],
    ['old.doc', async () => Buffer.from('d0cf11e0a1b11ae1'.padEnd(80, '0'), 'hex'), 'Office before 2007'],
    ['a.rar', async () => Buffer.from('Rar!\x1a\x07\0 and so on', 'latin1'), 'a.rar: RAR archives are not read'],
    ['what.bin', async () => Buffer.from([1, 2, 3, 0, 5, 6, 7, 8]), 'what.bin: a kind of file that is not known here'],
    ['bomb.zip', async () => zipOf(member('zeros', Buffer.alloc(70_000_000))), 'unpacks to more than'],
  ])('of %s can not be read, which is said', async (name, bytes, expected) => {
    const mail = await read(withAttachments(attachment(name, await bytes())))
    expect(mail.unreadable.join('\n')).toContain(expected)
    expect(mail.body).toBe('the mail itself')
  })

  it('leaves pictures and programs alone', async () => {
    const png = Buffer.from('89504e470d0a1a0a0000', 'hex')
    const mail = await read(withAttachments(attachment('a.png', png), attachment('a.exe', Buffer.from('MZ\0\0\0'))))
    expect(mail.files.map(({ type }) => type)).toEqual(['image', 'program'])
    expect(mail.unreadable).toEqual([])
  })

  it('is bounded in length, depth, parts and time, and says so', async () => {
    const limited = (limits: Partial<typeof DEFAULT_TEXT_LIMITS>, text: string): Promise<MailText> =>
      read(text, { limits: { ...DEFAULT_TEXT_LIMITS, ...limits } })
    expect(await limited({ maxText: 10 }, `\n${'long '.repeat(10)}`)).toMatchObject({
      body: 'long long ',
      unreadable: ['the mail: the text is too long, its end was not read'],
    })
    const nested = (depth: number): string =>
      depth === 0 ? 'innermost' : `Content-Type: message/rfc822\n\n${nested(depth - 1)}`
    expect((await limited({}, nested(20))).unreadable.join()).toContain('nested more than 10 levels deep')
    const many = `Content-Type: multipart/mixed; boundary=b\n\n${'--b\n\nx\n'.repeat(30)}--b--`
    expect((await limited({ maxParts: 20 }, many)).unreadable.join()).toContain('more than 20 parts')
    expect((await limited({ maxMilliseconds: -1 }, 'Subject: here\n\ntext')).unreadable.join()).toContain(
      'took too long',
    )
    expect(await limited({ maxMailBytes: 20 }, `Subject: here\n\n${'x'.repeat(20)}`)).toMatchObject({
      subject: 'here',
      body: '',
    })
  })

  it('names attachments that were left closed', async () => {
    const mail = await read(withAttachments(attachment('a.txt', Buffer.from('text'))), {
      withoutAttachments: 'it could not be read in time',
    })
    expect(mail).toMatchObject({
      body: 'the mail itself',
      attached: '',
      files: [{ name: 'a.txt' }],
      unreadable: ['a.txt: it could not be read in time'],
    })
  })

  it('is there whatever bytes come', async () => {
    const piece = fc.constantFrom(
      'Content-Type: multipart/mixed; boundary=b\r\n',
      'Content-Type: text/html\r\n',
      'Content-Type: message/rfc822\r\n',
      'Content-Transfer-Encoding: base64\r\n',
      'Subject: =?utf-8?q?=?=\r\n',
      'From: <@>,:;<\r\n',
      '\r\n',
      '--b\r\n',
      '<p',
      '&#xd800;',
      'PK\x03\x04',
      '%PDF-1.4',
      '\xff\xfe',
    )
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(piece, fc.string()), { maxLength: 20 }), async (pieces) => {
        const { body, attached } = await mailText(Buffer.from(pieces.join(''), 'latin1'))
        expect((body + attached).isWellFormed()).toBe(true)
      }),
      { seed: 5, numRuns: 500 },
    )
  })
})
