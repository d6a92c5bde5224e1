import { describe, expect, it } from 'vitest'
import { mailCorpus } from '#test/conformance/mime/suites'
import { withoutForeignTraces } from './foreign-traces.ts'

const ham = mailCorpus('ham')
const spam = mailCorpus('spam')

/** Ours and nobody else's: a plain reading, line by line, of what the courier does on streams. */
const expectedOf = (raw: string, hostname: string): string => {
  const end = raw.startsWith('\r\n') ? 0 : raw.indexOf('\r\n\r\n') + 2
  const head = end === 1 ? raw : raw.slice(0, end)
  const fields = head.match(/[^\r\n][\s\S]*?(?:\r\n(?![ \t])|$)/g) ?? []
  const kept = fields.filter((field) => {
    const name = /^[^:]*/.exec(field)![0].trimEnd().toLowerCase()
    if (!field.includes(':')) return true
    if (name === 'return-path' || name.startsWith('x-spam-')) return false
    return !(name === 'authentication-results' && new RegExp(`^[^:]*:\\s*${hostname}[\\s;]`, 'i').test(field))
  })
  return kept.join('') + raw.slice(head.length)
}

const copyOf = async (raw: Buffer, hostname: string, chunk: number): Promise<Buffer> => {
  const chunks = async function* () {
    for (let at = 0; at < raw.length; at += chunk) yield raw.subarray(at, at + chunk)
  }
  const kept: Uint8Array[] = []
  for await (const part of withoutForeignTraces(chunks(), hostname)) kept.push(part)
  return Buffer.concat(kept)
}

describe.skipIf(ham === null || spam === null)('mails as they really come', () => {
  it('are delivered byte for byte but for the traces that only we may write', async () => {
    // Every seventh: headers are what differs, and 800 of them differ enough.
    const mails = [...ham!, ...spam!].filter((_, at) => at % 7 === 0)
    expect(mails.length).toBeGreaterThan(700)
    const otherwise: string[] = []
    let changed = 0
    for (const [at, { name, bytes }] of mails.entries()) {
      const raw = Buffer.from(bytes.toString('latin1').replaceAll(/\r\n|\r|\n/g, '\r\n'), 'latin1')
      const expected = expectedOf(raw.toString('latin1'), 'mx.example.org')
      const copy = await copyOf(raw, 'mx.example.org', [raw.length || 1, 1_000, 37][at % 3]!)
      if (copy.toString('latin1') !== expected) otherwise.push(name)
      if (copy.length !== raw.length) changed += 1
    }
    expect(otherwise).toEqual([])
    expect(changed).toBeGreaterThan(10)
  })
})
