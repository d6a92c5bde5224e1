import { setTimeout as sleep } from 'node:timers/promises'
import { accountKey } from '#domain/account/identities'
import type { Account, AccountState } from '#domain/account/state'
import type { Instant } from '#domain/kernel/instant'
import type { Address } from '#domain/message/mailbox'
import type { PolicyDocument } from '#domain/policy/documents'
import type { SecretKey } from '#infra/config/secret-key'
import { AppPasswords } from './app-password.ts'
import { HashingBusy, MAX_PASSWORD_BYTES, Passwords } from './passwords.ts'
import { signInLimit, SignInLimits, type Attempt } from './sign-in-limits.ts'
import { VerifiedPasswords } from './verified-passwords.ts'

export interface CredentialsParts {
  /** The account as its stream says up to this moment, by its mailbox key. */
  find(address: Address): Promise<AccountState>
  /** The accounts policy of now. */
  policy(): Promise<PolicyDocument<'accounts'>>
  readonly secrets: SecretKey
  /** Holds refusals back; absent: a timer. */
  wait?(milliseconds: number): Promise<unknown>
}

export interface SignInAttempt {
  readonly address: string
  readonly password: string
  readonly clientAddress: string
  readonly now: Instant
  /** Whether app passwords hold here: for mail clients only. */
  readonly appPasswords: boolean
}

export type Credential =
  | { readonly kind: 'password' }
  | { readonly kind: 'app-password'; readonly id: string; readonly name: string }

export interface Accepted {
  readonly kind: 'accepted'
  readonly account: Account
  readonly credential: Credential
}

export type Verdict =
  | Accepted
  /** `because` is for the record, never for who asks. */
  | { readonly kind: 'refused'; readonly because: 'unknown-account' | 'wrong-password' | 'suspended' }
  /** Too many failures: not looked at. Milliseconds. */
  | { readonly kind: 'limited'; readonly retryAfter: number }
  /** Too many passwords wait to be checked. */
  | { readonly kind: 'busy' }

/**
 * The one way to check who signs in, at the API and at SMTP. An account signs in by its own address alone, in any case, never by an alias or with a
 * detail: what leads to a mailbox is not who somebody is. Whoever is refused learns nothing from how long it took: one argon2id is computed
 * whether there is an account, has a password, is suspended, or has however many app passwords.
 */
export class Credentials {
  readonly passwords: Passwords
  readonly appPasswords: AppPasswords
  readonly #parts: CredentialsParts
  readonly #limits = new SignInLimits()
  readonly #verified = new VerifiedPasswords()
  readonly #underWay = new Map<string, Promise<Verdict>>()

  constructor(parts: CredentialsParts) {
    this.#parts = parts
    this.passwords = new Passwords(parts.secrets)
    this.appPasswords = new AppPasswords(parts.secrets)
  }

  async verify(attempt: SignInAttempt): Promise<Verdict> {
    const key = accountKey(attempt.address)
    const limit = signInLimit(await this.#parts.policy())
    const named = key ?? attempt.address.slice(0, 320).toLowerCase()
    const retryAfter = this.#limits.wait(named, attempt.clientAddress, attempt.now, limit)
    if (retryAfter > 0) return { kind: 'limited', retryAfter }
    const account = key === null ? null : await this.#parts.find(key)
    const fingerprint = this.#verified.fingerprint(named, attempt.password, account?.password ?? null)
    if (account !== null && account.suspended === null && this.#verified.has(fingerprint, attempt.now)) {
      return { kind: 'accepted', account, credential: { kind: 'password' } }
    }
    // A client that opens many connections at once asks one question, which counts as one attempt.
    const question = [fingerprint, attempt.clientAddress, attempt.appPasswords, account?.suspended?.at].join(' ')
    const underWay = this.#underWay.get(question)
    if (underWay !== undefined) return underWay
    const begun = this.#limits.begin(named, attempt.clientAddress, attempt.now, limit)
    if ('retryAfter' in begun) return { kind: 'limited', retryAfter: begun.retryAfter }
    const verdict = this.#judge(account, attempt, begun, fingerprint).finally(() => this.#underWay.delete(question))
    this.#underWay.set(question, verdict)
    return verdict
  }

  /**
   * Whether what was accepted would be accepted still, in a session that lasts: the account as it is now, or null when it is gone or suspended, its
   * password another one, or the app password revoked.
   */
  async stillHolds({ account, credential }: Accepted): Promise<Account | null> {
    const now = await this.#parts.find(account.address)
    if (now === null || now.suspended !== null) return null
    const holds =
      credential.kind === 'password'
        ? now.password === account.password
        : now.appPasswords.some(({ id }) => id === credential.id)
    return holds ? now : null
  }

  async #judge(account: AccountState, attempt: SignInAttempt, begun: Attempt, fingerprint: string): Promise<Verdict> {
    try {
      const credential = await this.#credential(account, attempt)
      if (account !== null && credential !== null) {
        begun.succeeded()
        if (credential.kind === 'password') this.#verified.add(fingerprint, attempt.now)
        return { kind: 'accepted', account, credential }
      }
    } catch (error) {
      begun.withdrawn()
      if (error instanceof HashingBusy) return { kind: 'busy' }
      throw error
    }
    await (this.#parts.wait ?? sleep)(begun.delay)
    return { kind: 'refused', because: whyRefused(account) }
  }

  async #credential(account: AccountState, attempt: SignInAttempt): Promise<Credential | null> {
    const { password, appPasswords } = attempt
    const usable = account?.suspended === null ? account : null
    if (appPasswords) {
      const found = this.appPasswords.find(account?.address ?? '', password, usable?.appPasswords ?? [])
      if (found !== null) return { kind: 'app-password', id: found.id, name: found.name }
    }
    const tooLong = Buffer.byteLength(password) > MAX_PASSWORD_BYTES
    const stored = tooLong ? null : (usable?.password ?? null)
    const holds = await this.passwords.verify(account?.address ?? '', stored, tooLong ? '' : password)
    return holds ? { kind: 'password' } : null
  }
}

const whyRefused = (account: AccountState) =>
  account === null ? 'unknown-account' : account.suspended === null ? 'wrong-password' : 'suspended'
