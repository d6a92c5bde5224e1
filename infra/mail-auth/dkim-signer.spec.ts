import { createHash, generateKeyPairSync, type KeyObject } from 'node:crypto'
import * as fc from 'fast-check'
import { dkimVerify } from 'mailauth'
import { describe, expect, it } from 'vitest'
import { dkimRecord } from '#domain/hosted-domain/dkim'
import type { DkimAlgorithm } from '#domain/hosted-domain/events'
import { mailCorpus } from '#test/conformance/mime/suites'
import { scriptedDns } from '#test/dsl/dns'
import { RelaxedBodyHash } from './dkim-body.ts'
import { createDkimSigner, HeaderTooLarge, type SigningKey } from './dkim-signer.ts'

const NOW = Date.UTC(2026, 10, 24)

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const ed25519 = generateKeyPairSync('ed25519')
const spki = (key: KeyObject) => key.export({ type: 'spki', format: 'der' })
const opened: string[] = []
const key = (selector: string, algorithm: DkimAlgorithm, pair: KeyObject, publicKey: string) => ({
  selector,
  algorithm,
  id: selector,
  publicKey,
  open() {
    opened.push(selector)
    return pair.export({ type: 'pkcs8', format: 'pem' }).toString()
  },
})
const keys = [
  key('mk-rsa', 'rsa-sha256', rsa.privateKey, spki(rsa.publicKey).toString('base64')),
  key('mk-ed', 'ed25519-sha256', ed25519.privateKey, spki(ed25519.publicKey).subarray(-32).toString('base64')),
]
const dns = scriptedDns(
  Object.fromEntries(
    keys.map((one) => {
      const { name, text } = dkimRecord('example.org', one)
      return [name, { TXT: [text.match(/.{1,255}/g) ?? []] }]
    }),
  ),
)

const signerOf = (signing: readonly SigningKey[] = keys) =>
  createDkimSigner({ keysOf: (domain) => (domain === 'example.org' ? signing : []), clock: () => NOW })
const signer = signerOf()

const pieces = (raw: Buffer, size = 65_536) =>
  async function* () {
    for (let at = 0; at < raw.length; at += size) yield raw.subarray(at, at + size)
  }
const sign = (raw: Buffer, size?: number, by = signer): Promise<string> =>
  by.sign({ domain: 'Example.org', open: pieces(raw, size) })

/** What mailauth says of each signature: `rsa-sha256 pass`. */
const verified = async (raw: Buffer): Promise<string[]> => {
  const { results } = await dkimVerify(raw, {
    resolver: async (name, type) => (await dns.query(name, type as 'TXT')).records as string[][],
    curTime: new Date(NOW),
    strict: true,
  })
  return results.map(({ algo, status }) => `${algo} ${status.result}`)
}
const signed = async (raw: Buffer, size?: number) => Buffer.concat([Buffer.from(await sign(raw, size)), raw])
const PASS = ['rsa-sha256 pass', 'ed25519-sha256 pass']

const MAIL = [
  'Received: from client',
  'From: Ann <ann@example.org>',
  'To: ben@remote.test,',
  '\tcara@remote.test',
  'Subject:  A  folded',
  ' subject',
  'Date: Tue, 24 Nov 2026 08:00:00 +0000',
  'Message-ID: <1@example.org>',
  '',
  'Hello,\t Ben ',
  '',
  'bye',
  '',
  '',
  '',
].join('\r\n')
const changed = (from: string | RegExp, to: string) => async (mail: Buffer) =>
  Buffer.from(mail.toString('latin1').replace(from, to), 'latin1')

