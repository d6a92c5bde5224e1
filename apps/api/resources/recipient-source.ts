import { z } from 'zod'
import {
  DEFAULT_GROUP_FILTER,
  DEFAULT_USER_FILTER,
  directoryPasswordOf,
  ldapSource,
  type LdapSource,
  type RecipientSource,
} from '#domain/hosted-domain/recipient-source'
import type { Sealed } from '#domain/kernel/sealed'
import { password } from './shapes.ts'

const names = z.enum(['own', 'rcpt'])
const { kind, url, bindDn, base, userFilter, groupFilter } = ldapSource.shape

/** As a client says it: the password plain, once. */
export const recipientSourceGiven = z.union(
  [
    names,
    z.strictObject({
      kind,
      url,
      startTls: z.boolean().default(false),
      verifyCertificate: z.boolean().default(true),
      bindDn: bindDn.default(''),
      password: password
        .optional()
        .describe('never shown again; left out it stays what it is, as long as `url` and `bindDn` do'),
      base,
      userFilter: userFilter.default(DEFAULT_USER_FILTER),
      groupFilter: groupFilter.default(DEFAULT_GROUP_FILTER),
    }),
  ],
  'expected `own`, `rcpt`, or an LDAP directory: {"kind": "ldap", "url": "ldaps://host", "bindDn": "...", "password": "...", "base": "..."}',
)
export type RecipientSourceGiven = z.output<typeof recipientSourceGiven>

export const recipientSourceShown = z.union([
  names,
  ldapSource.omit({ password: true }).extend({ passwordSet: z.boolean() }),
])

/** Why a source that was given can't be one. */
export class BadSource extends Error {
  readonly where: string

  constructor(where: string, problem: string) {
    super(problem)
    this.name = 'BadSource'
    this.where = where
  }
}

/**
 * As events have it, the password sealed. One that was given before is sent to no other server and as nobody else: who may change the
 * address must not get hold of it. Throws `BadSource`.
 */
export const sealedSource = (
  given: RecipientSourceGiven,
  now: RecipientSource,
  seal: (plain: string, purpose: string) => string,
  domain: string,
): RecipientSource => {
  if (typeof given === 'string') return given
  const { password: plain, ...rest } = given
  if (plain !== undefined) {
    if (rest.bindDn === '') throw new BadSource('password', 'a password needs a bindDn')
    return { ...rest, password: seal(plain, directoryPasswordOf(domain)) as Sealed }
  }
  if (rest.bindDn === '') return { ...rest, password: null }
  if (typeof now === 'string' || !staysTheSame(rest, now) || now.password === null)
    throw new BadSource('password', 'expected the password of bindDn')
  return { ...rest, password: now.password }
}

/** TLS must not be taken off under a password either. */
const staysTheSame = (given: Omit<LdapSource, 'password'>, now: LdapSource): boolean =>
  given.url === now.url &&
  given.bindDn === now.bindDn &&
  (given.startTls || !now.startTls) &&
  (given.verifyCertificate || !now.verifyCertificate)

export const shownSource = (source: RecipientSource): z.output<typeof recipientSourceShown> => {
  if (typeof source === 'string') return source
  const { password: sealed, ...rest } = source
  return { ...rest, passwordSet: sealed !== null }
}
