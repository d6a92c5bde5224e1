import { generateKeyPairSync } from 'node:crypto'
import { dkimSign, sealMessage } from 'mailauth'
import { createRequire } from 'node:module'
import PostalMime, { addressParser } from 'postal-mime'
import { describe, expect, it } from 'vitest'
import { HeaderProblem } from '#domain/message/header-problem'
import { parseMailboxList } from '#domain/message/mailbox-list'
import { authenticationResults } from '#domain/message/authentication-results'
import { summariseHeaders } from '#infra/content-scan/summary'
import { authenticateMail } from '#infra/mail-auth/authenticate-mail'
import { scriptedDns } from '#test/dsl/dns'
import { arcCases, suiteIsThere } from '#test/conformance/auth/suites'
import { seeded } from './load.ts'

const MAILS = 20_000
const now = Date.UTC(2026, 0, 15)
const nodemailersParser = createRequire(import.meta.url)('nodemailer/lib/addressparser') as (
  text: string,
) => readonly { readonly address?: string; readonly group?: readonly { readonly address: string }[] }[]

const keys = { legit: generateKeyPairSync('rsa', { modulusLength: 1_024 }), attack: generateKeyPairSync('ed25519') }
const pem = (owner: keyof typeof keys): string =>
  keys[owner].privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
const records = {
  legit: `v=DKIM1; p=${keys.legit.publicKey.export({ type: 'spki', format: 'der' }).toString('base64')}`,
  attack: `v=DKIM1; k=ed25519; p=${keys.attack.publicKey.export({ type: 'spki', format: 'der' }).subarray(-32).toString('base64')}`,
}

/** legit.test never sends from 192.0.2.66, where all of this comes from; attack.test does. */
const world = {
  'legit.test': 'v=spf1 ip4:192.0.2.1 -all',
  '_dmarc.legit.test': 'v=DMARC1; p=reject',
  'key._domainkey.legit.test': records.legit,
  'attack.test': 'v=spf1 ip4:192.0.2.66 include:legit.test -all',
  '_dmarc.attack.test': 'v=DMARC1; p=none',
  'key._domainkey.attack.test': records.attack,
}

const plain = (from: string, to = 'ben@mailkeep.test'): string =>
  `From: ${from}\r\nTo: ${to}\r\nSubject: Minutes of Tuesday\r\nDate: Thu, 15 Jan 2026 00:00:00 +0000\r\nMessage-ID: <1@x.test>\r\n\r\nHello all\r\n`

const signed = async (message: string, owner: keyof typeof keys): Promise<string> => {
  const signer = { signingDomain: `${owner}.test`, selector: 'key', privateKey: pem(owner) }
  const { signatures } = await dkimSign(Buffer.from(message, 'latin1'), {
    ...signer,
    signTime: new Date(now),
    signatureData: [{ ...signer, canonicalization: 'relaxed/relaxed' }],
  })
  return signatures + message
}

const sealed = async (message: string): Promise<string> => {
  const set = await sealMessage(Buffer.from(message, 'latin1'), {
    signingDomain: 'attack.test',
    selector: 'key',
    privateKey: pem('attack'),
    signTime: new Date(now),
    cv: 'none',
    authResults: 'attack.test; dmarc=pass header.from=legit.test',
  })
  return set.toString('latin1') + message
}

