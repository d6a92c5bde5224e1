import { createHash, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto'
import type { TlsaRecord } from '#infra/dns/port'
import { constrainsNames, pathLengthOf, publicKeyOctets } from './certificate.ts'
import type { DaneTls } from './port.ts'

const SERVER_AUTH = ['1.3.6.1.5.5.7.3.1', '2.5.29.37.0']

/**
 * What keeps a certificate chain (the server's own first, each followed by its issuer) from matching any of the TLSA records
 * (RFC 7672 3.1); null: it matches one. DANE-EE(3) is a matter of the server's certificate alone: its names and its dates do not
 * count. DANE-TA(2) needs a valid chain to the matching authority and one of the names; the authority may be missing from the chain
 * when the record holds the whole of it. An authority below it that constrains names is not accepted: constraints are not evaluated.
 */
export const daneMismatch = (
  { records, names }: Pick<DaneTls, 'records' | 'names'>,
  chain: readonly X509Certificate[],
  now: number,
): string | null => {
  const [own] = chain
  if (own === undefined) return 'the server has no certificate'
  if (records.some((record) => record.certUsage === 3 && matches(record, own))) return null
  const anchors = records.filter(({ certUsage }) => certUsage === 2)
  if (anchors.length === 0) return 'the certificate matches none of the TLSA records'
  const problem = anchored(anchors, chain, now)
  if (problem !== null) return problem
  if (!isForServers(own)) return 'the certificate is not for servers'
  if (!names.some((name) => own.checkHost(name, { partialWildcards: false }) !== undefined))
    return `the certificate is for none of ${names.join(', ')}`
  return null
}

const matches = ({ selector, match, data }: TlsaRecord, certificate: X509Certificate): boolean => {
  const octets = selectedOf(selector, certificate)
  if (octets === null) return false
  if (match === 0) return Buffer.from(octets).toString('hex') === data
  return (match === 1 || match === 2) && digest(match === 1 ? 'sha256' : 'sha512', octets) === data
}

const selectedOf = (selector: number, { raw }: X509Certificate): Uint8Array | null => {
  if (selector === 0) return raw
  if (selector !== 1) return null
  try {
    return publicKeyOctets(raw)
  } catch (error) {
    if (error instanceof RangeError) return null
    throw error
  }
}

const digest = (algorithm: string, octets: Uint8Array): string => createHash(algorithm).update(octets).digest('hex')

/** Follows the chain up to an authority of the records. */
const anchored = (anchors: readonly TlsaRecord[], chain: readonly X509Certificate[], now: number): string | null => {
  const whole = anchors.filter(({ match }) => match === 0).map(absentAnchor)
  for (const [depth, certificate] of chain.entries()) {
    if (now < certificate.validFromDate.getTime()) return `${nameOf(certificate)} is not valid yet`
    if (now > certificate.validToDate.getTime()) return `${nameOf(certificate)} has expired`
    if (depth > 0 && anchors.some((record) => matches(record, certificate))) return null
    if (depth > 0 && constrainsNames(certificate.raw)) return `${nameOf(certificate)} constrains names`
    if (whole.some((issued) => issued?.(certificate, depth, now) === true)) return null
    const issuer = chain[depth + 1]
    if (issuer === undefined) break
    if (!issuedBy(certificate, issuer, depth)) return `${nameOf(certificate)} is not by ${nameOf(issuer)}`
  }
  return 'no authority in its chain matches the TLSA records'
}

/** `depth`: of the certificate, so the number of authorities below its issuer. */
const issuedBy = (certificate: X509Certificate, issuer: X509Certificate, depth: number): boolean =>
  issuer.ca &&
  pathLengthOf(issuer.raw) >= depth &&
  certificate.checkIssued(issuer) &&
  isSignedWith(certificate, () => issuer.publicKey)

const isSignedWith = (certificate: X509Certificate, key: () => KeyObject): boolean => {
  try {
    return certificate.verify(key())
  } catch {
    // A key of a kind that OpenSSL does not know, or one that can't have made this signature.
    return false
  }
}

type Issued = (certificate: X509Certificate, depth: number, now: number) => boolean

/** An authority that is whole in its record need not be in the chain. null: the record is not what it should be. */
const absentAnchor = ({ selector, data }: TlsaRecord): Issued | null => {
  const octets = Buffer.from(data, 'hex')
  try {
    if (selector === 1) {
      const key = createPublicKey({ key: octets, format: 'der', type: 'spki' })
      return (certificate) => isSignedWith(certificate, () => key)
    }
    const anchor = new X509Certificate(octets)
    return (certificate, depth, now) =>
      now >= anchor.validFromDate.getTime() &&
      now <= anchor.validToDate.getTime() &&
      issuedBy(certificate, anchor, depth)
  } catch {
    // Whatever it is, nothing can match it.
    return null
  }
}

const isForServers = ({ keyUsage }: X509Certificate): boolean =>
  // Node's name for the extended key usage; absent where the certificate does not limit it.
  (keyUsage as readonly string[] | undefined) === undefined || keyUsage.some((usage) => SERVER_AUTH.includes(usage))

const nameOf = ({ subject }: X509Certificate): string =>
  // Absent in certificates that only bear alternative names.
  `the certificate of ${JSON.stringify(((subject as string | undefined) ?? 'no name').replaceAll('\n', ', ').slice(0, 100))}`
