import { Declined } from '../kernel/decider.ts'
import { isAsker, mayAdminister } from './asker.ts'
import type { AccountCommand } from './commands.ts'
import { notYours, secondPerson } from './declined.ts'
import type { AccountEvent } from './events.ts'
import { MAXIMUM_APP_PASSWORDS, type Account } from './state.ts'

type Command<Kind extends AccountCommand['kind']> = Extract<AccountCommand, { kind: Kind }>
type Answer = readonly AccountEvent[] | Declined

/** Who has one sends as the account: nobody but its owner is given one, and whoever stands at the machine, though not for an officer. */
export const issueAppPassword = (account: Account, command: Command<'issue-app-password'>): Answer => {
  const { id, name, hash, now, asker } = command
  if (asker.kind === 'account' && !isAsker(asker, account.address)) return notYours
  if (asker.kind !== 'account' && account.roles.includes('compliance')) return secondPerson
  if (account.appPasswords.some((issued) => issued.id === id)) return []
  if (name.trim() === '' || name.length > 200) return new Declined('invalid', 'name: 1 to 200 characters')
  if (account.appPasswords.length >= MAXIMUM_APP_PASSWORDS) {
    return new Declined('over-limit', `an account has at most ${MAXIMUM_APP_PASSWORDS} app passwords: revoke one first`)
  }
  return [{ type: 'AppPasswordIssued', data: { id, name, hash, at: now } }]
}

export const revokeAppPassword = (account: Account, { id, asker }: Command<'revoke-app-password'>): Answer => {
  if (!isAsker(asker, account.address) && !mayAdminister(asker, account)) return notYours
  return account.appPasswords.some((issued) => issued.id === id) ? [{ type: 'AppPasswordRevoked', data: { id } }] : []
}
