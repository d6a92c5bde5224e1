import { Inject, Injectable } from '@nestjs/common'
import { LRUCache } from 'lru-cache'
import { isDeclined } from '#domain/kernel/decider'
import type { Account } from '#domain/account/state'
import { type Address, mailboxKey } from '#domain/message/mailbox'
import type { Position } from '#infra/event-log/port'
import type { CallContext } from '../route/call.ts'
import { declinedProblem, Problem } from '../route/problem.ts'
import { API_PARTS, type ApiParts } from '../parts.ts'
import { bearerHash, newBearer } from './bearer.ts'
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
  readonly #recorded = new LRUCache<string, true>({ max: 10_000, ttl: LIMITED_RECORDED_EVERY_MS })

  constructor(@Inject(API_PARTS) parts: ApiParts) {
    this.#parts = parts
  }

  async open(
    given: { readonly address: Address; readonly password: string },
    call: CallContext,
  ): Promise<OpenedSession> {
    const { clientAddress, now } = call
    const verdict = await this.#parts.credentials.verify({ ...given, clientAddress, now, appPasswords: false })
    const address = mailboxKey(given.address)
    switch (verdict.kind) {
      case 'accepted':
        return this.openFor(verdict.account, call)
      case 'limited':
        return this.#refuse(address, call, 'limited', verdict.retryAfter)
      case 'refused':
        return this.#refuse(address, call, verdict.because)
      case 'busy':
        throw tooManyAtOnce()
    }
  }

  /** For whose password, or link that signs in once, has been checked. */
  async openFor(account: Account, call: CallContext): Promise<OpenedSession> {
    const bearer = newBearer(account.address)
    const expiresAt = call.now + this.#parts.policies.current('accounts').document.sessionFor
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

  async #refuse(
    address: Address,
    call: CallContext,
    reason: 'wrong-password' | 'unknown-account' | 'suspended' | 'limited',
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

export const tooManyAtOnce = (): Problem =>
  new Problem('unavailable', 'Too many sign-ins at once; try again in a moment.', { headers: { 'Retry-After': '2' } })

export function tooManyAttempts(retryAfter: number): Problem {
  const seconds = Math.max(1, Math.ceil(retryAfter / 1_000))
  return new Problem(
    'too-many',
    `Too many failed sign-ins for this account or from this address; try again in ${seconds} s.`,
    { headers: { 'Retry-After': String(seconds) } },
  )
}
