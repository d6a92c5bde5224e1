import { domainOf, type Address } from '../message/mailbox.ts'
import type { Role } from './events.ts'

/** Who asks for something, with the roles that person has now. */
export type Asker =
  | { readonly kind: 'account'; readonly address: Address; readonly roles: readonly Role[] }
  /** At the command line of the machine. */
  | { readonly kind: 'operator' }
  /** Mailkeep itself: the first start, an approval that takes effect. */
  | { readonly kind: 'system' }

export const isAsker = (asker: Asker, address: Address): boolean =>
  asker.kind === 'account' && asker.address === address

/** May do what administrators may. */
export const isAdministrator = (asker: Asker): boolean => asker.kind !== 'account' || asker.roles.includes('admin')

/** An administrator, or one of the domain that `address` is in. */
export const administersDomainOf = (asker: Asker, address: Address): boolean =>
  isAdministrator(asker) ||
  (asker.kind === 'account' && asker.roles.includes('domain-admin') && domainOf(asker.address) === domainOf(address))

/** May change what an account has: a domain's administrator has no power over administrators and officers in it. */
export const mayAdminister = (
  asker: Asker,
  account: { readonly address: Address; readonly roles: readonly Role[] },
): boolean =>
  isAdministrator(asker) ||
  (administersDomainOf(asker, account.address) &&
    !account.roles.includes('admin') &&
    !account.roles.includes('compliance'))
