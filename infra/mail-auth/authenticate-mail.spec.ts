import { createHash, generateKeyPairSync } from 'node:crypto'
import { Readable } from 'node:stream'
import * as fc from 'fast-check'
import { dkimSign } from 'mailauth'
import { describe, expect, it } from 'vitest'
import { authenticationResults } from '#domain/message/authentication-results'
import { scriptedDns, type ScriptedDns } from '#test/dsl/dns'
import { authenticateMail, type MailToAuthenticate } from './authenticate-mail.ts'
import { createDkimSigner } from './dkim-signer.ts'
import { MAX_SIGNATURES } from './header-block.ts'

const now = Date.UTC(2026, 0, 15)
const keys = generateKeyPairSync('rsa', { modulusLength: 2048 })
const publicKey = keys.publicKey.export({ type: 'spki', format: 'der' }).toString('base64')
const privateKey = keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()

const world = (): ScriptedDns =>
  scriptedDns({
    'example.org': { TXT: [['v=spf1 ip4:192.0.2.1 -all']] },
    '_dmarc.example.org': { TXT: [['v=DMARC1; p=reject; sp=quarantine']] },
    'quiet.org': { TXT: [['v=spf1 -all']] },
    '_dmarc.quiet.org': { TXT: [['v=DMARC1; p=none']] },
    'key._domainkey.example.org': { TXT: [[`v=DKIM1; k=rsa; p=${publicKey}`]] },
    'strict._domainkey.example.org': { TXT: [[`v=DKIM1; k=rsa; t=s; p=${publicKey}`]] },
    'other.net': { TXT: [['v=spf1 ip4:192.0.2.1 -all']] },
    'helo.net': { TXT: [['v=spf1 a -all']], A: ['192.0.2.1'] },
  })

const message = (from = 'ann@example.org', body = 'Hello\r\n'): Buffer =>
  Buffer.from(
    `From: ${from}\r\nTo: ben@mailkeep.test\r\nSubject: hi\r\nDate: Thu, 15 Jan 2026 00:00:00 +0000\r\n\r\n${body}`,
  )

const authenticate = (own: Partial<MailToAuthenticate> = {}) =>
  authenticateMail({
    raw: message(),
    ip: '192.0.2.1',
    helo: 'helo.net',
    reversePath: 'ann@example.org',
    hostname: 'mx.mailkeep.test',
    dns: world(),
    now,
    ...own,
  })

const signed = async (raw: Buffer, selector: string, signTime = now): Promise<Buffer> => {
  const { signatures } = await dkimSign(raw, {
    signTime: new Date(signTime),
    signingDomain: 'example.org',
    selector,
    privateKey,
    canonicalization: 'relaxed/relaxed',
    signatureData: [{ signingDomain: 'example.org', selector, privateKey, canonicalization: 'relaxed/relaxed' }],
  })
  return Buffer.concat([Buffer.from(signatures), raw])
}

