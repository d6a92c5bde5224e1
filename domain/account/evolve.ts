import type { AccountEvent } from './events.ts'
import type { Account, AccountState } from './state.ts'

export const evolve = (state: AccountState, event: AccountEvent): AccountState => {
  if (event.type === 'AccountCreated') return { ...event.data, ...untouched }
  return state === null ? null : evolveAccount(state, event)
}

const untouched = {
  password: null,
  sessions: [],
  tokens: [],
  appPasswords: [],
  suspended: null,
  heldMails: null,
  sendAs: [],
  forwarding: null,
} as const

const evolveAccount = (account: Account, event: Exclude<AccountEvent, { type: 'AccountCreated' }>): AccountState => {
  switch (event.type) {
    case 'AccountChanged': {
      const { displayName, timeZone, language, quota } = event.data
      return {
        ...account,
        displayName: displayName ?? account.displayName,
        timeZone: timeZone ?? account.timeZone,
        language: language ?? account.language,
        quota: quota === undefined ? account.quota : quota,
      }
    }
    case 'AccountDeleted':
      return null
    case 'PasswordSet':
      return { ...account, password: event.data.hash, sessions: [] }
    case 'RolesChanged':
      return { ...account, roles: event.data.roles }
    case 'SessionOpened': {
      const { session, tokenHash, expiresAt } = event.data
      return { ...account, sessions: [...account.sessions, { session, tokenHash, expiresAt }] }
    }
    case 'SessionClosed':
      return { ...account, sessions: account.sessions.filter(({ session }) => session !== event.data.session) }
    case 'TokenIssued':
      return { ...account, tokens: [...account.tokens, event.data] }
    case 'TokenRevoked':
      return { ...account, tokens: account.tokens.filter(({ token }) => token !== event.data.token) }
    case 'AppPasswordIssued': {
      const { id, name, hash, at } = event.data
      return { ...account, appPasswords: [...account.appPasswords, { id, name, hash, issuedAt: at }] }
    }
    case 'AppPasswordRevoked':
      return { ...account, appPasswords: account.appPasswords.filter(({ id }) => id !== event.data.id) }
    case 'AccountSuspended':
      return { ...account, suspended: event.data, sessions: [] }
    case 'AccountReinstated':
      return { ...account, suspended: null, heldMails: event.data.held }
    case 'SendAsGranted':
      return { ...account, sendAs: [...account.sendAs, event.data.address].toSorted() }
    case 'SendAsRevoked':
      return { ...account, sendAs: account.sendAs.filter((address) => address !== event.data.address) }
    case 'ForwardingSet':
      return { ...account, forwarding: event.data.forwarding }
    default:
      event satisfies never
      return account
  }
}
