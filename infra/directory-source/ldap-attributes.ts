import { domainOf, mailboxKey, type Address } from '#domain/message/mailbox'
import { parseAddress } from '#domain/message/parse-address'

/** One entry as LDAP gives it: attribute names in whatever case. */
export type LdapEntry = { readonly dn: string } & Readonly<Record<string, unknown>>

/** What is asked for of everybody. */
export const ATTRIBUTES = [
  'mail',
  'proxyAddresses',
  'mailAlternateAddress',
  'displayName',
  'cn',
  'objectClass',
  'isDeleted',
  'member',
  'uniqueMember',
]

export const valuesOf = (entry: LdapEntry, name: string): readonly string[] => {
  const wanted = name.toLowerCase()
  for (const [attribute, values] of Object.entries(entry))
    if (attribute.toLowerCase() === wanted) return textsOf(values)
  return []
}

export const textsOf = (values: unknown): readonly string[] =>
  (Array.isArray(values) ? values : [values]).filter((value) => typeof value === 'string' && value !== '') as string[]

/** Tombstones of Active Directory. */
export const isDeleted = (entry: LdapEntry): boolean => valuesOf(entry, 'isDeleted')[0]?.toUpperCase() === 'TRUE'

/**
 * The addresses of an entry as mailbox keys, the primary one first: of `proxyAddresses` the one after `SMTP:` (in capitals), else `mail`. The
 * others are aliases. What is no address is passed over.
 */
export const addressesOf = (entry: LdapEntry): readonly Address[] => {
  const proxies = valuesOf(entry, 'proxyAddresses')
  const after = (prefix: string): string[] =>
    proxies.filter((value) => value.startsWith(prefix)).map((value) => value.slice(prefix.length))
  const texts = [
    ...after('SMTP:'),
    ...valuesOf(entry, 'mail'),
    ...after('smtp:'),
    ...valuesOf(entry, 'mailAlternateAddress'),
  ]
  const keys = texts.map((text) => parseAddress(text.trim())).filter((address) => address !== null)
  return [...new Set(keys.map(mailboxKey))]
}

export const displayNameOf = (entry: LdapEntry): string =>
  (valuesOf(entry, 'displayName')[0] ?? valuesOf(entry, 'cn')[0] ?? '').slice(0, 200)

/** DNs that differ only in case or in spaces around their signs are one (RFC 4514 allows more, servers don't use it). */
export const dnKey = (dn: string): string => dn.toLowerCase().replaceAll(/\s*([,=+])\s*/g, '$1')

/** Those in the domain; the first is the mailbox. */
export const inDomain = (addresses: readonly Address[], domain: string): readonly Address[] =>
  addresses.filter((address) => domainOf(address) === domain)
