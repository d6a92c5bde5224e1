import { Controller, Inject } from '@nestjs/common'
import { z } from 'zod'
import { isDeclined } from '#domain/kernel/decider'
import { Accounts } from '../auth/accounts.ts'
import { bearerHash, newBearer } from '../auth/bearer.ts'
import { created, nothing, ok, type Answer } from '../route/answer.ts'
import { pageOf, pageOfSorted, pageQuery } from '../route/paging.ts'
import { declinedProblem, notFound, Problem } from '../route/problem.ts'
import { Route, route, type SignedCall, TheCall } from '../route/route.ts'
import { SCOPES } from '../route/scopes.ts'
import { API_PARTS, type ApiParts } from '../parts.ts'
import { time, timeGiven, toTime } from './shapes.ts'

const DAY = 24 * 60 * 60 * 1_000
const DEFAULT_LIFE = 90 * DAY

const tokenShape = z.object({ id: z.string(), name: z.string(), scopes: z.array(z.string()), expiresAt: time })

const listTokens = route({
  verb: 'get',
  path: '/tokens',
  tag: 'Session',
  summary: 'My API tokens',
  access: { who: ['everyone'], scope: null },
  query: z.strictObject(pageQuery),
  answers: { 200: { is: 'The tokens, without their secrets', schema: pageOf(tokenShape) } },
})

const issueToken = route({
  verb: 'post',
  path: '/tokens',
  tag: 'Session',
  summary: 'Make an API token for a program',
  description: `Scopes: ${SCOPES.join(', ')}. A token may never do more than its account. The token itself is shown this once.`,
  access: { who: ['everyone'], scope: null },
  body: z.strictObject({
    name: z.string().trim().min(1).max(200),
    scopes: z
      .array(z.enum(SCOPES as [string, ...string[]]))
      .min(1, 'expected at least one')
      .max(SCOPES.length),
    expiresAt: timeGiven.optional().describe('default: in 90 days'),
  }),
  answers: { 201: { is: 'The token', schema: tokenShape.extend({ token: z.string() }) } },
})

const revokeToken = route({
  verb: 'delete',
  path: '/tokens/:token',
  tag: 'Session',
  summary: 'Revoke an API token',
  access: { who: ['everyone'], scope: null },
  params: z.object({ token: z.uuid() }),
  answers: { 204: { is: 'Revoked' } },
})

@Controller()
export class TokensController {
  readonly #accounts: Accounts
  readonly #parts: ApiParts

  constructor(@Inject(Accounts) accounts: Accounts, @Inject(API_PARTS) parts: ApiParts) {
    this.#accounts = accounts
    this.#parts = parts
  }

  @Route(listTokens)
  async list(@TheCall() call: SignedCall<typeof listTokens>): Promise<Answer> {
    const account = await this.#accounts.find(call.asker.address)
    const tokens = (account?.tokens ?? [])
      .filter(({ expiresAt }) => expiresAt > call.now)
      .map(({ token, name, scopes, expiresAt }) => ({ id: token, name, scopes, expiresAt: toTime(expiresAt) }))
      .sort((a, b) => (a.id < b.id ? -1 : 1))
    return ok(pageOfSorted(tokens, call.query, ({ id }) => id))
  }

  @Route(issueToken)
  async issue(@TheCall() call: SignedCall<typeof issueToken>): Promise<Answer> {
    const { name, scopes } = call.body
    await this.#parts.policies.fresh()
    const atMost = this.#parts.policies.current('accounts').document.tokenForAtMost
    const expiresAt = call.body.expiresAt ?? call.now + Math.min(DEFAULT_LIFE, atMost)
    const id = call.commandId('token')
    const account = await this.#accounts.find(call.asker.address)
    if (account?.tokens.some(({ token }) => token === id) === true) {
      throw new Problem(
        'conflict',
        'This request made a token already; a token is shown only once. Revoke it and use a new Idempotency-Key.',
      )
    }
    const token = newBearer(call.asker.address)
    const outcome = await this.#parts.commands.account(
      call.asker.address,
      { kind: 'issue-token', token: id, name, tokenHash: bearerHash(token), scopes, expiresAt, now: call.now, atMost },
      call.asked(),
    )
    if (isDeclined(outcome)) throw declinedProblem(outcome)
    return created(
      { id, name, scopes, expiresAt: toTime(expiresAt), token },
      { position: outcome.position, headers: { 'Cache-Control': 'no-store' } },
    )
  }

  @Route(revokeToken)
  async revoke(@TheCall() call: SignedCall<typeof revokeToken>): Promise<Answer> {
    const account = await this.#accounts.find(call.asker.address)
    if (account?.tokens.some(({ token }) => token === call.params.token) !== true) throw notFound('such token')
    const outcome = await this.#parts.commands.account(
      call.asker.address,
      { kind: 'revoke-token', token: call.params.token },
      call.asked(),
    )
    if (isDeclined(outcome)) throw declinedProblem(outcome)
    return nothing({ position: outcome.position })
  }
}