describe('authenticating a mail', () => {
  it('passes SPF and DMARC for a server that the From domain names', async () => {
    const { results } = await authenticate()
    expect(results.spf).toMatchObject({ result: 'pass', domain: 'example.org', aligned: true })
    expect(results.dmarc).toMatchObject({ result: 'pass', domain: 'example.org', policy: 'reject' })
    expect(results.dkim).toEqual([])
    expect(results.arc.result).toBe('none')
  })

  it('fails DMARC where nothing is aligned, and tells the policy that the From domain publishes', async () => {
    const spoofed = await authenticate({ reversePath: 'x@other.net' })
    expect(spoofed.results.spf).toMatchObject({ result: 'pass', aligned: false })
    expect(spoofed.results.dmarc).toMatchObject({ result: 'fail', policy: 'reject' })
    const below = await authenticate({ reversePath: 'x@other.net', raw: message('x@sub.example.org') })
    expect(below.results.dmarc).toMatchObject({ result: 'fail', policy: 'quarantine' })
  })

  it('checks the HELO name where the reverse path is null', async () => {
    const { results, header } = await authenticate({ reversePath: null })
    expect(results.spf).toMatchObject({ result: 'pass', domain: 'helo.net' })
    expect(header).toContain('smtp.helo=helo.net')
  })

  it('passes a signature, aligned, from a buffer and from a stream in small pieces', async () => {
    const raw = await signed(message(), 'key')
    for (const form of [raw, Readable.from(raw.toString('latin1').match(/[^]{1,7}/g) ?? [])]) {
      const { results } = await authenticate({ raw: form, reversePath: 'x@other.net' })
      expect(results.dkim).toMatchObject([{ result: 'pass', domain: 'example.org', selector: 'key', aligned: true }])
      expect(results.dmarc.result).toBe('pass')
    }
  })

  it('fails a signature whose body was changed', async () => {
    const raw = Buffer.from((await signed(message(), 'key')).toString().replace('Hello', 'Hallo'))
    const { results } = await authenticate({ raw, reversePath: 'x@other.net' })
    expect(results.dkim[0]?.result).toBe('fail')
    expect(results.dmarc.result).toBe('fail')
  })

  it('never passes a subdomain identity under a key with t=s', async () => {
    const raw = (await signed(message(), 'strict')).toString()
    const identity = Buffer.from(raw.replace('d=example.org;', 'd=example.org; i=@sub.example.org;'))
    expect((await authenticate({ raw: Buffer.from(raw) })).results.dkim[0]?.result).toBe('pass')
    expect((await authenticate({ raw: identity })).results.dkim[0]?.result).not.toBe('pass')
  })

  it('compares the expiry of a signature with the given clock', async () => {
    const { signatures } = await dkimSign(message(), {
      signTime: new Date(now),
      expires: new Date(now + 3_600_000),
      signingDomain: 'example.org',
      selector: 'key',
      privateKey,
      signatureData: [{ signingDomain: 'example.org', selector: 'key', privateKey }],
    })
    const expiring = Buffer.concat([Buffer.from(signatures), message()])
    expect((await authenticate({ raw: expiring, now: now + 60_000 })).results.dkim[0]?.result).toBe('pass')
    expect((await authenticate({ raw: expiring, now: now + 7_200_000 })).results.dkim[0]?.result).not.toBe('pass')
  })

  it('passes no signature of the future, but allows for clocks that differ a little', async () => {
    const early = async (ahead: number) =>
      (await authenticate({ raw: await signed(message(), 'key', now + ahead) })).results.dkim[0]
    expect(await early(4 * 60_000)).toMatchObject({ result: 'pass' })
    expect(await early(60 * 60_000)).toMatchObject({ result: 'policy', explanation: 'signed in the future' })
  })

  it('says of each signature with l= how much it leaves out', async () => {
    const limited = async (length: number) => {
      const options = { signingDomain: 'example.org', selector: 'key', privateKey, maxBodyLength: length }
      const { signatures } = await dkimSign(message(), {
        ...options,
        signTime: new Date(now),
        signatureData: [options],
      })
      return (await authenticate({ raw: Buffer.concat([Buffer.from(signatures), message()]) })).results.dkim[0]
    }
    expect(await limited(7)).toMatchObject({ result: 'pass', unsigned: 0 })
    expect(await limited(2)).toMatchObject({
      result: 'pass',
      unsigned: 5,
      explanation: '5 bytes of the body are not signed (l=)',
    })
    expect((await authenticate({ raw: await signed(message(), 'key') })).results.dkim[0]).not.toHaveProperty('unsigned')
  })

  it('looks at the HELO name beside the envelope sender', async () => {
    const { results } = await authenticate({ ip: '192.0.2.1' })
    expect(results.spf).toMatchObject({ result: 'pass', helo: { result: 'pass', domain: 'helo.net' } })
    expect((await authenticate({ ip: '192.0.2.2' })).results.spf.helo).toEqual({ result: 'fail', domain: 'helo.net' })
    for (const helo of [null, '[192.0.2.1]', 'localhost', 'not a name'])
      expect((await authenticate({ helo })).results.spf).not.toHaveProperty('helo')
    expect((await authenticate({ reversePath: null })).results.spf).not.toHaveProperty('helo')
  })

  it('looks at the first signatures only, and says so', async () => {
    const raw = await signed(message(), 'key')
    const signature = raw.subarray(0, raw.indexOf('From: '))
    const many = Buffer.concat([...Array.from({ length: 30 }, () => signature), message()])
    const dns = world()
    const { results } = await authenticate({ raw: many, dns })
    expect(results.dkim).toHaveLength(MAX_SIGNATURES + 1)
    expect(results.dkim.at(-1)).toMatchObject({ result: 'policy', explanation: expect.stringContaining('22 more') })
  })
})

describe('a temporary failure of the DNS', () => {
  it('of the SPF record is a temperror, and never a DMARC failure', async () => {
    const dns = world()
    dns.fail('example.org', 'TXT', 'servfail')
    const { results } = await authenticate({ dns })
    expect(results.spf.result).toBe('temperror')
    expect(results.dmarc.result).toBe('temperror')
  })

  it('of an aligned key is a temperror, and never a DMARC failure', async () => {
    const dns = world()
    dns.fail('key._domainkey.example.org', 'TXT', 'timeout')
    const { results } = await authenticate({ raw: await signed(message(), 'key'), reversePath: 'x@other.net', dns })
    expect(results.dkim[0]?.result).toBe('temperror')
    expect(results.dmarc.result).toBe('temperror')
  })

  it('of the policy is a temperror', async () => {
    const dns = world()
    dns.fail('_dmarc.example.org', 'TXT', 'refused')
    expect((await authenticate({ dns })).results.dmarc).toMatchObject({ result: 'temperror', policy: null })
  })

  it('of a domain that has nothing to do with the From domain changes nothing', async () => {
    const dns = world()
    dns.fail('other.net', 'TXT', 'timeout')
    const { results } = await authenticate({ reversePath: 'x@other.net', dns })
    expect(results.spf.result).toBe('temperror')
    expect(results.dmarc.result).toBe('fail')
  })
})

