import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DEFAULT_CONTENT_LIMITS, type ContentLimits } from './limits.ts'
import type { ContentPart, ContentReading } from './port.ts'
import { contentReader } from './reader.ts'

interface Read extends Omit<ContentReading, 'parts'> {
  readonly parts: readonly ContentPart[]
}

function read(message: string | Buffer, limits: Partial<ContentLimits> = {}): Read {
  const reading = contentReader({ ...DEFAULT_CONTENT_LIMITS, ...limits })(Buffer.from(message as string, 'latin1'))
  const parts = [...reading.parts]
  return { parts, findings: reading.findings, attachments: reading.attachments, ambiguities: reading.ambiguities }
}

const text = (part: ContentPart | undefined): string => Buffer.from(part?.bytes ?? []).toString('latin1')
const texts = (reading: Read): string[] => reading.parts.map(text)
const message = (...lines: string[]): string => lines.join('\r\n')

describe('a message that leaves no doubt', () => {
  it('is read as it declares itself, part by part, with nothing else', () => {
    const reading = read(
      message(
        'MIME-Version: 1.0',
        'Content-Type: multipart/mixed; boundary="b 1"',
        '',
        'preamble',
        '--b 1',
        'Content-Type: text/plain',
        '',
        'hello',
        '--b 1',
        'Content-Type: text/html',
        'Content-Transfer-Encoding: quoted-printable',
        '',
        '<b>caf=E9</b>=',
        '',
        '--b 1',
        'Content-Type: application/octet-stream; name=x.bin',
        'Content-Transfer-Encoding: base64',
        '',
        'AAECAw==',
        '--b 1--',
        'epilogue',
      ),
    )
    expect(reading.parts.map((part) => [part.path, text(part), part.kind])).toEqual([
      ['1', 'hello', 'verbatim'],
      ['2', '<b>caf\xe9</b>', 'decoded'],
      ['3', '\x00\x01\x02\x03', 'decoded'],
    ])
    expect(reading.ambiguities).toEqual([])
    expect(reading.findings).toEqual([])
    expect(reading.attachments).toEqual([
      { names: ['x.bin'], declaredType: 'application/octet-stream', detectedType: null, size: 4, path: '3' },
    ])
  })

  it('is followed into attached mails', () => {
    const reading = read(
      message(
        'Content-Type: message/rfc822',
        '',
        'Subject: inner',
        'Content-Transfer-Encoding: base64',
        '',
        'aGVsbG8=',
      ),
    )
    expect(texts(reading)).toContain('hello')
    expect(reading.ambiguities).toEqual([])
  })

  it('is followed into a saved mail that is sent as a file, by its name or its look', () => {
    const saved = message(
      'From: a@b.example',
      'Content-Type: text/plain',
      'Content-Transfer-Encoding: base64',
      '',
      'aGVsbG8=',
    )
    for (const name of ['x.eml', 'x.txt']) {
      const reading = read(
        message(
          `Content-Type: application/octet-stream; name=${name}`,
          'Content-Transfer-Encoding: base64',
          '',
          Buffer.from(saved).toString('base64'),
        ),
      )
      expect(texts(reading)).toContain('hello')
    }
  })

  it('has the files that stand in its text offered too', () => {
    const reading = read(message('Subject: x', '', 'see', 'begin 644 note.txt', '%:&5L;&\\', '`', 'end', ''))
    expect(texts(reading)).toContain('hello')
    expect(reading.attachments[0]?.names).toEqual(['note.txt'])
  })
})

it('reads a file in quoted-printable with its line breaks as CRLF and as LF: mail is kept in both ways', () => {
  const reading = read(
    message('Content-Type: application/zip', 'Content-Transfer-Encoding: quoted-printable', '', 'PK=03=04=', 'a', 'b'),
  )
  expect(texts(reading)).toContain('PK\x03\x04a\r\nb')
  expect(texts(reading)).toContain('PK\x03\x04a\nb')
})

describe('a message on which readers disagree', () => {
  const secret = 'ZXZpbCBjb250ZW50IGhlcmU='
  const evil = 'evil content here'

  it('is read with the first and the last of two fields, and called malformed when they contradict', () => {
    const reading = read(message('Content-Transfer-Encoding: 7bit', 'Content-Transfer-Encoding: base64', '', secret))
    expect(texts(reading)).toContain(evil)
    expect(reading.findings).toMatchObject([{ kind: 'malformed' }])
  })

  it('is cut at delimiters that nobody declared', () => {
    const reading = read(
      message(
        'Subject: x',
        '',
        '--zzz',
        'Content-Type: text/plain',
        'Content-Transfer-Encoding: base64',
        '',
        secret,
        '--zzz--',
      ),
    )
    expect(reading.ambiguities.map((one) => one.what)).toContain('undeclared-parts')
    expect(texts(reading).some((one) => one.startsWith(evil))).toBe(true)
  })

  it('is read with the fields that a bare CR hides', () => {
    const reading = read('X-A: b\rContent-Transfer-Encoding: base64\n\nZXZpbCBjb250ZW50IGhlcmU=')
    expect(texts(reading).some((one) => one.includes(evil))).toBe(true)
  })

  it('is decoded past junk, padding in the middle and text around it', () => {
    for (const broken of [
      'ZXZpb=CBjb250ZW50IGhlcmU=',
      'ZXZp!bCBjb250ZW50IGhlcmU=',
      'ZXZpbA==\r\nIGNvbnRlbnQgaGVyZQ==',
    ]) {
      const reading = read(message('Content-Transfer-Encoding: base64', '', broken))
      expect(texts(reading)).toContain(evil)
      expect(reading.ambiguities.map((one) => one.what)).toContain('base64')
    }
  })

  it('is not let off because a harmless oddity follows a dangerous one', () => {
    const reading = read(message('junk Content-Transfer-Encoding: base64', 'X-Harmless : y', '', secret))
    expect(reading.ambiguities.map((one) => one.what)).toContain('header')
  })

  it('is malformed when it is but a fragment, or its encoding is unknown', () => {
    expect(read(message('Content-Type: message/partial; id=x; number=1; total=2', '', 'x')).findings).toMatchObject([
      { kind: 'malformed' },
    ])
    expect(read(message('Content-Transfer-Encoding: rot13', '', 'x')).findings).toMatchObject([{ kind: 'malformed' }])
    expect(read(message('Content-Transfer-Encoding: 8-bit', '', 'x')).findings).toEqual([])
  })
})

