import { expect, test } from 'vitest'
import { given, happened, NOON } from '#test/dsl/projection'
import { bearerOf, sessions } from './projection.ts'

const ANN = 'account-ann@example.org'
const opened = (session: string) =>
  happened(
    ANN,
    'SessionOpened',
    { session, tokenHash: `hash-${session}`, expiresAt: NOON + 100, clientAddress: '192.0.2.1' },
    NOON,
  )
const issued = happened(
  ANN,
  'TokenIssued',
  { token: 't1', name: 'backup', tokenHash: 'hash-t1', scopes: ['mails:read'], expiresAt: NOON + 100 },
  NOON,
)

const bearer = (hash: string, events: readonly ReturnType<typeof happened>[], now = NOON) => {
  const view = given(sessions, events)
  return bearerOf(hash, now, (table, key) => view.get(table, key))
}

test('a session is good until it expires or is closed', () => {
  expect(bearer('hash-s1', [opened('s1')])).toMatchObject({
    kind: 'session',
    id: 's1',
    account: 'ann@example.org',
    scopes: null,
  })
  expect(bearer('hash-s1', [opened('s1')], NOON + 100)).toBeUndefined()
  expect(
    bearer('hash-s1', [opened('s1'), opened('s2'), happened(ANN, 'SessionClosed', { session: 's1' })]),
  ).toBeUndefined()
  expect(
    bearer('hash-s2', [opened('s1'), opened('s2'), happened(ANN, 'SessionClosed', { session: 's1' })]),
  ).toMatchObject({ id: 's2' })
  expect(bearer('hash-s3', [opened('s1')])).toBeUndefined()
})

test('a token has its scopes and is good until it is revoked', () => {
  expect(bearer('hash-t1', [issued])).toMatchObject({ kind: 'token', name: 'backup', scopes: '["mails:read"]' })
  expect(bearer('hash-t1', [issued, happened(ANN, 'TokenRevoked', { token: 't1' })])).toBeUndefined()
})

test('a new password ends every session, not the tokens', () => {
  const changed = happened(ANN, 'PasswordSet', { hash: 'sealed' })
  expect(bearer('hash-s1', [opened('s1'), changed])).toBeUndefined()
  expect(bearer('hash-t1', [issued, changed])).toMatchObject({ id: 't1' })
  expect(bearer('hash-s2', [opened('s1'), changed, opened('s2')])).toMatchObject({ id: 's2' })
})

test('an account that is deleted and made again has none of the old ones', () => {
  const deleted = happened(ANN, 'AccountDeleted', {})
  expect(bearer('hash-s1', [opened('s1'), deleted])).toBeUndefined()
  expect(bearer('hash-t1', [issued, deleted])).toBeUndefined()
  expect(bearer('hash-s2', [deleted, opened('s2')])).toMatchObject({ id: 's2' })
})
