import { Declined } from '../kernel/decider.ts'
import { DAY } from '../kernel/instant.ts'
import type { AccountCommand } from './commands.ts'
import type { AccountEvent } from './events.ts'
import { MAXIMUM_SESSIONS, MAXIMUM_TOKENS, type Account } from './state.ts'

type Command<Kind extends AccountCommand['kind']> = Extract<AccountCommand, { kind: Kind }>

/** The oldest session makes room when there are too many. */
export const openSession = (account: Account, command: Command<'open-session'>): readonly AccountEvent[] | Declined => {
  if (account.suspended !== null) return new Declined('forbidden', 'the account is suspended')
  const { session, tokenHash, expiresAt, clientAddress } = command
  if (account.sessions.some((open) => open.session === session)) return []
  const tooMany = account.sessions.slice(0, Math.max(0, account.sessions.length - MAXIMUM_SESSIONS + 1))
  return [
    ...tooMany.map((open): AccountEvent => ({ type: 'SessionClosed', data: { session: open.session } })),
    { type: 'SessionOpened', data: { session, tokenHash, expiresAt, clientAddress } },
  ]
}

export const issueToken = (
  account: Account,
  { token, name, tokenHash, scopes, expiresAt, now, atMost }: Command<'issue-token'>,
): readonly AccountEvent[] | Declined => {
  if (account.tokens.some((issued) => issued.token === token)) return []
  if (name.length > 200) return new Declined('invalid', 'name: at most 200 characters')
  if (scopes.length === 0 || scopes.length > 100) return new Declined('invalid', 'scopes: 1 to 100 of them')
  if (expiresAt <= now) return new Declined('invalid', 'expiresAt: lies in the past')
  if (expiresAt > now + atMost) {
    return new Declined('invalid', `expiresAt: a token lives at most ${Math.floor(atMost / DAY)} days`)
  }
  const expired = account.tokens.filter((issued) => issued.expiresAt <= now)
  if (account.tokens.length - expired.length >= MAXIMUM_TOKENS) {
    return new Declined('over-limit', `an account has at most ${MAXIMUM_TOKENS} tokens: revoke one first`)
  }
  // Expired ones are of no use; said here, because nothing else would ever take them out of the state.
  return [
    ...expired.map((issued): AccountEvent => ({ type: 'TokenRevoked', data: { token: issued.token } })),
    { type: 'TokenIssued', data: { token, name, tokenHash, scopes: [...scopes], expiresAt } },
  ]
}