describe('a From that is not one address', () => {
  it.each([
    ['two addresses', 'From: ann@example.org, x@other.net\r\n'],
    ['two fields', 'From: x@other.net\r\nFrom: ann@example.org\r\n'],
    ['a group', 'From: us: ann@example.org, x@other.net;\r\n'],
  ])('never passes: %s; and fails where one domain of them is spoofed', async (_, fields) => {
    const { results } = await authenticate({ raw: Buffer.from(`${fields}\r\nbody`), reversePath: 'x@other.net' })
    expect(results.dmarc).toMatchObject({ result: 'fail', policy: 'reject', domain: 'example.org' })
  })

  it.each(['', 'From: \r\n', 'From: undisclosed\r\n', 'From: @\r\n'])(
    'is a permerror where there is none: %j',
    async (fields) => {
      const { results } = await authenticate({ raw: Buffer.from(`${fields}Subject: x\r\n\r\nbody`) })
      expect(results.dmarc.result).not.toBe('pass')
      expect(results.dmarc.policy).toBeNull()
    },
  )
})

describe('hostile mail', () => {
  it('never rejects, whatever the bytes; every result is of the declared shape', async () => {
    const fragment = fc.constantFrom(
      'From: ',
      'DKIM-Signature: ',
      'v=1; a=rsa-sha256; d=example.org; s=key; ',
      'h=from; bh=AA==; b=AA==',
      'ARC-Seal: i=1; ',
      'ARC-Message-Signature: i=1; ',
      'ARC-Authentication-Results: i=1; x',
      '\r\n',
      '\n',
      '\r',
      '\0',
      ' ',
      '<',
      '>',
      '@',
      '"',
      '(',
      'ann@example.org',
      ';',
      ':',
      'cv=none',
      '\u00ff',
      'i=@',
      'l=9999999999',
    )
    await fc.assert(
      fc.asyncProperty(fc.array(fragment, { maxLength: 60 }), async (pieces) => {
        const { results, header } = await authenticate({ raw: Buffer.from(pieces.join(''), 'latin1') })
        expect(() => authenticationResults.parse(results)).not.toThrow()
        expect(results.dkim.every((one) => one.result !== 'pass')).toBe(true)
        expect(header).toMatch(/^mx\.mailkeep\.test;\r\n spf=/)
      }),
      { numRuns: 300, seed: 7 },
    )
  })

  it('is not verified beyond a bounded header block', async () => {
    const raw = Buffer.from(`From: ann@example.org\r\nX: ${' x\r\n'.repeat(50_000)}\r\nbody`)
    const { results } = await authenticate({ raw })
    expect(results.dkim).toMatchObject([{ result: 'permerror', explanation: 'the header is too large to be verified' }])
  })

  it('is told from a fault of the resolver, which rejects', async () => {
    const dns = { query: () => Promise.reject(new Error('the evidence holds no answer')) }
    await expect(authenticate({ dns })).rejects.toThrow('the evidence holds no answer')
  })
})

describe('a mail of 50 MB', () => {
  it('is verified as it streams by', { timeout: 60_000 }, async () => {
    const line = 'All work and no play makes Jack a dull boy. \r\n'
    const piece = Buffer.from(line.repeat(Math.ceil(65_536 / line.length)))
    const pieces = Math.ceil((50 * 1024 * 1024) / piece.length)
    const body = async function* () {
      for (let index = 0; index < pieces; index += 1) {
        yield Buffer.from(piece)
      }
    }
    const header = message('ann@example.org', '')
    const signature = await createDkimSigner({
      clock: () => now,
      keysOf: () => [{ selector: 'key', algorithm: 'rsa-sha256', id: 'key', open: () => privateKey }],
    }).sign({ domain: 'example.org', open: () => withHead(header, body()) })
    const before = process.memoryUsage().arrayBuffers
    let most = 0
    const watched = async function* () {
      for await (const chunk of body()) {
        most = Math.max(most, process.memoryUsage().arrayBuffers - before)
        yield chunk
      }
    }
    const raw = Readable.from(withHead(Buffer.concat([Buffer.from(signature), header]), watched()), {
      highWaterMark: 1,
    })
    expect((await authenticate({ raw })).results.dkim[0]).toMatchObject({ result: 'pass' })
    expect(most).toBeLessThan(25 * 1024 * 1024)
  })
})

async function* withHead(head: Buffer, body: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  yield head
  yield* body
}

describe('the body', () => {
  it('is not read when nothing signs it', async () => {
    const hash = createHash('sha256')
    let read = 0
    const chunks = async function* () {
      yield message('ann@example.org', '')
      for (let index = 0; index < 1_000; index += 1) {
        read += 1
        hash.update('x')
        yield Buffer.alloc(65_536)
      }
    }
    await authenticate({ raw: Readable.from(chunks(), { highWaterMark: 1 }) })
    expect(read).toBeLessThan(10)
  })
})
