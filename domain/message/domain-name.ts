/**
 * A domain name in its one canonical form: lower-case A-labels (RFC 5890), no trailing dot. null: it is none.
 * Address literals and bare IP addresses are none. Underscores are let through, as they are in names that mail really comes from;
 * `isHostName` is the strict form (RFC 1123 2.1).
 */
export const parseDomainName = (text: string): string | null => {
  if (text.length === 0 || text.length > 1_000) return null
  const name = isAscii(text) ? text.toLowerCase() : toAscii(text)
  return name !== null && name.length <= 253 && isName(name) ? name : null
}

/** Letters, digits and hyphens only. */
export const isHostName = (name: string): boolean => isName(name) && !name.includes('_')

const label = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/
const allDigits = /^[0-9]+$/

/** A last label of digits only would be an IP address. */
const isName = (name: string): boolean => {
  const labels = name.split('.')
  return labels.every((part) => label.test(part)) && !allDigits.test(labels.at(-1) ?? '')
}

/** What would end or escape the host part of a URL. */
const notInHost = /[\s/?#@:\\%[\]<>^|]/u

/** UTS 46 by way of the URL standard's host parser. */
const toAscii = (text: string): string | null => {
  if (notInHost.test(text)) return null
  const address = `http://${text}/`
  return URL.canParse(address) ? new URL(address).hostname : null
}

// oxlint-disable-next-line no-control-regex -- the whole of ASCII
const ascii = /^[\x00-\x7f]*$/
const isAscii = (text: string): boolean => ascii.test(text)