describe('a signature', () => {
  it('is made once per key, and another implementation verifies it', async () => {
    const fields = await sign(Buffer.from(MAIL))
    expect(fields).toMatch(
      /^DKIM-Signature: v=1; a=rsa-sha256; c=relaxed\/relaxed;\r\n\td=example\.org;\r\n\ts=mk-rsa; t=1795478400;/,
    )
    expect(fields.match(/^DKIM-Signature:/gm)).toHaveLength(2)
    expect(fields.split('\r\n').every((line) => line.length <= 78)).toBe(true)
    expect(fields).not.toMatch(/[^\r]\n|\r[^\n]|\bl=|\bx=/)
    expect(await verified(await signed(Buffer.from(MAIL)))).toEqual(PASS)
  })

  it('breaks when anything is changed that a reader sees, and when a field is added', async () => {
    const mail = await signed(Buffer.from(MAIL))
    const broken = [
      changed('Hello', 'Hallo'),
      changed('bye', 'bye\r\n\r\nP.S.'),
      changed('Ann <', 'Bob <'),
      changed('subject\r\n', 'subject!\r\n'),
      changed('cara@', 'dora@'),
      changed('24 Nov', '25 Nov'),
      ...[
        'From: x@evil.test',
        'To: x@evil.test',
        'Cc: x@evil.test',
        'Subject: x',
        'Date: x',
        'Reply-To: x@evil.test',
        'Message-ID: <2@evil.test>',
        'Content-Type: text/html',
        'MIME-Version: 1.0',
      ].map((field) => changed('From: Ann', `${field}\r\nFrom: Ann`)),
    ]
    for (const change of broken)
      expect((await verified(await change(mail))).filter((one) => one.endsWith('pass'))).toEqual([])
    // What relays do to a mail on its way breaks nothing.
    const kept = [
      changed(/^/, 'Received: from relay\r\n'),
      changed(/\r\n\r\n\r\n$/, '\r\n'),
      changed('subject\r\n', 'subject \r\n'),
      changed('Hello,\t Ben ', 'Hello, Ben'),
    ]
    for (const change of kept) expect(await verified(await change(mail))).toEqual(PASS)
  })

  it('verifies for any fields and any body, in pieces of any size', async () => {
    const line = fc.stringMatching(/^[ -~\t]{0,40}$/)
    const body = fc.array(fc.oneof(line, fc.constantFrom('', ' ', '\t', 'x\r', '\r', '.', 'a\rb')), { maxLength: 30 })
    const field = fc
      .tuple(
        fc.constantFrom('Subject', 'To', 'CC', 'x-other', 'List-Id', 'Content-Type', 'Sender', 'subJECT'),
        fc.constantFrom(':', ' :', ':  '),
        fc.stringMatching(/^[!-~][ -~\t]{0,30}[!-~]$/),
        fc.constantFrom('', '\r\n more', '\r\n\tand\r\n  more '),
      )
      .map((parts) => parts.join(''))
    await fc.assert(
      fc.asyncProperty(
        fc.array(field, { maxLength: 8 }),
        body,
        fc.boolean(),
        fc.integer({ min: 1, max: 50 }),
        async (fields, lines, ends, size) => {
          const head = ['From: ann@example.org', ...fields].join('\r\n')
          const raw = Buffer.from(`${head}\r\n\r\n${lines.join('\r\n')}${ends ? '\r\n' : ''}`)
          expect(await verified(await signed(raw, size))).toEqual(PASS)
        },
      ),
      { seed: 5, numRuns: 150 },
    )
  })

  it('has the body hash that mails of every form have', () => {
    const hashOf = (text: string, size: number) => {
      const hash = new RelaxedBodyHash()
      for (let at = 0; at < text.length; at += size) hash.update(Buffer.from(text.slice(at, at + size), 'latin1'))
      return hash.digest()
    }
    const sha = (text: string) => createHash('sha256').update(text, 'latin1').digest('base64')
    const canonical: readonly (readonly [string, string])[] = [
      ['', ''],
      ['\r\n\r\n', ''],
      [' \t\r\n', ''],
      ['a', 'a\r\n'],
      ['\r\n\r\na \t b \r\n\r\n', '\r\n\r\na b\r\n'],
      ['a\nb\n\n', 'a\r\nb\r\n'],
      ['a \r', 'a \r\r\n'],
      ['\t\rx', ' \rx\r\n'],
      [`${'\r\n'.repeat(10_000)}a`, `${'\r\n'.repeat(10_000)}a\r\n`],
      ['\xff\x00 \xfe', '\xff\x00 \xfe\r\n'],
    ]
    for (const [text, form] of canonical)
      for (const size of [1, 2, 3, 100_000]) expect([text, hashOf(text, size)]).toEqual([text, sha(form)])
  })

  it('is not made without a key, without a From, or for what is no domain; a huge header is said to be one', async () => {
    expect(await sign(Buffer.from(MAIL), 100, signerOf([]))).toBe('')
    expect(await sign(Buffer.from('Subject: x\r\n\r\nFrom: ann@example.org\r\n'))).toBe('')
    expect(await sign(Buffer.from(''))).toBe('')
    for (const domain of ['other.test', 'a b', 'example.org; d=evil.test', ''])
      expect(await signer.sign({ domain, open: pieces(Buffer.from(MAIL)) })).toBe('')
    expect(await verified(await signed(Buffer.from('From: ann@example.org')))).toEqual(PASS)
    expect(await verified(await signed(Buffer.from('From: ann@example.org\nTo: ben\n\nHello\n')))).toEqual(PASS)
    const huge = Buffer.from(`From: ann@example.org\r\nX: ${'x'.repeat(5 * 1024 * 1024)}`)
    await expect(sign(huge)).rejects.toThrow(HeaderTooLarge)
  })

  it('opens a key once, and keeps nothing of a large body', async () => {
    opened.length = 0
    const fresh = signerOf()
    const line = Buffer.from(`${'0123456789 abcdef'.repeat(4)}\r\n`.repeat(1_000))
    let given = 0
    const open = async function* () {
      yield Buffer.from('From: ann@example.org\r\n\r\n')
      for (; given < 50 * 1024 * 1024; given += line.length) yield line
    }
    const before = process.memoryUsage().arrayBuffers
    await fresh.sign({ domain: 'example.org', open })
    await sign(Buffer.from(MAIL), 100, fresh)
    expect(opened.toSorted()).toEqual(['mk-ed', 'mk-rsa'])
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(30 * 1024 * 1024)
  })

  it('says why when a key can not be opened or the message not be read', async () => {
    const shut = signerOf([{ selector: 'x', algorithm: 'rsa-sha256', id: 'x', open: () => 'no key' }])
    await expect(sign(Buffer.from(MAIL), 100, shut)).rejects.toThrow(/DECODER|PEM/i)
    const open = async function* () {
      yield Buffer.from('From: a')
      throw new Error('the disk is gone')
    }
    await expect(signer.sign({ domain: 'example.org', open })).rejects.toThrow('the disk is gone')
  })
})

const ham = mailCorpus('ham')
describe.skipIf(ham === null)('mails as they really are', () => {
  it('verify after they were signed', async () => {
    const mails = ham!.filter((_, at) => at % 20 === 0)
    expect(mails.length).toBeGreaterThan(150)
    const failed: string[] = []
    let unsigned = 0
    for (const { name, bytes } of mails) {
      const raw = Buffer.from(bytes.toString('latin1').replaceAll(/\r\n|\r|\n/g, '\r\n'), 'latin1')
      const fields = await sign(raw)
      if (fields === '') unsigned += 1
      else {
        const results = await verified(Buffer.concat([Buffer.from(fields), raw]))
        if (!PASS.every((pass) => results.includes(pass))) failed.push(`${name}: ${results.join()}`)
      }
    }
    expect(failed).toEqual([])
    expect(unsigned).toBeLessThan(5)
  })
})
