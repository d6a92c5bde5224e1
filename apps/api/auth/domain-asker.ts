import { type Asker as DomainAsker, mayAdminister } from '#domain/account/asker'
import type { Account } from '#domain/account/state'
import type { Asker } from '../route/asker.ts'
import { forbidden } from '../route/problem.ts'

export const domainAsker = (asker: Asker): DomainAsker => ({
  kind: 'account',
  address: asker.address,
  roles: asker.roles,
})

/** Mailkeep itself carries out what was approved. */
export const itself: DomainAsker = { kind: 'system' }

/** For whatever of an account somebody changes: it is their own, or theirs to administer. */
export function mustAdminister(asker: Asker, account: Pick<Account, 'address' | 'roles'>): void {
  if (asker.address === account.address || mayAdminister(domainAsker(asker), account)) return
  throw forbidden(`Only an administrator changes anything of ${account.address}.`)
}