describe('a message that asks for too much', () => {
  const nested = (levels: number): string => {
    let inner = 'Content-Type: text/plain\r\n\r\nx'
    for (let level = 0; level < levels; level += 1)
      inner = `Content-Type: multipart/mixed; boundary=b${level}\r\n\r\n--b${level}\r\n${inner}\r\n--b${level}--`
    return inner
  }

  it('is too deep beyond its limit and fine below it', () => {
    expect(read(nested(10)).findings).toEqual([])
    expect(read(nested(40)).findings).toMatchObject([{ kind: 'too-deep' }])
  })

  it('is a bomb with too many parts', () => {
    const many = `Content-Type: multipart/mixed; boundary=x\r\n\r\n${'--x\r\n\r\ny\r\n'.repeat(300)}--x--`
    expect(read(many, { maxParts: 100 }).findings[0]).toMatchObject({ kind: 'bomb' })
    expect(read(many).findings).toEqual([])
  })

  it('is too large before anything is read', () => {
    expect(read('x'.repeat(2_000), { maxMessageBytes: 1_000 })).toMatchObject({
      parts: [],
      findings: [{ kind: 'too-large' }],
    })
  })

  it('is malformed when its base64 is broken all over', () => {
    const reading = read(`Content-Transfer-Encoding: base64\r\n\r\n${'QQ=='.repeat(500_000)}`)
    expect(reading.findings).toMatchObject([{ kind: 'malformed' }])
  })

  it('ends in reasonable time whatever pattern it is made of', () => {
    const hostile = [
      `Content-Transfer-Encoding: base64\r\n\r\n${'\n'.repeat(500_000)}!`,
      `Content-Transfer-Encoding: base64\r\n\r\n${' '.repeat(500_000)}!`,
      `Content-Transfer-Encoding: quoted-printable\r\n\r\n=${' '.repeat(500_000)}x`,
      `X y\r\n\r\n${'\v'.repeat(500_000)}`,
      `X: y\r\n\r\nwith BinHex${'\n'.repeat(500_000)}x`,
      `Content-Type: a/b;${' '.repeat(300_000)}x\r\n\r\nx`,
      `Content-Disposition: x;${'('.repeat(300_000)}name=x\r\n\r\nx`,
      `Content-Type: a/b${'; name*0=(x'.repeat(20_000)}\r\n\r\nx`,
      `X: y\r\n\r\n${'begin 644 a\nM'.repeat(50_000)}`,
      `X: y\r\n\r\n${'=ybegin name=x\n'.repeat(50_000)}`,
      `Content-Type: multipart/mixed; boundary=x\r\n\r\n${'--x\r\n\r\n'.repeat(200_000)}`,
    ]
    for (const one of hostile) expect(read(one).parts.length).toBeLessThan(3_000)
  })
})

describe('any bytes', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      'Content-Type: multipart/mixed; boundary=b',
      'Content-Type: message/rfc822',
      'Content-Transfer-Encoding: base64',
      'Content-Transfer-Encoding: quoted-printable',
      'Content-Disposition: attachment; filename*0="a',
      '--b',
      '--b--',
      '',
      ' ',
      '\r',
      'begin 644 x',
      'M1234',
      'end',
      'UEsDBBQAAAAIAA==',
      'PK\x03\x04',
      'PK\x05\x06',
      '\x1f\x8b\x08',
      '=41=4',
      '=ybegin line=128 name=x',
      'Rar!\x1a\x07\x00',
    ),
    fc.string({ maxLength: 40 }),
    fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
  )

  it('are read without an error, twice with the same result', () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), fc.constantFrom('\r\n', '\n'), (lines, lineBreak) => {
        const bytes = lines.join(lineBreak)
        const once = read(bytes)
        expect(texts(read(bytes))).toEqual(texts(once))
        expect(once.parts.every((part) => part.bytes.length > 0)).toBe(true)
      }),
      { seed: 20_261_124, numRuns: 400 },
    )
  })
})
