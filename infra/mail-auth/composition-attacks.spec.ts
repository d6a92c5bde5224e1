import { generateKeyPairSync } from 'node:crypto'
import { dkimSign } from 'mailauth'
import { describe, expect, it } from 'vitest'
import { scriptedDns } from '#test/dsl/dns'
import { authenticateMail, type Authentication, type MailToAuthenticate } from './authenticate-mail.ts'

/*
 * The shapes of Chen, Paxson and Jiang: "Composition Kills: A Case Study of Email Sender Authentication" (USENIX Security 2020), and of Müller
 * et al. (2019) and Shen et al. (2021) where they add to them. The attacker owns attack.test with all that belongs to it: SPF, keys, a policy.
 * A mail program may show legit.test; then nothing here says pass.
 */
const now = Date.UTC(2026, 0, 15)
const keys = generateKeyPairSync('rsa', { modulusLength: 2048 })
const record = `v=DKIM1; p=${keys.publicKey.export({ type: 'spki', format: 'der' }).toString('base64')}`
const privateKey = keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()

const dns = scriptedDns({
  'attack.test': { TXT: [['v=spf1 ip4:192.0.2.66 -all']] },
  '*.attack.test': { TXT: [['v=spf1 ip4:192.0.2.66 -all']] },
  '_dmarc.attack.test': { TXT: [['v=DMARC1; p=none']] },
  'key._domainkey.attack.test': { TXT: [[record]] },
  'x._domainkey.attack.test': { TXT: [[record]] },
  'legit.test': { TXT: [['v=spf1 ip4:192.0.2.1 -all']], A: ['192.0.2.1'] },
  '_dmarc.legit.test': { TXT: [['v=DMARC1; p=reject']] },
  'key._domainkey.legit.test': { TXT: [[record]] },
  'xn--lgit-v4d.test': { TXT: [['v=spf1 ip4:192.0.2.66 -all']] },
  '_dmarc.xn--lgit-v4d.test': { TXT: [['v=DMARC1; p=reject']] },
})

const signedBy = async (domain: string, message: string, selector = 'key'): Promise<string> => {
  const { signatures } = await dkimSign(Buffer.from(message, 'latin1'), {
    signTime: new Date(now),
    signingDomain: domain,
    selector,
    privateKey,
    signatureData: [{ signingDomain: domain, selector, privateKey, canonicalization: 'relaxed/relaxed' }],
  })
  return signatures + message
}

const authenticate = (message: string, own: Partial<MailToAuthenticate> = {}): Promise<Authentication> =>
  authenticateMail({
    raw: Buffer.from(message, 'latin1'),
    ip: '192.0.2.66',
    helo: 'attack.test',
    reversePath: 'x@attack.test',
    hostname: 'mx.mailkeep.test',
    dns,
    now,
    ...own,
  })

/** The rest of a header, and a body. */
const REST = 'To: ben@mailkeep.test\r\nSubject: hello\r\nDate: Thu, 15 Jan 2026 00:00:00 +0000\r\n\r\nHello\r\n'
const base64 = (text: string): string => Buffer.from(text).toString('base64')

it('the attacker passes as who they are', async () => {
  const { results } = await authenticate(await signedBy('attack.test', `From: <x@attack.test>\r\n${REST}`))
  expect(results.spf.result).toBe('pass')
  expect(results.dkim).toMatchObject([{ result: 'pass', aligned: true }])
  expect(results.dmarc).toMatchObject({ result: 'pass', domain: 'attack.test' })
})

