import type { Address } from './mailbox.ts'
import { parseDomainName } from './domain-name.ts'

/**
 * Mailbox of RFC 5321 4.1.2 as extended by RFC 6531 3.3: dot-string or quoted-string, `@`, domain. Address literals are refused.
 * The local part keeps its case; needless quotes go (`"ann"@x.org` is ann@x.org), the domain becomes lower-case A-labels.
 * null: no such address, or longer than allowed (local part 64, all 254 octets; RFC 5321 4.5.3.1).
 */
export const parseAddress = (text: string): Address | null => {
  if (text.length > 1_000) return null
  const at = text.lastIndexOf('@')
  if (at < 1) return null
  const local = parseLocalPart(text.slice(0, at))
  const domain = parseDomainName(text.slice(at + 1))
  if (local === null || domain === null || octets(local) > 64) return null
  const address = `${local}@${domain}`
  return octets(address) <= 254 ? address : null
}

const parseLocalPart = (text: string): string | null => {
  if (dotString.test(text)) return text.isWellFormed() ? text : null
  if (!quotedString.test(text) || !text.isWellFormed()) return null
  const content = text.slice(1, -1).replaceAll(/\\(.)/gsu, '$1')
  return dotString.test(content) ? content : `"${content.replaceAll(/["\\]/gu, String.raw`\$&`)}"`
}

/** Beyond ASCII everything but control characters and separators. */
const other = String.raw`[^\x00-\x7f\p{Cc}\p{Zl}\p{Zp}]`
const atom = String.raw`(?:[A-Za-z0-9!#$%&'*+/=?^_\x60{|}~-]|${other})+`
const dotString = new RegExp(String.raw`^${atom}(?:\.${atom})*$`, 'u')
const quotedString = new RegExp(String.raw`^"(?:[ !#-\[\]-~]|\\[ -~]|${other})*"$`, 'u')

const encoder = new TextEncoder()
const octets = (text: string): number => encoder.encode(text).length
