import { Declined } from '../kernel/decider.ts'
import { isAsker, mayAdminister, type Asker } from './asker.ts'
import type { AccountCommand } from './commands.ts'
import { notYours, secondPerson } from './declined.ts'
import type { AccountEvent } from './events.ts'
import type { Account } from './state.ts'

type Command<Kind extends AccountCommand['kind']> = Extract<AccountCommand, { kind: Kind }>
type Answer = readonly AccountEvent[] | Declined

/** Officers watch the administrators, who can't shut them out: an officer ceases to be one first, which needs a second person. */
export const suspend = (account: Account, { reason, now, asker }: Command<'suspend'>): Answer => {
  if (isAsker(asker, account.address)) return new Declined('forbidden', 'nobody suspends their own account')
  if (!mayAdminister(asker, account)) return notYours
  if (account.roles.includes('compliance')) return secondPerson
  if (reason.trim() === '' || reason.length > 500) return new Declined('invalid', 'reason: 1 to 500 characters')
  return account.suspended === null ? [{ type: 'AccountSuspended', data: { reason, by: nameOf(asker), at: now } }] : []
}

export const reinstate = (account: Account, { held, asker }: Command<'reinstate'>): Answer => {
  if (isAsker(asker, account.address)) return new Declined('forbidden', 'nobody reinstates their own account')
  if (!mayAdminister(asker, account)) return notYours
  return account.suspended === null ? [] : [{ type: 'AccountReinstated', data: { by: nameOf(asker), held } }]
}

const nameOf = (asker: Asker): string => (asker.kind === 'account' ? asker.address : asker.kind)