describe('what mail programs read differently never passes: header From', () => {
  it.each([
    // Several fields, and fields that are one for some (sections 5.1, 5.2 of the paper).
    ['two fields, theirs first', 'From: x@attack.test\r\nFrom: admin@legit.test\r\n'],
    ['two fields, theirs last', 'From: admin@legit.test\r\nFrom: x@attack.test\r\n'],
    ['white space before the name', ' From: admin@legit.test\r\nFrom: x@attack.test\r\n'],
    ['white space behind the name', 'From: x@attack.test\r\nFrom : admin@legit.test\r\n'],
    ['only one, with white space behind the name', 'From : admin@legit.test\r\n'],
    ['a fold behind the name', 'From: x@attack.test\r\nFrom\r\n : admin@legit.test\r\n'],
    ['a NUL in the name', 'From: x@attack.test\r\nFr\0om: admin@legit.test\r\n'],
    ['a byte order mark before the name', '\xef\xbb\xbfFrom: admin@legit.test\r\nFrom: x@attack.test\r\n'],
    ['a bare CR before the name', 'X: y\rFrom: admin@legit.test\r\nFrom: x@attack.test\r\n'],
    ['none, but a Sender', 'Sender: admin@legit.test\r\n'],
    ['none, but a Resent-From', 'Resent-From: admin@legit.test\r\n'],
    ['one that is empty, and a Sender', 'From:\r\nSender: admin@legit.test\r\n'],
    // Several addresses (5.3).
    ['two addresses, theirs first', 'From: <x@attack.test>, <admin@legit.test>\r\n'],
    ['two addresses, theirs last', 'From: <admin@legit.test>, <x@attack.test>\r\n'],
    ['two addresses of theirs', 'From: <x@attack.test>, <y@attack.test>\r\n'],
    ['no comma between', 'From: <admin@legit.test><x@attack.test>\r\n'],
    ['a semicolon between', 'From: <admin@legit.test>; <x@attack.test>\r\n'],
    ['a bracket within a bracket', 'From: <<admin@legit.test> x@attack.test>\r\n'],
    ['a bare one and one in brackets', 'From: admin@legit.test <x@attack.test>\r\n'],
    ['one in square brackets', 'From: [admin@legit.test] <x@attack.test>\r\n'],
    ['a group', 'From: us: x@attack.test, admin@legit.test;\r\n'],
    ['a group of one', 'From: us: x@attack.test;\r\n'],
    ['a group named like an address', 'From: admin@legit.test: x@attack.test;\r\n'],
    ['an empty group', 'From: admin@legit.test:;\r\n'],
    // Routes (5.3).
    ['a route through the victim', 'From: <@legit.test,@attack.test:x@attack.test>\r\n'],
    ['a route through the attacker', 'From: <@attack.test:admin@legit.test>\r\n'],
    ['a route without brackets', 'From: @legit.test:x@attack.test\r\n'],
    // Comments.
    ['a comment within the domain', 'From: <x@attack.test(.legit.test)>\r\n'],
    ['a comment that holds the domain', 'From: admin@legit.test(.attack.test)\r\n'],
    ['a comment that is never closed', 'From: admin@legit.test(@attack.test\r\n'],
    ['an address in a comment', 'From: (<x@attack.test>) admin@legit.test <x@attack.test>\r\n'],
    ['a comment in a comment', 'From: <x@attack.test> (a (b) admin@legit.test)\r\n'],
    // Encoded words and quoted pairs.
    ['an encoded address', `From: =?utf-8?B?${base64('admin@legit.test')}?= <x@attack.test>\r\n`],
    ['an encoded address in brackets', `From: =?utf-8?B?${base64('<admin@legit.test>')}?= <x@attack.test>\r\n`],
    ['an encoded address and a comma', `From: =?utf-8?B?${base64('<admin@legit.test>,')}?= <x@attack.test>\r\n`],
    ['nothing but an encoded address', `From: =?utf-8?B?${base64('admin@legit.test')}?=\r\n`],
    ['an encoded address with a NUL', `From: =?utf-8?B?${base64('admin@legit.test\0')}?= <x@attack.test>\r\n`],
    ['an encoded domain', 'From: <admin@=?utf-8?Q?legit.test?=>\r\n'],
    ['an encoded word that ends in theirs', `From: =?utf-8?B?${base64('<admin@legit.test>')}?=@attack.test\r\n`],
    ['a quoted pair for a comma', 'From: <admin@legit.test>\\, <x@attack.test>\r\n'],
    ['a quoted pair at the end of a string', 'From: "a\\" <admin@legit.test>, \\"" <x@attack.test>\r\n'],
    ['a quoted pair, and no brackets within', 'From: "a\\", admin@legit.test, \\"" <x@attack.test>\r\n'],
    ['a quoted address in brackets', 'From: "<admin@legit.test>" <x@attack.test>\r\n'],
    // Quoted local parts, ends of strings.
    ['a local part that is an address', 'From: <"admin@legit.test"@attack.test>\r\n'],
    ['two at signs', 'From: <admin@legit.test@attack.test>\r\n'],
    ['a NUL within', 'From: <admin@legit.test\0@attack.test>\r\n'],
    ['a NUL behind the domain', 'From: <admin@legit.test\0.attack.test>\r\n'],
    ['a tab within', 'From: <admin@legit.test\t@attack.test>\r\n'],
    ['a line break within', 'From: <admin@legit.test\r\n @attack.test>\r\n'],
    ['white space within', 'From: <admin@legit.test @attack.test>\r\n'],
    ['a quote that is never closed', 'From: "admin@legit.test <x@attack.test>\r\n'],
    ['a bracket that is never closed', 'From: x@attack.test <admin@legit.test\r\n'],
    ['brackets the wrong way round', 'From: >admin@legit.test< <x@attack.test>\r\n'],
    ['something behind the brackets', 'From: <x@attack.test> admin@legit.test\r\n'],
    ['a vertical tab and the like', 'From: admin@legit.test\v<x@attack.test>\r\n'],
    ['an empty address', 'From: admin@legit.test <>\r\n'],
  ])('%s', async (_, from) => {
    const signed = await signedBy('attack.test', `${from}${REST}`)
    for (const message of [signed, `${from}${REST}`]) {
      const { results, header } = await authenticate(message)
      expect(results.dmarc.result).not.toBe('pass')
      expect(results.dmarc.explanation ?? results.dmarc.policy).not.toBeNull()
      expect(header).not.toContain('dmarc=pass')
      for (const one of results.dkim) expect(one.aligned).toBe(false)
      expect(results.spf.aligned).toBe(false)
    }
  })

  it('that only looks like another is judged as what it is: letters of another script', async () => {
    const { results } = await authenticate(`From: admin@l\xd0\xb5git.test\r\n${REST}`, {
      reversePath: 'x@xn--lgit-v4d.test',
    })
    expect(results.dmarc).toMatchObject({ result: 'pass', domain: 'xn--lgit-v4d.test' })
  })

  it.each(['admin@news.legit.test', 'admin@legit.test.', 'admin@LEGIT.TEST'])(
    'that is of no or another name of the victim falls under its policy: %s',
    async (address) => {
      const { results } = await authenticate(`From: ${address}\r\n${REST}`)
      expect(results.dmarc).toMatchObject({ result: 'fail', policy: 'reject' })
    },
  )
})

