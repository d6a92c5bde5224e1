import { Inject, Injectable } from '@nestjs/common'
import { LRUCache } from 'lru-cache'
import { isDeclined } from '#domain/kernel/decider'
import type { Account } from '#domain/account/state'
import { type Address, mailboxKey } from '#domain/message/mailbox'
import type { Position } from '#infra/event-log/port'
import type { CallContext } from '../route/call.ts'
import { declinedProblem, Problem } from '../route/problem.ts'
import { API_PARTS, type ApiParts } from '../parts.ts'
import { Accounts } from './accounts.ts'
import { bearerHash, newBearer } from './bearer.ts'
import { HashingBusy, Passwords } from './passwords.ts'
import { signInLimit, SignInLimits } from './sign-in-limits.ts'
import { randomUUID } from 'node:crypto'

/** Whoever is limited and goes on gets one line in the log a minute, not one an attempt. */
const LIMITED_RECORDED_EVERY_MS = 60_000

export interface OpenedSession {
  readonly bearer: string
  readonly expiresAt: number
  readonly account: Account
  readonly position: Position | null
}

/** Signing in: limits, the password, the session's event; each refusal is recorded. */
@Injectable()
export class SignIn {
  readonly #parts: ApiParts
  readonly #accounts: Accounts
  readonly #passwords: Passwords
  readonly #limits: SignInLimits
  readonly #recorded = new LRUCache<string, true>({ max: 10_000, ttl: LIMITED_RECORDED_EVERY_MS })

  constructor(
    @Inject(API_PARTS) parts: ApiParts,
    @Inject(Accounts) accounts: Accounts,
    @Inject(Passwords) passwords: Passwords,
    @Inject(SignInLimits) limits: SignInLimits,
  ) {
    this.#parts = parts
    this.#accounts = accounts
    this.#passwords = passwords
    this.#limits = limits
  }

  async open(
    given: { readonly address: Address; readonly password: string },
    call: CallContext,
  ): Promise<OpenedSession> {
    const address = mailboxKey(given.address)
    await this.#parts.policies.fresh()
    const policy = this.#parts.policies.current('accounts').document
    const attempt = this.#limits.begin(address, call.clientAddress, call.now, signInLimit(policy))
    if ('retryAfter' in attempt) return this.#refuse(address, call, 'limited', attempt.retryAfter)

    const account = await this.#accounts.find(address)
    if (!(await this.#passwordHolds(address, account, given.password))) {
      return this.#refuse(address, call, account === null ? 'unknown-account' : 'wrong-password')
    }
    attempt.succeeded()
    if (account === null) throw new Error('a password held for no account')
    return this.#openFor(account, call, policy.sessionFor)
  }

  async #openFor(account: Account, call: CallContext, lifetime: number): Promise<OpenedSession> {
    const bearer = newBearer(account.address)
    const expiresAt = call.now + lifetime
    const id = randomUUID()
    const outcome = await this.#parts.commands.account(
      account.address,
      {
        kind: 'open-session',
        session: id,
        tokenHash: bearerHash(bearer),
        expiresAt,
        clientAddress: call.clientAddress,
      },
      // The token is new each time, so the command is, too: a repeat must not be taken for what is in the log.
      {
        actor: { kind: 'account', address: account.address },
        now: call.now,
        commandId: id,
        correlationId: call.requestId,
      },
    )
    if (isDeclined(outcome)) throw declinedProblem(outcome)
    return { bearer, expiresAt, account, position: outcome.position }
  }

  async #passwordHolds(address: Address, account: Account | null, password: string): Promise<boolean> {
    try {
      return await this.#passwords.verify(address, account?.password ?? null, password)
    } catch (error) {
      if (!(error instanceof HashingBusy)) throw error
      throw new Problem('unavailable', 'Too many sign-ins at once; try again in a moment.', {
        headers: { 'Retry-After': '2' },
        cause: error,
      })
    }
  }

  async #refuse(
    address: Address,
    call: CallContext,
    reason: 'wrong-password' | 'unknown-account' | 'limited',
    retryAfter = 0,
  ): Promise<never> {
    const key = `${address} ${call.clientAddress}`
    if (reason !== 'limited' || !this.#recorded.has(key)) {
      await this.#parts.journal.access(
        { type: 'SignInRefused', data: { address: address.slice(0, 320), clientAddress: call.clientAddress, reason } },
        { kind: 'system', part: 'api' },
      )
      if (reason === 'limited') this.#recorded.set(key, true)
    }
    if (reason !== 'limited') throw new Problem('signed-out', 'The address or the password is wrong.')
    throw tooManyAttempts(retryAfter)
  }
}

export function tooManyAttempts(retryAfter: number): Problem {
  const seconds = Math.max(1, Math.ceil(retryAfter / 1_000))
  return new Problem(
    'too-many',
    `Too many failed sign-ins for this account or from this address; try again in ${seconds} s.`,
    { headers: { 'Retry-After': String(seconds) } },
  )
}
