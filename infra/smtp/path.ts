import { isIPv4, isIPv6 } from 'node:net'
import { domainToASCII } from 'node:url'
import { protocolRefusal, type ProtocolRefusal } from './refusals.ts'

/** RFC 5321 4.5.3.1.3, with the brackets. */
const maximumPath = 256
const maximumDomain = 255
const maximumLabel = 63
/**
 * RFC 5321 4.5.3.1.1, for mailboxes of ours. A sender's local part may fill the path: bounce addresses that carry a
 * recipient's address (VERP, SRS, Gmail's forwarding) are longer in daily mail.
 */
const maximumLocalPart = 64

const sourceRoute = /^@[^\s,:@<>"]+(?:,@[^\s,:@<>"]+)*:/
const dotString = /^[\w!#$%&'*+/=?^`{|}~\-\u0080-\u{10ffff}]+(?:\.[\w!#$%&'*+/=?^`{|}~\-\u0080-\u{10ffff}]+)*$/u
const quotedString = /^"(?:[\x20\x21\x23-\x5b\x5d-\x7e\u0080-\u{10ffff}]|\\[\x20-\x7e])*"$/u
const label = /^[a-z\d_](?:[a-z\d_-]*[a-z\d_])?$/i
// eslint-disable-next-line no-control-regex
const ascii = /^[\x00-\x7f]*$/

export interface Path {
  /** Null for `<>`; `postmaster` alone for the recipient without a domain. Local part as given, domain in lower case. */
  readonly mailbox: string | null
  /** Not US-ASCII: needs SMTPUTF8 (RFC 6531). */
  readonly international: boolean
  /** What followed the closing bracket: the ESMTP parameters. */
  readonly rest: string
}

/**
 * A Reverse-path or Forward-path (RFC 5321 4.1.2), read strictly: a source route is dropped, a quoted local part that needs no
 * quotes loses them. White space before the bracket is tolerated, as many clients send it.
 * @throws ProtocolRefusal 501 with 5.1.7 (sender) or 5.1.3 (recipient)
 */
export const parsePath = (text: string, kind: 'reverse' | 'forward'): Path => {
  const given = text.trimStart()
  const end = given.startsWith('<') ? closingBracket(given) : -1
  if (end < 0) throw bad(kind, 'write the address in angle brackets, e.g. <name@example.org>')
  const rest = given.slice(end + 1)
  if (rest !== '' && !rest.startsWith(' ')) throw bad(kind, 'a space must follow the closing bracket')
  if (Buffer.byteLength(given.slice(0, end + 1)) > maximumPath)
    throw bad(kind, `longer than ${maximumPath} octets with its brackets`)
  const path = given.slice(1, end)
  if (path === '') {
    if (kind === 'forward') throw bad(kind, 'a recipient must not be empty')
    return { mailbox: null, international: false, rest }
  }
  const address = path.replace(sourceRoute, '')
  if (kind === 'forward' && address.toLowerCase() === 'postmaster')
    return { mailbox: 'postmaster', international: false, rest }
  return { mailbox: mailbox(address, kind), international: !ascii.test(address), rest }
}

const bad = (kind: 'reverse' | 'forward', why: string): ProtocolRefusal =>
  kind === 'reverse'
    ? protocolRefusal(501, '5.1.7', `Bad sender address syntax: ${why}`, 'sender-syntax')
    : protocolRefusal(501, '5.1.3', `Bad recipient address syntax: ${why}`, 'recipient-syntax')

/** Where the path ends; a `>` inside a quoted local part doesn't count. */
const closingBracket = (text: string): number => {
  let quoted = false
  for (let at = 1; at < text.length; at++) {
    const character = text[at]
    if (quoted && character === '\\') at++
    else if (character === '"') quoted = !quoted
    else if (character === '>' && !quoted) return at
  }
  return -1
}

const mailbox = (address: string, kind: 'reverse' | 'forward'): string => {
  const at = address.lastIndexOf('@')
  if (at < 0) throw bad(kind, 'no @ and domain')
  const local = localPart(address.slice(0, at), kind)
  const domain = address.slice(at + 1)
  if (kind === 'forward' && Buffer.byteLength(local) > maximumLocalPart)
    throw bad(kind, `the part before @ is longer than ${maximumLocalPart} octets`)
  return `${local}@${domain.startsWith('[') ? literal(domain, kind) : hostname(domain, kind)}`
}

const localPart = (local: string, kind: 'reverse' | 'forward'): string => {
  if (dotString.test(local)) return local
  if (!quotedString.test(local))
    throw bad(
      kind,
      local === '' ? 'nothing before @' : 'the part before @ has a character or a dot that must be quoted',
    )
  const content = local.slice(1, -1).replaceAll(/\\(.)/gu, '$1')
  return dotString.test(content) ? content : `"${content.replaceAll(/["\\]/g, '\\$&')}"`
}

const hostname = (domain: string, kind: 'reverse' | 'forward'): string => {
  const aLabels = ascii.test(domain) ? domain : domainToASCII(domain)
  if (aLabels === '') throw bad(kind, domain === '' ? 'nothing after @' : 'the domain is not a valid name')
  if (aLabels.length > maximumDomain) throw bad(kind, `the domain is longer than ${maximumDomain} octets`)
  for (const part of aLabels.split('.')) {
    if (part.length > maximumLabel) throw bad(kind, `a label of the domain is longer than ${maximumLabel} octets`)
    if (!label.test(part)) throw bad(kind, 'the domain is not a valid name')
  }
  return domain.toLowerCase()
}

/** RFC 5321 4.1.3: IPv4 and IPv6; no other tag is registered. */
const literal = (domain: string, kind: 'reverse' | 'forward'): string => {
  const inside = domain.endsWith(']') ? domain.slice(1, -1) : ''
  if (isIPv4(inside)) return domain
  const tag = /^ipv6:/i.exec(inside)
  if (tag !== null && isIPv6(inside.slice(5)) && !inside.includes('%')) return `[IPv6:${inside.slice(5).toLowerCase()}]`
  throw bad(kind, 'the address literal is neither [IPv4] nor [IPv6:address]')
}
