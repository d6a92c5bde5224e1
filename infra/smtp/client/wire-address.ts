const dotString = /^[\w!#$%&'*+/=?^`{|}~\-\u0080-\u{10ffff}]+(?:\.[\w!#$%&'*+/=?^`{|}~\-\u0080-\u{10ffff}]+)*$/u
const quoted = /^"(?:[\x20\x21\x23-\x5b\x5d-\x7e\u0080-\u{10ffff}]|\\[\x20-\x7e])*"$/u
const domain = /^(?:[\w.\-\u0080-\u{10ffff}]+|\[[\w.:-]+\])$/u
const unsayable = /\p{Cc}|\p{Zl}|\p{Zp}/u
// oxlint-disable-next-line no-control-regex -- the whole of ASCII
const ascii = /^[\x00-\x7f]*$/

/**
 * An address as it may stand between the brackets of MAIL and RCPT (RFC 5321 4.1.2): its local part quoted where it must be.
 * null: it can't be said, or would say more than an address.
 */
export const wireAddress = (address: string): string | null => {
  const at = address.lastIndexOf('@')
  const local = address.slice(0, Math.max(0, at))
  const host = address.slice(at + 1)
  if (at < 1 || unsayable.test(address) || !address.isWellFormed() || !domain.test(host)) return null
  if (dotString.test(local) || quoted.test(local)) return address
  return `"${local.replaceAll(/["\\]/g, String.raw`\$&`)}"@${host}`
}

export const isInternational = (address: string): boolean => !ascii.test(address)
