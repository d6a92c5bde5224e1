import { Declined, type Decider } from '../kernel/decider.ts'
import { mailboxKey } from '../message/mailbox.ts'
import { parseAddress } from '../message/parse-address.ts'
import { administersDomainOf, isAdministrator, isAsker, mayAdminister } from './asker.ts'
import { issueAppPassword, revokeAppPassword } from './app-passwords.ts'
import type { AccountCommand } from './commands.ts'
import type { AccountEvent, AccountProfile } from './events.ts'
import { evolve } from './evolve.ts'
import { notYours, secondPerson } from './declined.ts'
import { inOrder, problemsOfProfile } from './profile.ts'
import { setSendAs } from './send-as.ts'
import { setForwarding } from './set-forwarding.ts'
import { sameQuota } from './sending-quota.ts'
import { issueToken, openSession } from './sessions.ts'
import type { Account, AccountState } from './state.ts'
import { reinstate, suspend } from './suspension.ts'

type Command<Kind extends AccountCommand['kind']> = Extract<AccountCommand, { kind: Kind }>
type Answer = readonly AccountEvent[] | Declined

const decide = (command: AccountCommand, account: AccountState): Answer => {
  if (command.kind === 'create-account') return create(account, command)
  if (account === null) return new Declined('not-found', 'there is no such account')
  switch (command.kind) {
    case 'change-profile':
      return changeProfile(account, command)
    case 'set-password':
      return setPassword(account, command)
    case 'change-roles':
      return changeRoles(account, command)
    case 'delete-account':
      return remove(account, command)
    case 'open-session':
      return openSession(account, command)
    case 'close-session':
      return account.sessions.some(({ session }) => session === command.session)
        ? [{ type: 'SessionClosed', data: { session: command.session } }]
        : []
    case 'issue-token':
      return issueToken(account, command)
    case 'revoke-token':
      return account.tokens.some(({ token }) => token === command.token)
        ? [{ type: 'TokenRevoked', data: { token: command.token } }]
        : []
    case 'issue-app-password':
      return issueAppPassword(account, command)
    case 'revoke-app-password':
      return revokeAppPassword(account, command)
    case 'suspend':
      return suspend(account, command)
    case 'reinstate':
      return reinstate(account, command)
    case 'set-send-as':
      return setSendAs(account, command)
    case 'set-forwarding':
      return setForwarding(account, command)
  }
}

const create = (
  account: AccountState,
  { address, profile, roles, asker, source = 'own' }: Command<'create-account'>,
): Answer => {
  const parsed = parseAddress(address)
  if (parsed === null || mailboxKey(parsed) !== address) {
    return new Declined('invalid', `"${address.slice(0, 320)}" is no address in lower case`)
  }
  if (!administersDomainOf(asker, address)) return notYours
  if (roles.some((each) => each !== 'user') && !isAdministrator(asker)) return rolesByAdministrator
  if (roles.includes('compliance') && asker.kind !== 'system') return secondPerson
  const problems = [...problemsOfProfile(profile), ...(roles.length === 0 ? ['roles: at least one'] : [])]
  if (problems.length > 0) return new Declined('invalid', problems.join('; '))
  if (account !== null) return new Declined('conflict', `${address} exists already`)
  const { displayName, timeZone, language, quota } = profile
  return [
    {
      type: 'AccountCreated',
      data: { address, roles: inOrder(roles), displayName, timeZone, language, quota, source },
    },
  ]
}

/** One may change one's own name, zone and language; the quota is the administrator's. */
const changeProfile = (account: Account, { changes, asker }: Command<'change-profile'>): Answer => {
  const own = isAsker(asker, account.address) && changes.quota === undefined
  if (!own && !mayAdminister(asker, account)) return notYours
  const problems = problemsOfProfile(changes)
  if (problems.length > 0) return new Declined('invalid', problems.join('; '))
  const changed = differences(account, changes)
  return Object.keys(changed).length === 0 ? [] : [{ type: 'AccountChanged', data: changed }]
}

const setPassword = (account: Account, { hash, asker, approved }: Command<'set-password'>): Answer => {
  if (account.password === hash) return []
  const own = isAsker(asker, account.address)
  const bySystem = asker.kind === 'system' && (approved || account.password === null)
  if (!own && !bySystem) {
    if (!mayAdminister(asker, account)) return notYours
    if (account.roles.includes('compliance')) return secondPerson
  }
  return [{ type: 'PasswordSet', data: { hash } }]
}

const changeRoles = (account: Account, { roles, asker, approved }: Command<'change-roles'>): Answer => {
  if (isAsker(asker, account.address)) return new Declined('forbidden', 'nobody changes their own roles')
  if (!isAdministrator(asker)) return rolesByAdministrator
  const wanted = inOrder(roles)
  if (wanted.length === 0) return new Declined('invalid', 'an account has at least one role')
  const officer = wanted.includes('compliance') !== account.roles.includes('compliance')
  if (officer && !(approved && asker.kind === 'system')) return secondPerson
  return wanted.join() === account.roles.join() ? [] : [{ type: 'RolesChanged', data: { roles: wanted } }]
}

const remove = (account: Account, { asker }: Command<'delete-account'>): Answer => {
  if (isAsker(asker, account.address)) return new Declined('forbidden', 'nobody deletes their own account')
  if (!mayAdminister(asker, account)) return notYours
  return account.roles.includes('compliance')
    ? new Declined('conflict', 'an officer must cease to be one first, which needs a second person')
    : [{ type: 'AccountDeleted', data: {} }]
}

const differences = (account: Account, changes: Partial<AccountProfile>): Partial<AccountProfile> => {
  const { displayName, timeZone, language, quota } = changes
  return {
    ...(displayName === undefined || displayName === account.displayName ? {} : { displayName }),
    ...(timeZone === undefined || timeZone === account.timeZone ? {} : { timeZone }),
    ...(language === undefined || language === account.language ? {} : { language }),
    ...(quota === undefined || sameQuota(quota, account.quota) ? {} : { quota }),
  }
}

const rolesByAdministrator = new Declined('forbidden', 'roles come from an administrator')

export const accountDecider: Decider<AccountCommand, AccountEvent, AccountState> = { initial: null, evolve, decide }
