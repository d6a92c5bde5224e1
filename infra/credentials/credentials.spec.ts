import { describe, expect, it } from 'vitest'
import type { Account, AccountState } from '#domain/account/state'
import { policyDocument } from '#domain/policy/documents'
import { secretKeyFrom } from '#infra/config/secret-key'
import { newAppPassword, typedAppPassword } from './app-password.ts'
import { Credentials, type SignInAttempt } from './credentials.ts'
import { Passwords } from './passwords.ts'

const secrets = secretKeyFrom(Buffer.alloc(32, 3))
const ANN = 'ann@one.test'
const RIGHT = 'correct horse'
const FROM = '192.0.2.1'

const account = (changes: Partial<Account> = {}): Account => ({
  address: ANN,
  displayName: 'Ann',
  timeZone: 'UTC',
  language: 'en',
  quota: null,
  roles: ['user'],
  source: 'own',
  password: null,
  sessions: [],
  tokens: [],
  appPasswords: [],
  suspended: null,
  heldMails: null,
  sendAs: [],
  forwarding: null,
  ...changes,
})

const suspended = { reason: 'spam', by: 'root@one.test', at: 1 }

const world = async (changes: Partial<Account> = {}) => {
  const accounts = new Map<string, AccountState>()
  const waits: number[] = []
  const asked: string[] = []
  const credentials = new Credentials({
    find: (address) => {
      asked.push(address)
      return Promise.resolve(accounts.get(address) ?? null)
    },
    policy: () => Promise.resolve(policyDocument('accounts', {})),
    secrets,
    wait: (milliseconds) => Promise.resolve(waits.push(milliseconds)),
  })
  const password = await new Passwords(secrets).seal(ANN, RIGHT)
  accounts.set(ANN, account({ password, ...changes }))
  const verify = (given: Partial<SignInAttempt> = {}) =>
    credentials.verify({
      address: ANN,
      password: RIGHT,
      clientAddress: FROM,
      now: 1_000,
      appPasswords: false,
      ...given,
    })
  const change = (to: Partial<Account>) => accounts.set(ANN, { ...accounts.get(ANN)!, ...to })
  return { accounts, asked, change, credentials, verify, waits }
}

const issued = (credentials: Credentials, password: string, id = 'p1') => ({
  id,
  name: 'Phone',
  hash: credentials.appPasswords.hash(ANN, password),
  issuedAt: 1,
})

describe('a sign-in', () => {
  it('is by the address of the account, in any case, and by nothing that only leads to it', async () => {
    const { verify } = await world()
    for (const address of [ANN, 'Ann@ONE.test', '"ann"@one.test'])
      expect(await verify({ address })).toMatchObject({ kind: 'accepted', credential: { kind: 'password' } })
    for (const address of ['ann+x@one.test', 'ann', '', 'ann@one.test@two.test', `${'a'.repeat(300)}@one.test`])
      expect(await verify({ address, now: 2_000 })).toEqual({ kind: 'refused', because: 'unknown-account' })
  })

  it('takes the address of an internationalised domain in both its forms', async () => {
    const { accounts, verify } = await world()
    const address = 'ann@xn--bcher-kva.test'
    accounts.set(address, account({ address, password: await new Passwords(secrets).seal(address, RIGHT) }))
    for (const typed of ['ann@bücher.test', 'ANN@xn--BCHER-kva.test'])
      expect(await verify({ address: typed })).toMatchObject({ kind: 'accepted', account: { address } })
  })

  it('costs one derivation whoever is refused, and says the same', async () => {
    const { accounts, credentials, verify } = await world()
    accounts.set('mute@one.test', account({ address: 'mute@one.test' }))
    const shut = await new Passwords(secrets).seal('shut@one.test', RIGHT)
    accounts.set('shut@one.test', account({ address: 'shut@one.test', password: shut, suspended }))
    const many = Array.from({ length: 100 }, (_, at) => issued(credentials, newAppPassword(), `p${at}`))
    accounts.set('many@one.test', account({ address: 'many@one.test', appPasswords: many }))
    const derived = counting(credentials)
    for (const password of ['wrong', RIGHT, newAppPassword(), 'x'.repeat(5_000)]) {
      for (const name of ['nobody', 'mute', 'shut', 'many']) {
        const before = derived()
        const verdict = await verify({ address: `${name}@one.test`, password, appPasswords: true })
        expect([name, verdict.kind, derived() - before]).toEqual([name, 'refused', 1])
      }
    }
  })

  it('that was right is not derived again, until the password is another one, time passes, or it is suspended', async () => {
    const { change, credentials, verify } = await world()
    const derived = counting(credentials)
    const together = await Promise.all(Array.from({ length: 50 }, () => verify()))
    expect(together.map(({ kind }) => kind)).toEqual(Array.from({ length: 50 }, () => 'accepted'))
    expect((await verify({ clientAddress: '192.0.2.2' })).kind).toBe('accepted')
    expect(derived()).toBe(1)
    expect((await verify({ password: 'wrong' })).kind).toBe('refused')
    expect(derived()).toBe(2)
    expect((await verify({ now: 1_000 + 6 * 60_000 })).kind).toBe('accepted')
    expect(derived()).toBe(3)
    change({ suspended })
    expect(await verify({ now: 400_000 })).toEqual({ kind: 'refused', because: 'suspended' })
    change({ suspended: null, password: await new Passwords(secrets).seal(ANN, 'another one') })
    expect((await verify({ now: 400_000 })).kind).toBe('refused')
    expect((await verify({ now: 400_000, password: 'another one' })).kind).toBe('accepted')
  })

  it('is held back longer with every failure, then not looked at for the rest of the window', async () => {
    const { asked, verify, waits } = await world()
    for (let n = 0; n < 10; n++) expect((await verify({ password: `wrong ${n}`, now: n })).kind).toBe('refused')
    expect(waits).toEqual([20, 80, 180, 320, 500, 720, 980, 1_280, 1_620, 2_000])
    const looked = asked.length
    expect(await verify({ now: 10 })).toEqual({ kind: 'limited', retryAfter: 15 * 60_000 - 10 })
    expect(asked).toHaveLength(looked)
    expect((await verify({ now: 15 * 60_000 + 1 })).kind).toBe('accepted')
  })

  it('limits accounts that are not there in the same way', async () => {
    const { verify } = await world()
    const outcomes = async (address: string) => {
      const kinds = []
      for (let n = 0; n < 12; n++) kinds.push((await verify({ address, password: `wrong ${n}` })).kind)
      return kinds
    }
    expect(await outcomes('nobody@one.test')).toEqual(await outcomes(ANN))
  })

  it('from where the owner signed in before goes on while others guess, who are not forgiven for it', async () => {
    const { verify } = await world()
    expect((await verify()).kind).toBe('accepted')
    for (let n = 0; n < 10; n++) {
      expect((await verify({ password: `guess ${n}`, clientAddress: '198.51.100.9' })).kind).toBe('refused')
      expect((await verify()).kind).toBe('accepted')
    }
    expect((await verify({ clientAddress: '203.0.113.5' })).kind).toBe('limited')
    expect((await verify()).kind).toBe('accepted')
  })

  it('that finds too many waiting is told so, and is no failure', async () => {
    const { verify } = await world()
    const rush = await Promise.all(
      Array.from({ length: 90 }, (_, n) => verify({ address: `guess${n}@one.test`, clientAddress: `198.51.100.${n}` })),
    )
    expect(rush.filter(({ kind }) => kind === 'busy').length).toBe(90 - 66)
  })
})

