import { generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import { isIP } from 'node:net'

/**
 * A self-signed server certificate (RFC 5280), EC P-256. Written here because the packages for it bring a tree of ASN.1
 * libraries whose versions clash with those of mailauth; all that is needed is one fixed shape.
 */
export interface SelfSigned {
  readonly cert: string
  readonly key: string
}

export interface SelfSignedFor {
  readonly commonName: string
  /** DNS names and IP addresses. */
  readonly altNames: readonly string[]
  readonly notBefore: Date
  readonly notAfter: Date
}

export function makeSelfSigned(subject: SelfSignedFor): SelfSigned {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const name = sequence(set(sequence(oid(0x55, 4, 3), tagged(0x0c, Buffer.from(subject.commonName.slice(0, 64))))))
  const serial = randomBytes(16)
  // Positive, and no superfluous leading zero octet.
  serial[0] = ((serial[0] ?? 0) & 0x3f) | 0x40
  const body = sequence(
    tagged(0xa0, integer(Buffer.from([2]))),
    integer(serial),
    ECDSA_WITH_SHA256,
    name,
    sequence(time(subject.notBefore), time(subject.notAfter)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    tagged(0xa3, sequence(...extensions(subject.altNames))),
  )
  const cert = sequence(body, ECDSA_WITH_SHA256, bitString(sign('sha256', body, privateKey)))
  return {
    cert: pem('CERTIFICATE', cert),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}

function extensions(altNames: readonly string[]): Buffer[] {
  const extension = (last: number, critical: boolean, value: Buffer): Buffer =>
    sequence(oid(0x55, 0x1d, last), ...(critical ? [TRUE] : []), tagged(0x04, value))
  return [
    extension(19, true, sequence()), // basicConstraints: no CA
    extension(15, true, tagged(0x03, Buffer.from([7, 0x80]))), // keyUsage: digitalSignature
    extension(37, false, sequence(SERVER_AUTH)), // extKeyUsage
    extension(17, false, sequence(...altNames.map(generalName))), // subjectAltName
  ]
}

function generalName(name: string): Buffer {
  return isIP(name) === 0 ? tagged(0x82, Buffer.from(name, 'latin1')) : tagged(0x87, addressOctets(name))
}

function addressOctets(address: string): Buffer {
  if (isIP(address) === 4) return Buffer.from(address.split('.').map(Number))
  const url = new URL(`http://[${address}]`).hostname.slice(1, -1)
  const [head = '', tail = ''] = url.split('::')
  const groups = (part: string): number[] =>
    part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16))
  const [before, after] = [groups(head), groups(tail)]
  const all = [...before, ...Array.from({ length: 8 - before.length - after.length }, () => 0), ...after]
  return Buffer.from(all.flatMap((group) => [group >> 8, group & 0xff]))
}

const tagged = (tag: number, ...parts: readonly Uint8Array[]): Buffer => {
  const content = Buffer.concat(parts)
  const length = content.length
  if (length < 0x80) return Buffer.concat([Buffer.from([tag, length]), content])
  const octets = length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...octets]), content])
}
const sequence = (...parts: readonly Uint8Array[]): Buffer => tagged(0x30, ...parts)
const set = (...parts: readonly Uint8Array[]): Buffer => tagged(0x31, ...parts)
const integer = (octets: Buffer): Buffer => tagged(0x02, octets)
const bitString = (octets: Buffer): Buffer => tagged(0x03, Buffer.from([0]), octets)
const oid = (...octets: readonly number[]): Buffer => tagged(0x06, Buffer.from(octets))

const TRUE = tagged(0x01, Buffer.from([0xff]))
const ECDSA_WITH_SHA256 = sequence(oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2))
const SERVER_AUTH = oid(0x2b, 6, 1, 5, 5, 7, 3, 1)

/** UTCTime to 2049, GeneralizedTime from then on (RFC 5280 4.1.2.5). */
function time(at: Date): Buffer {
  const digits = `${at.toISOString().replace(/[-:T]/g, '').slice(0, 14)}Z`
  return at.getUTCFullYear() < 2050 ? tagged(0x17, Buffer.from(digits.slice(2))) : tagged(0x18, Buffer.from(digits))
}

function pem(label: string, der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`
}
