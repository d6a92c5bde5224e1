import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign, X509Certificate } from 'node:crypto'
import type { TlsaRecord } from '#infra/dns/port'

/** X.509 certificates with their issuers, for tests: EC P-256, as DER puts them (RFC 5280). */
export interface Certificate {
  readonly name: string
  readonly x509: X509Certificate
  readonly privateKey: KeyObject
  /** PEM. */
  readonly cert: string
  readonly key: string
}

export interface CertificateWishes {
  readonly names?: readonly string[]
  /** Signed by it; absent: by itself. */
  readonly issuer?: Certificate
  /** An authority; a number: with so many below it at most. */
  readonly ca?: boolean | number
  /** Days from now. */
  readonly from?: number
  readonly to?: number
  readonly constrainsNames?: boolean
  /** For clients only. */
  readonly forClients?: boolean
}

const DAY = 86_400_000

export const makeCertificate = (name: string, wishes: CertificateWishes = {}): Certificate => {
  const { issuer, from = -1, to = 30 } = wishes
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const serial = randomBytes(12)
  serial[0] = 0x40
  const body = sequence(
    tagged(0xa0, integer(2)),
    tagged(0x02, serial),
    ECDSA_WITH_SHA256,
    nameOf(issuer?.name ?? name),
    sequence(time(Date.now() + from * DAY), time(Date.now() + to * DAY)),
    nameOf(name),
    publicKey.export({ type: 'spki', format: 'der' }),
    tagged(0xa3, sequence(...extensions(wishes))),
  )
  const signature = sign('sha256', body, issuer?.privateKey ?? privateKey)
  const x509 = new X509Certificate(sequence(body, ECDSA_WITH_SHA256, tagged(0x03, Buffer.from([0]), signature)))
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  return { name, x509, privateKey, cert: x509.toString(), key }
}

/** For a server: its certificate, then those of its issuers that it presents. */
export const chainOf = (own: Certificate, ...issuers: readonly Certificate[]): { cert: string; key: string } => ({
  cert: [own, ...issuers].map(({ cert }) => cert).join(''),
  key: own.key,
})

/** `3 1 1` -> the record that this certificate matches. */
export const tlsaOf = ({ x509 }: Certificate, form: string): TlsaRecord => {
  const [certUsage = 3, selector = 1, match = 1] = form.split(' ').map(Number)
  const octets = selector === 0 ? x509.raw : x509.publicKey.export({ type: 'spki', format: 'der' })
  const digest = { 1: 'sha256', 2: 'sha512' }[match]
  const data = digest === undefined ? octets.toString('hex') : createHash(digest).update(octets).digest('hex')
  return { certUsage, selector, match, data }
}

function extensions({
  names = [],
  ca = false,
  constrainsNames = false,
  forClients = false,
}: CertificateWishes): Buffer[] {
  const extension = (last: number, value: Buffer): Buffer => sequence(oid(0x55, 0x1d, last), tagged(0x04, value))
  const authority = ca === false ? [] : [TRUE, ...(ca === true ? [] : [integer(ca)])]
  const alternatives = names.map((name) => tagged(0x82, Buffer.from(name)))
  return [
    extension(19, sequence(...authority)),
    ...(alternatives.length === 0 ? [] : [extension(17, sequence(...alternatives))]),
    ...(constrainsNames ? [extension(30, sequence(tagged(0xa0, sequence(tagged(0x82, Buffer.from('test'))))))] : []),
    ...(ca === false ? [extension(37, sequence(oid(0x2b, 6, 1, 5, 5, 7, 3, forClients ? 2 : 1)))] : []),
  ]
}

function tagged(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts)
  const { length } = content
  const octets = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...octets]), content])
}
function sequence(...parts: readonly Uint8Array[]): Buffer {
  return tagged(0x30, ...parts)
}
function integer(value: number): Buffer {
  return tagged(0x02, Buffer.from([value]))
}
function oid(...octets: readonly number[]): Buffer {
  return tagged(0x06, Buffer.from(octets))
}
function nameOf(name: string): Buffer {
  return sequence(tagged(0x31, sequence(oid(0x55, 4, 3), tagged(0x0c, Buffer.from(name)))))
}
function time(at: number): Buffer {
  const digits = new Date(at).toISOString().replace(/[-:T]/g, '').slice(2, 14)
  return tagged(0x17, Buffer.from(`${digits}Z`))
}

const TRUE = tagged(0x01, Buffer.from([0xff]))
const ECDSA_WITH_SHA256 = sequence(oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2))
