import type { X509Certificate } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { TlsaRecord } from '#infra/dns/port'
import { type Certificate, type CertificateWishes, makeCertificate, tlsaOf } from '#test/dsl/certificates'
import { publicKeyOctets } from './certificate.ts'
import { daneMismatch } from './dane.ts'

const root = makeCertificate('root', { ca: true })
const intermediate = makeCertificate('intermediate', { ca: true, issuer: root })
const leaf = makeCertificate('leaf', { names: ['mx.a.test', '*.b.test'], issuer: intermediate })
const other = makeCertificate('other', { ca: true })
const chain = [leaf, intermediate, root]

const mismatch = (
  records: readonly TlsaRecord[],
  presented: readonly Certificate[] = chain,
  names: readonly string[] = ['mx.a.test'],
) =>
  daneMismatch(
    { records, names },
    presented.map(({ x509 }): X509Certificate => x509),
    Date.now(),
  )

const forms = ['0 0', '0 1', '0 2', '1 0', '1 1', '1 2']

describe('DANE-EE', () => {
  it.each(forms)('matches the server by 3 %s, and no other', (form) => {
    expect(mismatch([tlsaOf(leaf, `3 ${form}`)])).toBeNull()
    expect(mismatch([tlsaOf(other, `3 ${form}`), tlsaOf(leaf, `3 ${form}`)])).toBeNull()
    expect(mismatch([tlsaOf(other, `3 ${form}`)])).toMatch(/none of the TLSA records/)
    expect(mismatch([tlsaOf(intermediate, `3 ${form}`)])).toMatch(/none of the TLSA records/)
  })

  it('asks for neither names nor dates nor an issuer', () => {
    const expired = makeCertificate('x', { names: ['elsewhere.test'], from: -60, to: -30 })
    expect(mismatch([tlsaOf(expired, '3 1 1')], [expired])).toBeNull()
    expect(mismatch([tlsaOf(expired, '3 0 2')], [expired])).toBeNull()
  })

  it('is not matched by nothing', () => {
    expect(mismatch([tlsaOf(leaf, '3 1 1')], [])).toMatch(/no certificate/)
    expect(mismatch([])).toMatch(/none of the TLSA records/)
    expect(mismatch([{ certUsage: 3, selector: 1, match: 0, data: '' }])).toMatch(/none/)
  })
})

describe('DANE-TA', () => {
  it.each(forms)('matches an authority of the chain by 2 %s, and no other', (form) => {
    expect(mismatch([tlsaOf(root, `2 ${form}`)])).toBeNull()
    expect(mismatch([tlsaOf(intermediate, `2 ${form}`)])).toBeNull()
    expect(mismatch([tlsaOf(intermediate, `2 ${form}`)], [leaf, intermediate])).toBeNull()
    expect(mismatch([tlsaOf(other, `2 ${form}`)])).toMatch(/no authority/)
    expect(mismatch([tlsaOf(leaf, `2 ${form}`)])).toMatch(/no authority/)
  })

  it.each(['0 0', '1 0'])('may be missing from the chain when 2 %s holds it whole', (form) => {
    expect(mismatch([tlsaOf(intermediate, `2 ${form}`)], [leaf])).toBeNull()
    expect(mismatch([tlsaOf(root, `2 ${form}`)], [leaf, intermediate])).toBeNull()
    expect(mismatch([tlsaOf(root, `2 ${form}`)], [leaf])).toMatch(/no authority/)
    expect(mismatch([tlsaOf(other, `2 ${form}`)], [leaf])).toMatch(/no authority/)
  })

  it('is passed over where the record holds no certificate or key', () => {
    for (const selector of [0, 1])
      expect(mismatch([{ certUsage: 2, selector, match: 0, data: 'abcd' }], [leaf])).toMatch(/no authority/)
  })

  it.each([
    [['mx.a.test'], 'matches'],
    [['mx.other.test', 'mx.a.test'], 'matches'],
    [['mail.b.test'], 'matches'],
    [['deep.mail.b.test'], 'the certificate is for none of deep.mail.b.test'],
    [['b.test'], 'the certificate is for none of b.test'],
    [['a.test', 'x.test'], 'the certificate is for none of a.test, x.test'],
  ])('wants a certificate for one of %j: %s', (names, result) => {
    expect(mismatch([tlsaOf(root, '2 0 1')], chain, names) ?? 'matches').toBe(result)
  })

  const under = (issuer: Certificate, wishes: CertificateWishes = {}): Certificate =>
    makeCertificate('leaf', { names: ['mx.a.test'], issuer, ...wishes })
  const broken: Readonly<Record<string, [Certificate[], RegExp]>> = {
    'an expired server': [[under(root, { to: -0.5 }), root], /has expired/],
    'a server before its time': [[under(root, { from: 2 }), root], /not valid yet/],
    'a server that is for clients': [[under(root, { forClients: true }), root], /not for servers/],
    'a signature of somebody else': [
      [under({ ...root, privateKey: other.privateKey }), root],
      /"CN=leaf" is not by .*"CN=root"/,
    ],
    'an issuer of another name': [[under(other), root], /is not by/],
  }
  it.each(Object.entries(broken))('does not take %s', (_, [presented, why]) => {
    expect(mismatch([tlsaOf(root, '2 0 1')], presented)).toMatch(why)
  })

  it('does not take a chain through what is no authority, is expired, has too many below it, or constrains names', () => {
    const through = (wishes: CertificateWishes): string | null => {
      const middle = makeCertificate('middle', { ca: true, issuer: root, ...wishes })
      return mismatch([tlsaOf(root, '2 0 1')], [under(middle), middle, root])
    }
    expect(through({})).toBeNull()
    expect(through({ ca: 0 })).toBeNull()
    expect(through({ ca: false })).toMatch(/is not by/)
    expect(through({ to: -0.5 })).toMatch(/has expired/)
    expect(through({ constrainsNames: true })).toMatch(/constrains names/)
    const limited = makeCertificate('limited', { ca: 0 })
    const below = makeCertificate('below', { ca: true, issuer: limited })
    expect(mismatch([tlsaOf(limited, '2 1 1')], [under(limited), limited])).toBeNull()
    expect(mismatch([tlsaOf(limited, '2 1 1')], [under(below), below, limited])).toMatch(/is not by/)
  })

  it('does not hinder a DANE-EE record beside it', () => {
    expect(mismatch([tlsaOf(other, '2 0 1'), tlsaOf(leaf, '3 1 1')], [leaf], ['no.test'])).toBeNull()
  })
})

describe('a public key', () => {
  it('is cut out of the certificate as it stands there', () => {
    for (const { x509 } of [root, leaf])
      expect(Buffer.from(publicKeyOctets(x509.raw))).toEqual(x509.publicKey.export({ type: 'spki', format: 'der' }))
  })

  it('is not read beyond the end of what is no certificate', () => {
    const { raw } = leaf.x509
    for (let length = 0; length < 200; length++)
      expect(() => publicKeyOctets(raw.subarray(0, length))).toThrow(RangeError)
    expect(() => publicKeyOctets(Buffer.alloc(64, 0x30))).toThrow(RangeError)
  })
})
