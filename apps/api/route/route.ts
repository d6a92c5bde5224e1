import {
  applyDecorators,
  createParamDecorator,
  Delete,
  type ExecutionContext,
  Get,
  Patch,
  Post,
  Put,
  SetMetadata,
} from '@nestjs/common'
import type { z } from 'zod'
import type { AccessRule, About } from './access.ts'
import type { Asker } from './asker.ts'
import type { Answer } from './answer.ts'
import type { CallContext } from './call.ts'

const VERBS = ['get', 'post', 'put', 'patch', 'delete'] as const
export type Verb = (typeof VERBS)[number]

/** `schema` null: no body. `type` is set where the answer is not JSON. */
interface AnswerSpec {
  readonly is: string
  readonly schema?: z.ZodType
  readonly type?: string
}

type Shape = z.ZodType<object>

/** Everything there is to know about a route: serving it, checking it, documenting it and testing it all start here. */
export interface RouteSpec<
  Params extends Shape = Shape,
  Query extends Shape = Shape,
  Body extends z.ZodType = z.ZodType,
> {
  readonly verb: Verb
  /** Below the base, parameters as `:name`. */
  readonly path: string
  /** `api`: below /api/v1. `root`: outside it (health, metrics, the page). */
  readonly base?: 'api' | 'root'
  readonly tag: string
  readonly summary: string
  readonly description?: string
  readonly access: AccessRule
  /** What the path says the route is about, for rules that need no look-up. */
  about?(params: z.output<Params>): About
  readonly params?: Params
  readonly query?: Query
  readonly body?: Body
  /** By status; the lowest 2xx is the answer when all goes well. Problems need no mention. */
  readonly answers: Readonly<Record<number, AnswerSpec>>
  /** Views it reads: what `Mailkeep-After` waits for. */
  readonly views?: readonly string[]
  /** Carries an officer's reason in `Mailkeep-Reason`. */
  readonly reason?: boolean
}

type OutputOf<Schema> = Schema extends z.ZodType ? z.output<Schema> : undefined

/** What a route's method is given: everything already checked. */
export interface Call<Spec extends RouteSpec = RouteSpec> extends CallContext {
  readonly params: OutputOf<Spec['params']>
  readonly query: OutputOf<Spec['query']>
  readonly body: OutputOf<Spec['body']>
}

/** The same, for routes that admit only who is signed in. */
export type SignedCall<Spec extends RouteSpec = RouteSpec> = Call<Spec> & { readonly asker: Asker }

export const route = <
  Params extends Shape = z.ZodType<Record<never, never>>,
  Query extends Shape = z.ZodType<Record<never, never>>,
  Body extends z.ZodType = z.ZodType<undefined>,
>(
  spec: RouteSpec<Params, Query, Body>,
): RouteSpec<Params, Query, Body> & {
  readonly params: Params
  readonly query: Query
  readonly body: Body
} => spec as never

export const ROUTE = Symbol('mailkeep route')
const BASE = 'api/v1'

export const fullPath = (spec: Pick<RouteSpec, 'base' | 'path'>): string =>
  spec.base === 'root' ? spec.path : `/${BASE}${spec.path}`

const DECORATORS = { get: Get, post: Post, put: Put, patch: Patch, delete: Delete } as const

/** The one decorator of a route: serves it at its path and hangs the spec on it for the pipeline, OpenAPI and the matrix. */
export const Route = <Spec extends RouteSpec>(spec: Spec) =>
  applyDecorators(DECORATORS[spec.verb](fullPath(spec)), SetMetadata(ROUTE, spec)) as <
    Method extends (call: Call<Spec> & { readonly asker: Asker }) => Promise<Answer> | Answer,
  >(
    target: object,
    key: string | symbol,
    descriptor: TypedPropertyDescriptor<Method>,
  ) => void

/** The checked call, put on the request by the pipeline. */
export const TheCall = createParamDecorator((_: unknown, context: ExecutionContext): unknown => {
  const request = context.switchToHttp().getRequest<{ mailkeepCall?: unknown }>()
  if (request.mailkeepCall === undefined) throw new Error('the route pipeline has not run')
  return request.mailkeepCall
})
