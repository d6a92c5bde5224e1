import type { Asker as DomainAsker } from '#domain/account/asker'
import type { Asker } from '../route/asker.ts'

export const domainAsker = (asker: Asker): DomainAsker => ({
  kind: 'account',
  address: asker.address,
  roles: asker.roles,
})

/** Mailkeep itself carries out what was approved. */
export const itself: DomainAsker = { kind: 'system' }
