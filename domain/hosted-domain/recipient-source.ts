import { z } from 'zod'
import { sealed } from '../kernel/sealed.ts'

/** Who made an address or an account: people and programs here, or a sync with the domain's LDAP directory. */
export const origin = z.enum(['own', 'ldap'])
export type Origin = z.output<typeof origin>

const distinguishedName = z.string().max(1_000)
const filter = z
  .string()
  .max(4_000)
  .regex(/^\s*\(.*\)\s*$/s, 'expected a filter in brackets (RFC 4515), e.g. (objectClass=person)')

/** An LDAP directory (RFC 4511) that knows who has an address in the domain. */
export const ldapSource = z.strictObject({
  kind: z.literal('ldap'),
  /** `ldap://host:port` or `ldaps://host:port`. */
  url: z
    .string()
    .max(500)
    .regex(
      /^ldaps?:\/\/(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(:\d{1,5})?\/?$/,
      'expected ldap://host:port or ldaps://host:port',
    ),
  /** Goes into TLS on an `ldap://` connection before anything is said. */
  startTls: z.boolean(),
  /** Whether the server's certificate must be one that this machine trusts, for the host's name. */
  verifyCertificate: z.boolean(),
  /** '' binds anonymously. */
  bindDn: distinguishedName,
  /** Sealed for `directory-password:<domain>`. */
  password: sealed.nullable(),
  base: distinguishedName,
  /** Who has a mailbox, and which entries are groups (RFC 4515). */
  userFilter: filter,
  groupFilter: filter,
})
export type LdapSource = z.output<typeof ldapSource>

/**
 * Who says which addresses of a domain exist: Mailkeep's own directory alone; after it the mailbox host, asked by RCPT; or after it an
 * LDAP directory, whose accounts, aliases and groups are copied.
 */
export const recipientSource = z.union([z.enum(['own', 'rcpt']), ldapSource])
export type RecipientSource = z.output<typeof recipientSource>

/**
 * Fits Active Directory (`user`, which computers are too, but those have no address) and RFC 2798 (`inetOrgPerson`). Nothing is negated: about
 * a class that a server does not know it answers neither yes nor no, and `not` of that is no yes (RFC 4511 4.5.1.7).
 */
export const DEFAULT_USER_FILTER = '(|(objectClass=user)(objectClass=inetOrgPerson))'
export const DEFAULT_GROUP_FILTER = '(|(objectClass=group)(objectClass=groupOfNames)(objectClass=groupOfUniqueNames))'

/** The purpose an LDAP password is sealed for. */
export const directoryPasswordOf = (domain: string): string => `directory-password:${domain}`

export const sameSource = (one: RecipientSource, other: RecipientSource): boolean => {
  if (typeof one === 'string' || typeof other === 'string') return one === other
  return (Object.keys(ldapSource.shape) as (keyof LdapSource)[]).every((name) => one[name] === other[name])
}