const FRAGMENTS = [
  'From: ',
  'From : ',
  '\r\nFrom: admin@legit.test\r\n',
  '\r\n ',
  '\r\n\t',
  '\r',
  '\n',
  '\0',
  '\t',
  ' ',
  '\x0b',
  '\xa0',
  '<',
  '>',
  '@',
  ',',
  ';',
  ':',
  '"',
  '(',
  ')',
  '\\',
  '[',
  ']',
  '.',
  '=',
  '=?utf-8?Q?',
  '?=',
  '=00',
  '\xff',
  '\xe2\x80\xae',
  'admin@legit.test',
  '<admin@legit.test>',
  '"admin@legit.test"',
  'x@attack.test',
  '<x@attack.test>',
  'legit.test',
  'attack.test',
  '=?utf-8?B?PGFkbWluQGxlZ2l0LnRlc3Q+?=',
  'us: x@attack.test;',
  '<@legit.test:x@attack.test>',
  '(x)',
  '.legit.test',
  '#',
  'd=legit.test',
  'd=attack.test',
  's=key',
  'i=@legit.test',
  'i=1',
  'i=2',
  'i=51',
  'l=0',
  'l=5',
  'l=99999999999999999999',
  'h=from',
  'h=',
  'bh=',
  'b=',
  'c=simple',
  'c=relaxed/simple',
  'a=rsa-sha1',
  'v=1',
  'v=2',
  't=9999999999',
  'x=1',
  'q=dns/txt',
  'cv=none',
  'cv=pass',
  'cv=fail',
  'DKIM-Signature: ',
  'ARC-Seal: ',
  'ARC-Message-Signature: ',
  'ARC-Authentication-Results: ',
  'Authentication-Results: mx.mailkeep.test; dmarc=pass\r\n',
  'Sender: admin@legit.test\r\n',
  'Subject: Pay at once\r\n',
  '\r\n\r\n',
  'x'.repeat(1_200),
  'a.'.repeat(200),
  '%{s}',
  '{',
  '}',
  '=3D',
  '0',
  '-1',
  '1e999',
  '__proto__',
  'constructor',
]

/** Cuts, doubles, swaps and puts in; most often in the header, where most of what is judged is. */
const mutated = (text: string, random: () => number): string => {
  const below = (end: number): number => Math.floor(random() * end)
  let bytes = text
  for (let left = 1 + below(6); left > 0; left--) {
    const header = Math.max(1, bytes.indexOf('\r\n\r\n'))
    const at = random() < 0.9 ? below(header) : below(bytes.length)
    const span = below(random() < 0.7 ? 4 : 60)
    const fragment = FRAGMENTS[below(FRAGMENTS.length)] ?? ''
    const kind = random()
    if (kind < 0.45) bytes = bytes.slice(0, at) + fragment + bytes.slice(at)
    else if (kind < 0.6) bytes = bytes.slice(0, at) + fragment + bytes.slice(at + span)
    else if (kind < 0.75) bytes = bytes.slice(0, at) + bytes.slice(at + span)
    else if (kind < 0.85) bytes = bytes.slice(0, at) + bytes.slice(at, at + span) + bytes.slice(at)
    else if (kind < 0.92) bytes = bytes.slice(0, at) + String.fromCharCode(below(256)) + bytes.slice(at + 1)
    else {
      const lines = bytes.split('\r\n')
      const [line = ''] = lines.splice(below(lines.length), 1)
      lines.splice(below(lines.length), 0, ...(random() < 0.5 ? [line] : [line, line]))
      bytes = lines.join('\r\n')
    }
  }
  return bytes
}

const domainsIn = (addresses: readonly (string | undefined)[]): Set<string> =>
  new Set(
    addresses.flatMap((address) =>
      address?.includes('@') ? [address.slice(address.lastIndexOf('@') + 1).toLowerCase()] : [],
    ),
  )

/** Domains that one or another mail program shows as the author's. */
const shown = async (raw: Buffer): Promise<Set<string>> => {
  const { from } = await PostalMime.parse(raw)
  const header = raw.toString('latin1').split(/\r?\n\r?\n/)[0] ?? ''
  const values = [...header.matchAll(/^from:((?:.*\r?\n[ \t])*.*)/gim)].map(([, value = '']) =>
    value.replaceAll(/\r?\n/g, ''),
  )
  return domainsIn([
    ...(from?.group ?? [from]).map((one) => one?.address),
    ...values.flatMap((value) => [
      ...addressParser(value).flatMap((one) => (one.group ?? [one]).map(({ address }) => address)),
      ...nodemailersParser(value).flatMap((one) => (one.group ?? [one]).map(({ address }) => address)),
      ...[...value.matchAll(/<([^<>]*@[^<>]*)>\s*$/g)].map(([, address]) => address),
    ]),
  ])
}

