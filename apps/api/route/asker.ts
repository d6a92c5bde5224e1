import type { Role } from '#domain/account/events'
import { type Address, domainOf } from '#domain/message/mailbox'
import type { Scope } from './scopes.ts'

/** Who sends a request, as authentication found it. */
export interface Asker {
  readonly address: Address
  readonly roles: readonly Role[]
  readonly by: SignedInBy
}

type SignedInBy =
  | { readonly kind: 'session'; readonly session: string; readonly expiresAt: number; readonly cookie: boolean }
  | { readonly kind: 'token'; readonly token: string; readonly expiresAt: number; readonly scopes: readonly Scope[] }

export const hasRole = (asker: Asker, role: Role): boolean => asker.roles.includes(role)
export const isAdmin = (asker: Asker): boolean => hasRole(asker, 'admin')

/** Administers `domain`: its domain administrator, or an administrator of everything. */
export const administers = (asker: Asker, domain: string): boolean =>
  isAdmin(asker) || (hasRole(asker, 'domain-admin') && domainOf(asker.address) === domain)

/** The domains whose mail the asker may look into: all (null), one, or none. */
export const administeredDomains = (asker: Asker): readonly string[] | null =>
  isAdmin(asker) ? null : hasRole(asker, 'domain-admin') ? [domainOf(asker.address)] : []
