import { generateKeyPairSync } from 'node:crypto'
import { dkimSign, sealMessage } from 'mailauth'
import { describe, expect, it } from 'vitest'
import { scriptedDns } from '#test/dsl/dns'
import { createArcSealer } from './arc-sealer.ts'
import { authenticateMail } from './authenticate-mail.ts'

const now = Date.UTC(2026, 0, 15)
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const ed = generateKeyPairSync('ed25519')
const pem = (key: typeof rsa.privateKey): string => key.export({ type: 'pkcs8', format: 'pem' }).toString()
const rsaRecord = `v=DKIM1; p=${rsa.publicKey.export({ type: 'spki', format: 'der' }).toString('base64')}`
const edRecord = `v=DKIM1; k=ed25519; p=${ed.publicKey.export({ type: 'spki', format: 'der' }).subarray(-32).toString('base64')}`

const world = () =>
  scriptedDns({
    'sender.test': { TXT: [['v=spf1 ip4:192.0.2.1 -all']] },
    '_dmarc.sender.test': { TXT: [['v=DMARC1; p=reject']] },
    'key._domainkey.sender.test': { TXT: [[rsaRecord]] },
    'rsa._domainkey.list.test': { TXT: [[rsaRecord]] },
    'ed._domainkey.second.test': { TXT: [[edRecord]] },
    'rsa._domainkey.evil.test': { TXT: [[rsaRecord]] },
  })

const original = 'From: cara@sender.test\r\nTo: list@list.test\r\nSubject: Minutes\r\n\r\nHello all\r\n'
const signed = async (): Promise<string> => {
  const { signatures } = await dkimSign(original, {
    signTime: new Date(now),
    signingDomain: 'sender.test',
    selector: 'key',
    privateKey: pem(rsa.privateKey),
    signatureData: [{ signingDomain: 'sender.test', selector: 'key', privateKey: pem(rsa.privateKey) }],
  })
  return signatures + original
}

const sealer = createArcSealer({
  clock: () => now,
  keysOf: (domain) => [
    domain === 'second.test'
      ? { selector: 'ed', algorithm: 'ed25519-sha256', id: 'ed', open: () => pem(ed.privateKey) }
      : { selector: 'rsa', algorithm: 'rsa-sha256', id: 'rsa', open: () => pem(rsa.privateKey) },
  ],
})

const authenticate = (message: string, trustedSealers: readonly string[] = [], own: object = {}) =>
  authenticateMail({
    raw: Buffer.from(message, 'latin1'),
    ip: '192.0.2.99',
    helo: null,
    reversePath: 'bounces@list.test',
    hostname: 'mx.mailkeep.test',
    dns: world(),
    now,
    policy: { dmarc: 'rfc7489', trustedSealers },
    ...own,
  })

/** What a hand does that sends it on: looks, changes, seals. */
const forwarded = async (
  message: string,
  domain: string,
  change: (text: string) => string = (text) => text,
  results?: string,
): Promise<string> => {
  const { header } = await authenticate(message, [], { hostname: domain })
  const changed = change(message)
  const set = await sealer.seal({
    domain,
    authservId: domain,
    results: [results ?? header],
    async *open() {
      yield Buffer.from(changed, 'latin1')
    },
  })
  expect(set).toContain('ARC-Seal')
  return set + changed
}

const tagged = (text: string): string => text.replace('Subject: Minutes', 'Subject: [list] Minutes')