describe('an app password', () => {
  it('has 120 bits in groups, and is taken however it is typed', () => {
    const made = newAppPassword()
    expect(made).toMatch(/^[a-z2-7]{4}(-[a-z2-7]{4}){5}$/)
    expect(newAppPassword()).not.toBe(made)
    const plain = made.replaceAll('-', '')
    for (const typed of [made, plain, made.toUpperCase(), made.replaceAll('-', ' ')])
      expect(typedAppPassword(typed)).toBe(plain)
    for (const typed of ['', plain.slice(1), `${plain}a`, '-'.repeat(1_000)]) expect(typedAppPassword(typed)).toBeNull()
  })

  it('holds where mail clients sign in, for its own account alone, until it is revoked', async () => {
    const { accounts, change, credentials, verify } = await world()
    const password = newAppPassword()
    change({ appPasswords: [issued(credentials, newAppPassword(), 'p0'), issued(credentials, password)] })
    const derived = counting(credentials)
    const verdict = await verify({ password, appPasswords: true })
    expect(verdict).toMatchObject({ kind: 'accepted', credential: { kind: 'app-password', id: 'p1', name: 'Phone' } })
    expect(derived()).toBe(0)
    expect((await verify({ password })).kind).toBe('refused')
    accounts.set('ben@one.test', account({ address: 'ben@one.test', appPasswords: [issued(credentials, password)] }))
    expect((await verify({ address: 'ben@one.test', password, appPasswords: true })).kind).toBe('refused')
    if (verdict.kind !== 'accepted') throw new Error(verdict.kind)
    expect(await credentials.stillHolds(verdict)).not.toBeNull()
    change({ password: await new Passwords(secrets).seal(ANN, 'another one') })
    expect(await credentials.stillHolds(verdict)).not.toBeNull()
    change({ suspended })
    expect(await credentials.stillHolds(verdict)).toBeNull()
    change({ suspended: null, appPasswords: [] })
    expect(await credentials.stillHolds(verdict)).toBeNull()
    expect((await verify({ password, appPasswords: true })).kind).toBe('refused')
  })

  it('does not stand in the way of a password in the same form', async () => {
    const { change, verify } = await world()
    const password = 'abcdefghijklmnopqrstuvwx'
    change({ password: await new Passwords(secrets).seal(ANN, password) })
    expect(await verify({ password, appPasswords: true })).toMatchObject({ credential: { kind: 'password' } })
  })
})

/** How many passwords were derived so far. */
const counting = (credentials: Credentials): (() => number) => {
  const { passwords } = credentials
  const verify = passwords.verify.bind(passwords)
  let count = 0
  passwords.verify = (...given) => {
    count += 1
    return verify(...given)
  }
  return () => count
}
