import { randomUUID } from 'node:crypto'
import { type CallHandler, type ExecutionContext, Inject, Injectable, type NestInterceptor } from '@nestjs/common'
import { Reflector } from '@nestjs/core'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { firstValueFrom, from, type Observable } from 'rxjs'
import { v5 as uuidv5 } from 'uuid'
import type { Position } from '#infra/event-log/port'
import { ViewBehind } from '#infra/views/port'
import { Authentication } from '../auth/authentication.ts'
import { API_PARTS, type ApiParts } from '../parts.ts'
import { admit } from './access.ts'
import type { Answer } from './answer.ts'
import type { Asker } from './asker.ts'
import type { CallContext } from './call.ts'
import { checkValues } from './check-values.ts'
import { fingerprintOf, KeptAnswers } from './idempotency.ts'
import { invalid, Problem } from './problem.ts'
import { fullPath, ROUTE, type RouteSpec } from './route.ts'

const COMMAND_IDS = '0a4f6c0e-53a5-4f0c-8e0b-6f3f8d4ad0b1'
const WAIT_MS = 5_000

type Served = FastifyRequest & { mailkeepCall?: CallContext & { params: unknown; query: unknown; body: unknown } }

/** What happens to every request of every route, in this order: who asks, may they, are the values right, is the view there, has it been done. */
@Injectable()
export class RoutePipeline implements NestInterceptor {
  readonly #reflector: Reflector
  readonly #authentication: Authentication
  readonly #parts: ApiParts
  readonly #kept: KeptAnswers

  constructor(
    @Inject(Reflector) reflector: Reflector,
    @Inject(Authentication) authentication: Authentication,
    @Inject(API_PARTS) parts: ApiParts,
  ) {
    this.#reflector = reflector
    this.#authentication = authentication
    this.#parts = parts
    this.#kept = new KeptAnswers(() => parts.now())
  }

  intercept(context: ExecutionContext, next: CallHandler<Answer>): Observable<unknown> {
    return from(this.#run(context, next))
  }

  async #run(context: ExecutionContext, next: CallHandler<Answer>): Promise<unknown> {
    const spec = this.#reflector.get<RouteSpec | undefined>(ROUTE, context.getHandler())
    if (spec === undefined) throw new Error(`${context.getClass().name}.${context.getHandler().name} has no route spec`)
    const http = context.switchToHttp()
    const request = http.getRequest<Served>()
    const reply = http.getResponse<FastifyReply>()

    const asker = await this.#authentication.asker(request, spec.access)
    const about =
      spec.about === undefined
        ? null
        : spec.about(
            checkValues({ path: spec.params }, { path: request.params, query: undefined, body: undefined })
              .path as never,
          )
    admit(spec.access, asker, about)
    const values = checkValues(
      { path: spec.params, query: spec.query, body: spec.body },
      { path: request.params, query: request.query, body: request.body },
    )
    const reason = spec.reason === true ? reasonIn(request) : null
    await this.#waitForViews(spec, request)

    const keyId = idempotencyKeyOf(spec, request, asker)
    request.mailkeepCall = {
      ...this.#contextOf(request, reply, asker, keyId, reason),
      params: values.path,
      query: values.query,
      body: values.body,
    }
    const work = (): Promise<Answer> => firstValueFrom(next.handle())
    const answer = keyId === null ? await work() : await this.#kept.answer(keyId, fingerprintOf(values.body), work)
    return this.#send(spec, request, reply, answer)
  }

  #contextOf(
    request: Served,
    reply: FastifyReply,
    asker: Asker | null,
    keyId: string | null,
    reason: string | null,
  ): CallContext {
    const now = this.#parts.now()
    const commandId = (part = ''): string => (keyId === null ? randomUUID() : uuidv5(`${keyId}\n${part}`, COMMAND_IDS))
    return {
      asker,
      clientAddress: request.ip,
      now,
      requestId: request.id,
      reason,
      secure: request.protocol === 'https',
      commandId,
      keyed: keyId !== null,
      asked: (part) => {
        if (asker === null) throw new Error('a command needs somebody who asks')
        return {
          actor: { kind: 'account', address: asker.address },
          now,
          commandId: commandId(part),
          correlationId: request.id,
        }
      },
      request,
      reply,
    }
  }

  async #waitForViews(spec: RouteSpec, request: FastifyRequest): Promise<void> {
    const given = request.headers['mailkeep-after']
    if (given === undefined || spec.views === undefined) return
    if (typeof given !== 'string' || !/^\d{1,20}$/.test(given)) {
      throw invalid('header.mailkeep-after', 'expected a position as Mailkeep-Position gave it')
    }
    const position = given.padStart(20, '0') as Position
    const deadline = performance.now() + WAIT_MS
    for (const view of spec.views) {
      try {
        await this.#parts.views.caughtUp(view, position, Math.max(0, deadline - performance.now()))
      } catch (error) {
        if (!(error instanceof ViewBehind)) throw error
        throw new Problem('behind', `The view ${view} has not got to ${position} within 5 s; try again.`, {
          headers: { 'Retry-After': '1' },
          cause: error,
        })
      }
    }
  }

  #send(spec: RouteSpec, request: FastifyRequest, reply: FastifyReply, answer: Answer): unknown {
    const described = spec.answers[answer.status]
    if (described === undefined)
      throw new Error(`${spec.verb} ${fullPath(spec)} answers ${answer.status}, which its spec does not know`)
    if (this.#parts.checkAnswers === true && described.schema !== undefined) {
      const checked = described.schema.safeParse(JSON.parse(JSON.stringify(answer.body)))
      if (!checked.success)
        throw new Error(`${spec.verb} ${fullPath(spec)} answers not what its spec says: ${checked.error.message}`)
    }
    answer.stream?.once('error', (error) => {
      this.#parts.log.error({ id: request.id, path: request.url.split('?', 1)[0], err: error }, 'an answer broke off')
    })
    reply.status(answer.status)
    if (answer.headers !== undefined) reply.headers(answer.headers)
    return answer.stream ?? answer.body
  }
}

function reasonIn(request: FastifyRequest): string | null {
  const given = request.headers['mailkeep-reason']
  if (given === undefined) return null
  const reason = (Array.isArray(given) ? given.join(' ') : given).trim()
  if (reason.length > 1_000) throw invalid('header.mailkeep-reason', 'expected at most 1,000 characters')
  return reason === '' ? null : reason
}

/** Key, account (or client) and route with its own path: null where the request carries no key. */
function idempotencyKeyOf(spec: RouteSpec, request: FastifyRequest, asker: Asker | null): string | null {
  const given = request.headers['idempotency-key']
  if (spec.verb !== 'post' || given === undefined) return null
  if (typeof given !== 'string' || !/^[\x21-\x7e]{1,255}$/.test(given)) {
    throw invalid('header.idempotency-key', 'expected 1 to 255 printable characters without spaces')
  }
  const path = request.url.split('?', 1)[0] ?? request.url
  return `${asker?.address ?? `client ${request.ip}`}\n${path}\n${given}`
}
