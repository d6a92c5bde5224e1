import { describe, expect, it } from 'vitest'
import type { Sealed } from '#domain/kernel/sealed'
import { secretKeyFrom } from '#infra/config/secret-key'
import { HashingBusy, Passwords } from './passwords.ts'

const secrets = secretKeyFrom(Buffer.alloc(32, 3))
const ANN = 'ann@one.test'

describe('passwords', () => {
  it('hold for their own account and for no other', async () => {
    const passwords = new Passwords(secrets)
    const sealed = await passwords.seal(ANN, 'correct horse')
    expect(sealed).toMatch(/^sealed:1:/)
    expect(secrets.open(sealed, 'account-password:ann@one.test')).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
    expect(await passwords.verify(ANN, sealed, 'correct horse')).toBe(true)
    expect(await passwords.verify('Ann@One.Test', sealed, 'correct horse')).toBe(true)
    expect(await passwords.verify(ANN, sealed, 'Correct horse')).toBe(false)
    expect(await passwords.verify(ANN, null, 'correct horse')).toBe(false)
    await expect(passwords.verify('ben@one.test', sealed, 'correct horse')).rejects.toThrow('sealed')
  })

  it('are salted, and never cost more than they may', async () => {
    const passwords = new Passwords(secrets)
    expect(await passwords.seal(ANN, 'x')).not.toBe(await passwords.seal(ANN, 'x'))
    const greedy = secrets.seal(
      '$argon2id$v=19$m=9999999,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAA',
      'account-password:ann@one.test',
    ) as Sealed
    await expect(passwords.verify(ANN, greedy, 'x')).rejects.toThrow('more than')
  })

  it('are checked a few at once, and refused when too many wait', async () => {
    const passwords = new Passwords(secrets)
    const outcomes = await Promise.allSettled(Array.from({ length: 80 }, () => passwords.seal(ANN, 'x')))
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected')
    expect(refused).toHaveLength(80 - 2 - 64)
    for (const one of refused) expect(one.reason).toBeInstanceOf(HashingBusy)
  })

  it('can be checked again when the very first check was one too many', async () => {
    const passwords = new Passwords(secrets)
    const crowd = Array.from({ length: 66 }, () => passwords.seal(ANN, 'x'))
    await expect(passwords.verify(ANN, null, 'x')).rejects.toThrow(HashingBusy)
    const [sealed] = await Promise.all(crowd)
    expect(await passwords.verify(ANN, sealed ?? null, 'x')).toBe(true)
  })
})