describe('a forwarded mail that does not pass any more', () => {
  it('keeps the result that a trusted sealer saw', async () => {
    const mail = await forwarded(await signed(), 'list.test', tagged)
    expect((await authenticate(mail)).results).toMatchObject({
      dkim: [{ result: 'fail' }],
      dmarc: { result: 'fail', policy: 'reject' },
      arc: { result: 'pass', instances: 1 },
    })
    const { results, header } = await authenticate(mail, ['List.test'])
    expect(results.dmarc).toEqual({
      result: 'pass',
      domain: 'sender.test',
      policy: 'reject',
      explanation: 'fail here, passed at list.test (ARC, i=1)',
      sealer: 'list.test',
    })
    expect(header).toContain('dmarc=pass reason="fail here, passed at list.test (ARC, i=1)" header.from=sender.test')
  })

  it('does so through several hands only when each since then is trusted', async () => {
    const first = await forwarded(await signed(), 'list.test', tagged)
    const second = await forwarded(first, 'second.test', (text) => text.replace('[list]', '[second]'))
    const dmarc = async (trusted: readonly string[]) => (await authenticate(second, trusted)).results.dmarc.result
    expect((await authenticate(second)).results.arc).toMatchObject({ result: 'pass', instances: 2 })
    expect(await dmarc(['list.test', 'second.test'])).toBe('pass')
    expect(await dmarc(['list.test'])).toBe('fail')
    expect(await dmarc(['second.test'])).toBe('fail')
  })

  it('never by the word of somebody else, of another domain, or of a chain that does not hold', async () => {
    const trusted = ['list.test']
    const dmarc = async (message: string) => (await authenticate(message, trusted)).results.dmarc.result
    const claim = 'evil.test; arc=none; dmarc=pass header.from=sender.test'
    expect(await dmarc(await forwarded(original, 'evil.test', undefined, claim))).toBe('fail')
    const other = 'list.test; arc=none; dmarc=pass header.from=other.test'
    expect(await dmarc(await forwarded(original, 'list.test', undefined, other))).toBe('fail')
    const failed = 'list.test; arc=none; dmarc=fail header.from=sender.test (dmarc=pass header.from=sender.test)'
    expect(await dmarc(await forwarded(original, 'list.test', undefined, failed))).toBe('fail')
    const genuine = await forwarded(await signed(), 'list.test', tagged)
    for (const change of [
      (text: string) => text.replace('Hello all', 'Pay at once'),
      (text: string) => text.replace('From: cara@', 'From: boss@'),
      (text: string) => text.replace('d=list.test', 'd=evil.test'),
      (text: string) => `From: boss@sender.test\r\n${text}`,
      (text: string) => text.replace('dmarc=', 'x=; dmarc='),
    ])
      expect(await dmarc(change(genuine))).not.toBe('pass')
  })

  it('not even where the seal of a trusted one covers no From', async () => {
    const set = await sealMessage(Buffer.from(original), {
      signingDomain: 'list.test',
      selector: 'rsa',
      privateKey: pem(rsa.privateKey),
      signTime: new Date(now),
      cv: 'none',
      authResults: 'list.test; dmarc=pass header.from=sender.test',
      headerList: ['from', 'subject'],
    })
    const mail = set.toString() + original
    expect((await authenticate(mail, ['list.test'])).results.dmarc.result).toBe('pass')
    const { results } = await authenticate(mail.replace(/h=[^;]*;/, 'h=Subject;'), ['list.test'])
    expect(results.dmarc.result).toBe('fail')
  })
})

describe('a seal', () => {
  const sealed = (message: string, results: readonly string[], domain = 'list.test') =>
    sealer.seal({
      domain,
      authservId: domain,
      results,
      async *open() {
        for (const character of message) yield Buffer.from(character, 'latin1')
      },
    })

  it('is not made where there is nothing to vouch for', async () => {
    const found = 'list.test; arc=none; dmarc=pass header.from=sender.test'
    expect(await sealed(original, [found])).toContain('cv=none')
    expect(await sealed(original, [])).toBe('')
    expect(await sealed(original, ['other.test; dmarc=pass'])).toBe('')
    expect(await sealed('Subject: no From\r\n\r\n', [found])).toBe('')
    const chained = (await sealed(original, [found])) + original
    // The chain was not looked at.
    expect(await sealed(chained, [found])).toBe('')
    expect(await sealed(chained, ['list.test; arc=pass'])).toContain('cv=pass')
    const failed = (await sealed(chained, ['list.test; arc=fail'])) + chained
    expect(failed).toContain('cv=fail')
    expect(await sealed(failed, ['list.test; arc=fail'])).toBe('')
    // A set that is not whole.
    expect(await sealed(chained.replace('ARC-Message-Signature', 'X'), ['list.test; arc=pass'])).toBe('')
    expect(await sealed(`ARC-Seal: i=50; cv=pass\r\n${original}`, ['list.test; arc=pass'])).toBe('')
  })

  it('holds lines of bounded length, whatever the results are', async () => {
    const long = `list.test; arc=none;\r\n spf=pass smtp.mailfrom=${'x'.repeat(200)};\r\n dmarc=pass`
    const set = await sealed(original, [long])
    expect(set.endsWith('\r\n')).toBe(true)
    for (const line of set.split('\r\n')) expect(line.length).toBeLessThan(998)
    expect((await authenticate(set + original)).results.arc.result).toBe('pass')
  })
})
