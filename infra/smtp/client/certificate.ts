/** What of a certificate (RFC 5280, DER) Node does not tell. */

/** Where the content of the value at `at` begins and ends. Throws `RangeError` for what is no DER. */
const valueAt = (der: Uint8Array, at: number): { readonly from: number; readonly to: number } => {
  const first = der[at + 1] ?? 0xff
  const octets = first < 0x80 ? 0 : first & 0x7f
  if (first === 0x80 || octets > 4) throw new RangeError('the certificate is no DER')
  let length = octets === 0 ? first : 0
  for (const octet of der.subarray(at + 2, at + 2 + octets)) length = length * 256 + octet
  const from = at + 2 + octets
  if (from + length > der.length) throw new RangeError('the certificate ends too early')
  return { from, to: from + length }
}

/** The SubjectPublicKeyInfo as it stands in the certificate: what is written anew may differ. Throws `RangeError`. */
export const publicKeyOctets = (certificate: Uint8Array): Uint8Array => {
  const body = valueAt(certificate, valueAt(certificate, 0).from)
  let at = body.from
  // version [0] (left out of version 1), serialNumber, signature, issuer, validity, subject
  const before = certificate[at] === 0xa0 ? 6 : 5
  for (let field = 0; field < before; field++) at = valueAt(certificate, at).to
  const { to } = valueAt(certificate, at)
  if (to > body.to) throw new RangeError('the certificate has no public key')
  return certificate.subarray(at, to)
}

const NAME_CONSTRAINTS = Buffer.from('0603551d1e', 'hex')
// oxlint-disable-next-line no-control-regex -- octets
const PATH_LENGTH = /\x06\x03\x55\x1d\x13(?:\x01\x01\xff)?\x04.\x30.\x01\x01\xff\x02\x01(.)/su

/** How many CAs may stand between this one and the end of the chain (RFC 5280 4.2.1.9). */
export const pathLengthOf = (certificate: Uint8Array): number => {
  const [, limit] = PATH_LENGTH.exec(Buffer.from(certificate).toString('latin1')) ?? []
  return limit === undefined ? Number.POSITIVE_INFINITY : limit.charCodeAt(0)
}

/** It has name constraints (RFC 5280 4.2.1.10), which are not evaluated here. */
export const constrainsNames = (certificate: Uint8Array): boolean => Buffer.from(certificate).includes(NAME_CONSTRAINTS)