describe('headers that somebody has tampered with', () => {
  it(`never crash, hang or deceive authentication: ${MAILS} of them`, async () => {
    const random = seeded(20_260_115)
    const bases = [
      plain('x@attack.test'),
      await signed(plain('"Cara" <x@attack.test>'), 'attack'),
      await signed(plain('admin@legit.test'), 'legit'),
      await signed(await signed(plain('Admin <admin@legit.test>'), 'legit'), 'attack'),
      await sealed(await signed(plain('admin@legit.test'), 'legit')),
      await sealed(await signed(plain('x@attack.test'), 'attack')),
      ...(suiteIsThere('arc')
        ? arcCases()
            .slice(0, 40)
            .map(({ message }) => message.toString('latin1'))
        : []),
    ]
    const envelopes = ['x@attack.test', 'admin@legit.test', 'x@attack.test\0', 'x@legit.test(.attack.test', null]
    const counts = { pass: 0, fail: 0, permerror: 0, none: 0, temperror: 0 }
    const texts = Object.entries(world)
    for (let count = 0; count < MAILS; count++) {
      const base = bases[Math.floor(random() * (count % 3 === 0 ? bases.length : 6))] ?? ''
      const message = count < bases.length ? base : mutated(base, random)
      const raw = Buffer.from(message, 'latin1')
      const changed = count % 10 === 9 ? Math.floor(random() * texts.length) : -1
      const dns = scriptedDns(
        Object.fromEntries(
          texts.map(([name, text], at) => [name, { TXT: [[at === changed ? mutated(text, random) : text]] }]),
        ),
      )
      const envelope = envelopes[Math.floor(random() * envelopes.length)] ?? null
      const { results, header } = await authenticateMail({
        raw,
        ip: '192.0.2.66',
        helo: random() < 0.2 ? mutated('mail.attack.test', random).slice(0, 255) : 'mail.attack.test',
        reversePath: envelope !== null && random() < 0.2 ? mutated(envelope, random).slice(0, 320) : envelope,
        hostname: 'mx.mailkeep.test',
        dns,
        now,
        policy: { dmarc: count % 2 === 0 ? 'rfc7489' : 'tree-walk', trustedSealers: ['lists.example.org'] },
      })
      const must = (holds: boolean, what: string): void => {
        if (!holds) throw new Error(`mail ${count}: ${what}: ${JSON.stringify([message.slice(0, 3_000), results])}`)
      }
      authenticationResults.parse(results)
      must(/^mx\.mailkeep\.test;(?:\r\n [\x20-\x7e]+;)+\r\n arc=[\x20-\x7e]+$/.test(header), header)
      counts[results.dmarc.result] += 1
      summariseHeaders(raw)
      readAsList(message)
      // What of the world was changed may well let others pass.
      if (results.dmarc.result !== 'pass' || changed !== -1) continue
      const author = organization(results.dmarc.domain ?? '')
      const seen = [...(await shown(raw))]
      must(
        seen.every((domain) => organization(domain) === author),
        `it shows ${seen.join(', ')} and passes for ${author}`,
      )
      must(headerOf(message).match(/^from[ \t]*:/gim)?.length === 1, 'not one From')
      if (author !== 'legit.test') continue
      // Only what legit.test signed, as it was signed.
      must(
        results.dkim.some(({ result, domain }) => result === 'pass' && domain === 'legit.test'),
        'nothing vouches for it',
      )
      must((await PostalMime.parse(raw)).subject === 'Minutes of Tuesday', 'another subject')
    }
    console.log(`fuzz: ${MAILS} mails through SPF, DKIM, DMARC and ARC: ${JSON.stringify(counts)}`)
    expect(counts.pass).toBeGreaterThan(1_000)
    expect(counts.fail).toBeGreaterThan(1_000)
    expect(counts.permerror).toBeGreaterThan(100)
  })
})

const headerOf = (message: string): string => message.split(/\r?\n\r?\n/)[0] ?? ''
const organization = (domain: string): string => domain.replace(/\.$/, '').split('.').slice(-2).join('.')

/** The strict reader refuses by its own error, or reads. */
const readAsList = (message: string): void => {
  for (const [, value = ''] of headerOf(message).matchAll(/^(?:from|sender|to):(.*)/gim)) {
    try {
      for (const { address } of parseMailboxList(value.trim(), 'From')) expect(address).toMatch(/.@./)
    } catch (error) {
      if (!(error instanceof HeaderProblem)) throw error
    }
  }
}