describe('what two checks read differently never passes: the envelope', () => {
  const spoofed = `From: admin@legit.test\r\n${REST}`
  it.each([
    ['a null reverse path, and their own name in HELO', { reversePath: null }],
    ['a name of the victim that is not there', { reversePath: 'x@none.legit.test' }],
    ["the victim's name in HELO", { helo: 'legit.test' }],
    ["the victim's name in HELO and a null reverse path", { helo: 'legit.test', reversePath: null }],
    ['a parenthesis in the reverse path', { reversePath: 'x@legit.test(.attack.test' }],
    ['a quote in the reverse path', { reversePath: `x@legit.test'@a.attack.test` }],
    ['two at signs in the reverse path', { reversePath: 'x@legit.test@attack.test' }],
    ['a NUL in the reverse path', { reversePath: 'x@legit.test\0.attack.test' }],
    ['a result in the reverse path', { reversePath: 'x@attack.test; dmarc=pass header.from=legit.test' }],
    ['a result in HELO', { helo: 'attack.test; dmarc=pass header.from=legit.test', reversePath: null }],
  ])('%s', async (_, own) => {
    const { results, header } = await authenticate(spoofed, own)
    expect(results.spf.result === 'pass' && results.spf.aligned).toBe(false)
    expect(results.dmarc).toMatchObject({ result: 'fail', policy: 'reject', domain: 'legit.test' })
    expect(header.replaceAll(/"(?:[^"\\]|\\.)*"/g, '""')).not.toMatch(/dmarc=pass|legit\.test\(/)
  })
})

