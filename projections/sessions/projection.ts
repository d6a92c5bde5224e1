import { add, idOf, put, remove } from '#domain/kernel/projection'
import type { Change, Projected, Projection, RowReader } from '#domain/kernel/projection'
import type { Instant } from '#domain/kernel/instant'
import type { AccountEvent } from '#domain/account/events'

/**
 * What a bearer may present: the SHA-256 of a session's or API token's secret, hex. A row alone is no proof: ask
 * `bearerOf`, which knows expiry and what ended all of an account's sessions at once.
 */
export type CredentialRow = {
  readonly hash: string
  readonly kind: 'session' | 'token'
  readonly id: string
  readonly account: string
  /** A token's. */
  readonly name: string | null
  /** JSON: [scope]; null: all that the account may. */
  readonly scopes: string | null
  readonly issuedAt: Instant
  readonly expiresAt: Instant
  readonly clientAddress: string | null
  /** The account's generations when it was issued. */
  readonly sessions: number
  readonly lives: number
}

/** `sessions` counts password changes, `lives` deletions: a credential of an earlier count is over. */
export type HolderRow = { readonly account: string; readonly sessions: number; readonly lives: number }

type SessionEvent = Extract<
  AccountEvent,
  {
    readonly type: 'PasswordSet' | 'AccountDeleted' | 'SessionOpened' | 'SessionClosed' | 'TokenIssued' | 'TokenRevoked'
  }
>

export const sessions: Projection<SessionEvent> = {
  name: 'sessions',
  version: 1,
  tables: [
    {
      name: 'credentials',
      key: ['hash'],
      columns: {
        hash: 'text',
        kind: 'text',
        id: 'text',
        account: 'text',
        name: 'text',
        scopes: 'text',
        issuedAt: 'integer',
        expiresAt: 'integer',
        clientAddress: 'text',
        sessions: 'integer',
        lives: 'integer',
      },
      indexes: [['account', 'kind', 'issuedAt'], ['expiresAt']],
    },
    /** The hash of a session or token by its id. */
    { name: 'ids', key: ['account', 'id'], columns: { account: 'text', id: 'text', hash: 'text' } },
    { name: 'holders', key: ['account'], columns: { account: 'text', sessions: 'integer', lives: 'integer' } },
  ],
  types: ['PasswordSet', 'AccountDeleted', 'SessionOpened', 'SessionClosed', 'TokenIssued', 'TokenRevoked'],
  project,
}

function project(event: Projected<SessionEvent>, rows: RowReader): readonly Change[] {
  const account = idOf(event.stream)
  const issue = (
    hash: string,
    row: Pick<CredentialRow, 'kind' | 'id' | 'name' | 'scopes' | 'expiresAt' | 'clientAddress'>,
  ) => {
    const holder = rows.get('holders', [account]) as HolderRow | undefined
    const credential: CredentialRow = {
      ...row,
      hash,
      account,
      issuedAt: event.occurredAt,
      sessions: holder?.sessions ?? 0,
      lives: holder?.lives ?? 0,
    }
    return [put('credentials', credential), put('ids', { account, id: row.id, hash })]
  }
  switch (event.type) {
    case 'SessionOpened': {
      const { session: id, tokenHash, expiresAt, clientAddress } = event.data
      return issue(tokenHash, { kind: 'session', id, name: null, scopes: null, expiresAt, clientAddress })
    }
    case 'TokenIssued': {
      const { token: id, name, tokenHash, scopes, expiresAt } = event.data
      return issue(tokenHash, {
        kind: 'token',
        id,
        name,
        scopes: JSON.stringify(scopes),
        expiresAt,
        clientAddress: null,
      })
    }
    case 'SessionClosed':
      return revoke(account, event.data.session, rows)
    case 'TokenRevoked':
      return revoke(account, event.data.token, rows)
    case 'PasswordSet':
      return [add('holders', [account], { sessions: 1, lives: 0 })]
    case 'AccountDeleted':
      return [add('holders', [account], { sessions: 1, lives: 1 })]
  }
}

function revoke(account: string, id: string, rows: RowReader): readonly Change[] {
  const hash = rows.get('ids', [account, id])?.['hash']
  return typeof hash === 'string' ? [remove('credentials', [hash]), remove('ids', [account, id])] : []
}

/** The credential behind a hash when it is good at `now`. `read`: `(table, key) => views.get('sessions', table, key)`. */
export function bearerOf(
  hash: string,
  now: Instant,
  read: (table: string, key: readonly string[]) => unknown,
): CredentialRow | undefined {
  const credential = read('credentials', [hash]) as CredentialRow | undefined
  if (credential === undefined || credential.expiresAt <= now) return undefined
  const holder = read('holders', [credential.account]) as HolderRow | undefined
  if (holder === undefined) return credential
  if (credential.lives !== holder.lives) return undefined
  return credential.kind === 'session' && credential.sessions !== holder.sessions ? undefined : credential
}
