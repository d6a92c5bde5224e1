import { Controller, Inject } from '@nestjs/common'
import { z } from 'zod'
import { role } from '#domain/account/events'
import { isDeclined } from '#domain/kernel/decider'
import { csrfTokenOf, sessionCookie, sessionIn } from '../auth/cookies.ts'
import { SignIn } from '../auth/sign-in.ts'
import { created, nothing, ok, type Answer } from '../route/answer.ts'
import { declinedProblem, forbidden } from '../route/problem.ts'
import { type Call, Route, route, type SignedCall, TheCall } from '../route/route.ts'
import { API_PARTS, type ApiParts } from '../parts.ts'
import { password, time, toTime } from './shapes.ts'

const openSession = route({
  verb: 'post',
  path: '/session',
  tag: 'Session',
  summary: 'Sign in',
  description:
    'The token goes into `Authorization: Bearer`. Browsers get the same session as an HttpOnly cookie; then every request that changes something carries `csrfToken` in the header `X-CSRF-Token`.',
  access: { who: ['anyone'], scope: null },
  body: z.strictObject({ address: z.string().trim().min(1).max(320), password }),
  answers: {
    201: {
      is: 'Signed in',
      schema: z.object({
        token: z.string(),
        expiresAt: time,
        address: z.string(),
        roles: z.array(role),
        csrfToken: z.string(),
      }),
    },
  },
})

const showSession = route({
  verb: 'get',
  path: '/session',
  tag: 'Session',
  summary: 'Who is signed in',
  description: 'Answers 200 without sign-in too.',
  access: { who: ['anyone'], scope: null },
  answers: {
    200: {
      is: 'Who is signed in, if anybody',
      schema: z.object({
        signedIn: z.boolean(),
        address: z.string().nullable(),
        roles: z.array(role),
        expiresAt: time.nullable(),
        csrfToken: z.string().nullable().describe('only for a session by cookie'),
      }),
    },
  },
})

const closeSession = route({
  verb: 'delete',
  path: '/session',
  tag: 'Session',
  summary: 'Sign out',
  access: { who: ['everyone'], scope: null },
  answers: { 204: { is: 'Signed out; the token is of no use any more' } },
})

@Controller()
export class SessionController {
  readonly #signIn: SignIn
  readonly #parts: ApiParts

  constructor(@Inject(SignIn) signIn: SignIn, @Inject(API_PARTS) parts: ApiParts) {
    this.#signIn = signIn
    this.#parts = parts
  }

  @Route(openSession)
  async open(@TheCall() call: Call<typeof openSession>): Promise<Answer> {
    const { bearer, expiresAt, account, position } = await this.#signIn.open(call.body, call)
    const cookie = sessionCookie(bearer, (expiresAt - call.now) / 1_000, call.secure)
    return created(
      {
        token: bearer,
        expiresAt: toTime(expiresAt),
        address: account.address,
        roles: account.roles,
        csrfToken: csrfTokenOf(bearer),
      },
      { position, headers: { 'Set-Cookie': cookie, 'Cache-Control': 'no-store' } },
    )
  }

  @Route(showSession)
  show(@TheCall() call: Call<typeof showSession>): Answer {
    const { asker } = call
    const cookie = sessionIn(call.request)
    return ok({
      signedIn: asker !== null,
      address: asker?.address ?? null,
      roles: asker?.roles ?? [],
      expiresAt: asker === null ? null : toTime(asker.by.expiresAt),
      csrfToken: asker?.by.kind === 'session' && asker.by.cookie && cookie !== null ? csrfTokenOf(cookie) : null,
    })
  }

  @Route(closeSession)
  async close(@TheCall() call: SignedCall<typeof closeSession>): Promise<Answer> {
    if (call.asker.by.kind !== 'session') throw forbidden('An API token is no session; DELETE /tokens/{id} revokes it.')
    const outcome = await this.#parts.commands.account(
      call.asker.address,
      { kind: 'close-session', session: call.asker.by.session },
      call.asked(),
    )
    if (isDeclined(outcome)) throw declinedProblem(outcome)
    return nothing({ position: outcome.position, headers: { 'Set-Cookie': sessionCookie('', 0, call.secure) } })
  }
}