describe('what two checks read differently never passes: signatures', () => {
  const spoofed = `From: admin@legit.test\r\n${REST}`
  it.each([
    ['a parenthesis in the domain', 'd=attack.test', 'd=legit.test(.attack.test'],
    ['a quote in the domain', 'd=attack.test', `d=legit.test'@a.attack.test`],
    ['a NUL in the domain', 'd=attack.test', 'd=legit.test\0.attack.test'],
    ['a NUL in the selector', 's=key', 'd=legit.test; s=key._domainkey.attack.test.\0'],
    ['a selector with a domain of its own', 's=key', 's=key._domainkey.attack.test#'],
    ['two domains', 'd=attack.test', 'd=legit.test; d=attack.test'],
    ['a name of a tag in capitals', 'd=attack.test', 'D=legit.test; d=attack.test'],
    ['an identity of another domain', 'd=attack.test', 'd=attack.test; i=admin@legit.test'],
    ['a result within', 'd=attack.test', 'd=attack.test; dmarc=pass'],
    ['a domain that all others are in', 'd=attack.test', 'd=test'],
  ])('%s', async (_, before, after) => {
    const signed = (await signedBy('attack.test', spoofed))
      .replaceAll(/\r\n(?=[ \t])/g, '')
      .replace('h=From', 'h=from')
      .replace(before, after)
    expect(signed).toContain(after)
    const { results, header } = await authenticate(signed)
    expect(results.dkim.some(({ result, aligned }) => result === 'pass' && aligned)).toBe(false)
    expect(results.dmarc).toMatchObject({ result: 'fail', policy: 'reject' })
    expect(header.replaceAll(/"(?:[^"\\]|\\.)*"/g, '""')).not.toContain('dmarc=pass')
  })

  it.each([
    ['a second From', 'From: admin@legit.test\r\n', 'From: boss@legit.test\r\n'],
    ['a second Subject', 'Subject: hello\r\n', 'Subject: pay at once\r\n'],
    ['a second To', 'To: ben@mailkeep.test\r\n', 'To: ann@mailkeep.test\r\n'],
    ['a second Content-Type', 'Content-Type: text/plain\r\n', 'Content-Type: multipart/mixed; boundary=x\r\n'],
  ])('a replayed mail of the victim with %s', async (_, signedField, added) => {
    const original = `Content-Type: text/plain\r\n${spoofed}`
    expect(original).toContain(signedField)
    const signed = await signedBy('legit.test', original)
    expect((await authenticate(signed)).results.dmarc).toMatchObject({ result: 'pass', domain: 'legit.test' })
    const { results } = await authenticate(added + signed)
    expect(results.dkim[0]?.result).toBe('policy')
    expect(results.dmarc.result).not.toBe('pass')
  })

  it('a replayed mail of the victim with more below what was signed says how much', async () => {
    const { signatures } = await dkimSign(Buffer.from(spoofed), {
      signTime: new Date(now),
      signingDomain: 'legit.test',
      selector: 'key',
      privateKey,
      signatureData: [
        {
          signingDomain: 'legit.test',
          selector: 'key',
          privateKey,
          canonicalization: 'relaxed/relaxed',
          maxBodyLength: 7,
        },
      ],
    })
    const { results } = await authenticate(`${signatures}${spoofed}<b>pay at once</b>\r\n`)
    expect(results.dkim).toMatchObject([{ result: 'pass', unsigned: 20 }])
  })
})
