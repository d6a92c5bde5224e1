import ipaddr from 'ipaddr.js'

/** RFC 5321 4.1.1.1: a domain name, or an address literal. Underscores are seen in practice and harm nobody. */
export const isHeloSyntax = (name: string): boolean =>
  name.length <= 255 &&
  (/^\[(?:IPv6:[0-9A-Fa-f:.]+|\d{1,3}(?:\.\d{1,3}){3})\]$/i.test(name) ||
    /^[\p{L}\p{N}_](?:[\p{L}\p{N}_-]*[\p{L}\p{N}_])?(?:\.[\p{L}\p{N}_](?:[\p{L}\p{N}_-]*[\p{L}\p{N}_])?)*\.?$/u.test(
      name,
    ))

/** An address without the brackets of a literal. */
export const isBareAddress = (name: string): boolean => ipaddr.IPv4.isValidFourPartDecimal(name)

export const isAddressLiteral = (name: string): boolean => name.startsWith('[')

export const sameName = (one: string, other: string): boolean => withoutDot(one) === withoutDot(other)

export const isOneOf = (name: string, isHosted: (domain: string) => boolean): boolean => isHosted(withoutDot(name))

const withoutDot = (name: string): string => name.toLowerCase().replace(/\.$/, '')
