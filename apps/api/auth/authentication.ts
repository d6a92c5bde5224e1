import { Inject, Injectable } from '@nestjs/common'
import type { FastifyRequest } from 'fastify'
import type { Account } from '#domain/account/state'
import type { Address } from '#domain/message/mailbox'
import type { AccessRule } from '../route/access.ts'
import type { Asker } from '../route/asker.ts'
import { Problem } from '../route/problem.ts'
import { isScope } from '../route/scopes.ts'
import { API_PARTS, type ApiParts } from '../parts.ts'
import { Accounts } from './accounts.ts'
import { bearerHash, claimedAccount, sameHash } from './bearer.ts'
import { CSRF_HEADER, csrfHolds, sessionIn } from './cookies.ts'

/** Finds out who sends a request: a bearer token, or the browser's session cookie with its CSRF token. */
@Injectable()
export class Authentication {
  readonly #accounts: Accounts
  readonly #parts: ApiParts

  constructor(@Inject(Accounts) accounts: Accounts, @Inject(API_PARTS) parts: ApiParts) {
    this.#accounts = accounts
    this.#parts = parts
  }

  /** Null: nobody signed in. A token that is wrong or over is a problem where a sign-in is needed, and nobody where it isn't. */
  async asker(request: FastifyRequest, rule: AccessRule): Promise<Asker | null> {
    const open = rule.who.includes('anyone')
    const bearer = bearerIn(request)
    if (bearer !== null) {
      const asker = await this.#askerOf(bearer, false)
      if (asker === null && !open) throw over()
      return asker
    }
    const cookie = sessionIn(request)
    if (cookie === null) return null
    const asker = await this.#askerOf(cookie, true)
    if (asker === null) return null
    if (!open) refuseForgery(request, cookie)
    return asker
  }

  async #askerOf(bearer: string, cookie: boolean): Promise<Asker | null> {
    const address = claimedAccount(bearer)
    const account = address === null ? null : await this.#accounts.find(address)
    if (account === null || account.suspended !== null) return null
    return findBearer(account, bearerHash(bearer), this.#parts.now(), cookie)
  }
}

function findBearer(account: Account, hash: string, now: number, cookie: boolean): Asker | null {
  const who: { address: Address; roles: Account['roles'] } = { address: account.address, roles: account.roles }
  const session = account.sessions.find((one) => sameHash(one.tokenHash, hash))
  if (session !== undefined) {
    return session.expiresAt <= now
      ? null
      : { ...who, by: { kind: 'session', session: session.session, expiresAt: session.expiresAt, cookie } }
  }
  const token = cookie ? undefined : account.tokens.find((one) => sameHash(one.tokenHash, hash))
  if (token === undefined || token.expiresAt <= now) return null
  return {
    ...who,
    by: { kind: 'token', token: token.token, expiresAt: token.expiresAt, scopes: token.scopes.filter(isScope) },
  }
}

function bearerIn(request: FastifyRequest): string | null {
  const given = request.headers.authorization
  if (given === undefined) return null
  return /^Bearer +([A-Za-z0-9._~+/-]+=*)$/i.exec(given)?.[1] ?? ''
}

/** A browser sends its cookie whoever made it send the request: what changes something needs the token that only our pages know. */
function refuseForgery(request: FastifyRequest, cookie: string): void {
  if (request.method === 'GET' || request.method === 'HEAD') return
  if (!csrfHolds(cookie, request.headers[CSRF_HEADER])) {
    throw new Problem(
      'forbidden',
      'A request with the session cookie needs the header X-CSRF-Token; GET /api/v1/session gives it.',
    )
  }
}

const over = (): Problem =>
  new Problem('signed-out', 'This token is not valid, or no longer. Sign in again.', {
    headers: { 'WWW-Authenticate': 'Bearer realm="mailkeep", error="invalid_token"' },
  })
