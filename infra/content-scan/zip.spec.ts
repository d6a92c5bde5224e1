import { describe, expect, it } from 'vitest'
import { zipOf } from '#test/contract/antivirus/mails'
import { DEFAULT_CONTENT_LIMITS } from './limits.ts'
import type { ContentPart } from './port.ts'
import { contentReader } from './reader.ts'

interface Opened {
  readonly contents: readonly string[]
  readonly parts: readonly ContentPart[]
  readonly names: readonly (readonly string[])[]
  readonly findings: readonly string[]
}

/** What is found in a file that is mailed as it is. */
function open(file: Buffer, limits = DEFAULT_CONTENT_LIMITS): Opened {
  const head = 'Content-Type: application/octet-stream; name=a.bin\r\nContent-Transfer-Encoding: base64\r\n\r\n'
  const reading = contentReader(limits)(Buffer.from(head + file.toString('base64')))
  const parts = [...reading.parts]
  return {
    parts,
    contents: parts.map((part) => Buffer.from(part.bytes).toString('latin1')),
    names: reading.attachments.map((fact) => fact.names),
    findings: reading.findings.map((finding) => finding.kind),
  }
}

const member = (name: string, content: string): { name: string; bytes: Buffer } => ({
  name,
  bytes: Buffer.from(content),
})

describe('a ZIP archive', () => {
  it('is unpacked, its members named', () => {
    const opened = open(zipOf(member('a.txt', 'first'), member('d/b.txt', 'second')))
    expect(opened.contents).toEqual(expect.arrayContaining(['first', 'second']))
    expect(opened.names).toEqual([['a.bin'], ['a.txt'], ['d/b.txt']])
    expect(opened.findings).toEqual([])
  })

  it('is found behind a program and in front of junk', () => {
    const zip = zipOf(member('a.txt', 'inside'))
    expect(open(Buffer.concat([Buffer.from('MZ a program'), zip])).contents).toContain('inside')
    expect(open(Buffer.concat([Buffer.from('GIF89a picture'), zip])).contents).toContain('inside')
    expect(open(Buffer.concat([zip, Buffer.alloc(1_000, 1)])).contents).toContain('inside')
  })

  it('gives up members that its directory keeps quiet about', () => {
    const hidden = zipOf(member('evil.txt', 'hidden'))
    const both = Buffer.concat([
      hidden.subarray(0, hidden.indexOf('PK\x01\x02', 0, 'latin1')),
      zipOf(member('a.txt', 'shown')),
    ])
    const opened = open(both)
    expect(opened.contents).toEqual(expect.arrayContaining(['shown', 'hidden']))
    expect(opened.parts.find((part) => part.path.endsWith('evil.txt'))?.kind).toBe('alternative')
  })

  it('gives up its members when the directory is cut off', () => {
    const zip = zipOf(member('a.txt', 'still here'))
    expect(open(zip.subarray(0, zip.indexOf('PK\x01\x02', 0, 'latin1'))).contents).toContain('still here')
  })

  it('has both names when directory and local header differ', () => {
    const zip = zipOf(member('good.txt', 'x'))
    zip.write('evil.exe', zip.indexOf('good.txt'), 'latin1')
    expect(open(zip).names).toContainEqual(['good.txt', 'evil.exe'])
  })

  it('is encrypted when a member is, and its names are still known', () => {
    const opened = open(zipOf({ ...member('run.exe', 'x'), encrypted: true }, member('a.txt', 'open')))
    expect(opened.findings).toEqual(['encrypted'])
    expect(opened.names).toContainEqual(['run.exe'])
    expect(opened.contents).toContain('open')
  })

  it('is malformed when a member is damaged', () => {
    const zip = zipOf(member('a.txt', 'some text that is long enough to be compressed, compressed, compressed'))
    zip.fill(0xff, zip.indexOf('a.txt') + 5, zip.indexOf('a.txt') + 15)
    expect(open(zip).findings).toEqual(['malformed'])
  })

  it('is a bomb by its ratio, by all it holds, and by what is packed in it again', () => {
    const zeros = (bytes: number): Buffer => zipOf({ name: 'zeros', bytes: Buffer.alloc(bytes) })
    expect(open(zeros(16 * 1024 * 1024)).findings).toEqual(['bomb'])
    const limits = { ...DEFAULT_CONTENT_LIMITS, maxUnpackedBytes: 1_000_000, maxRatio: 100_000 }
    expect(open(zeros(2_000_000), limits).findings).toEqual(['bomb'])
    const twice = zipOf({ name: '1.zip', bytes: zeros(600_000) }, { name: '2.zip', bytes: zeros(600_001) })
    expect(open(twice, limits).findings).toEqual(['bomb'])
  })
})
