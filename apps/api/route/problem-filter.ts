import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, Inject } from '@nestjs/common'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { isDeclined } from '#domain/kernel/decider'
import { ContentStoreUnavailable } from '#infra/content-store/port'
import { Contended } from '#infra/commands/execute'
import { LogUnavailable } from '#infra/event-log/port'
import { ViewBehind } from '#infra/views/port'
import { API_PARTS, type ApiParts } from '../parts.ts'
import { declinedProblem, Problem, PROBLEMS, type ProblemCode, problemType } from './problem.ts'
import { RouteTable } from './route-table.ts'

/** Writes every error of the API as application/problem+json (RFC 9457): an id that is logged, never a stack. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  readonly #parts: ApiParts
  readonly #routes: RouteTable

  constructor(@Inject(API_PARTS) parts: ApiParts, @Inject(RouteTable) routes: RouteTable) {
    this.#parts = parts
    this.#routes = routes
  }

  catch(thrown: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<FastifyRequest>()
    const reply = host.switchToHttp().getResponse<FastifyReply>()
    const problem = this.#problemOf(thrown, request)
    this.#record(problem, thrown, request)
    if (!reply.sent) writeProblem(problem, request, reply)
  }

  #problemOf(thrown: unknown, request: FastifyRequest): Problem {
    if (thrown instanceof Problem) return thrown
    if (isDeclined(thrown)) return declinedProblem(thrown)
    if (thrown instanceof ViewBehind)
      return new Problem('behind', `${thrown.message}; try again.`, { headers: { 'Retry-After': '1' }, cause: thrown })
    if (thrown instanceof LogUnavailable)
      return new Problem('unavailable', `The event log can't be used now (${thrown.why}). Nothing was changed.`, {
        headers: { 'Retry-After': '5' },
        cause: thrown,
      })
    if (thrown instanceof ContentStoreUnavailable)
      return new Problem('unavailable', "The content store can't be used now.", {
        headers: { 'Retry-After': '5' },
        cause: thrown,
      })
    if (thrown instanceof Contended) {
      return new Problem('unavailable', 'Too many changed this at the same time. Nothing was changed; try again.', {
        headers: { 'Retry-After': '1' },
        cause: thrown,
      })
    }
    const status = statusOf(thrown)
    if (status === 404) return this.#nothingThere(request)
    const code = CODES[status]
    if (code !== undefined) return new Problem(code, sentenceOf(code, thrown), { cause: thrown })
    return new Problem(
      'fault',
      'Mailkeep failed while it worked on this; the id below is in its log. Whether anything was changed is not known: look before you try again.',
      { cause: thrown },
    )
  }

  /** No route at this path, or none for this verb. */
  #nothingThere(request: FastifyRequest): Problem {
    const path = request.url.split('?', 1)[0] ?? request.url
    const verbs = this.#routes.verbsAt(path)
    if (verbs.length === 0) return new Problem('not-found', `There is nothing at ${path.slice(0, 200)}.`)
    const allow = verbs.map((verb) => verb.toUpperCase()).join(', ')
    return new Problem('wrong-method', `${request.method} is not served at ${path.slice(0, 200)}; ${allow} is.`, {
      headers: { Allow: allow },
    })
  }

  #record(problem: Problem, thrown: unknown, request: FastifyRequest): void {
    const about = {
      id: request.id,
      verb: request.method,
      path: request.url.split('?', 1)[0],
      status: problem.status,
      code: problem.code,
    }
    // Somebody waited for more than a view could read in time: worth a line, but nothing broke.
    if (problem.code === 'behind') this.#parts.log.warn(about, problem.message)
    else if (problem.status >= 500) this.#parts.log.error({ ...about, err: problem.cause ?? thrown }, problem.message)
    else this.#parts.log.debug({ ...about, problems: problem.problems }, problem.message)
  }
}

/** For what the framework refuses before any route is found, too. */
export function writeProblem(problem: Problem, request: FastifyRequest, reply: FastifyReply): void {
  void reply
    .status(problem.status)
    .headers(problem.headers)
    .header('Content-Type', 'application/problem+json; charset=utf-8')
    .header('Cache-Control', 'no-store')
    .send(JSON.stringify(problemBody(problem, request)))
}

/** What Fastify says by itself, e.g. of a path that is too long. */
export const frameworkProblem = (error: Error): Problem => {
  const code = CODES[statusOf(error)] ?? 'invalid'
  return new Problem(code, sentenceOf(code, error), { cause: error })
}

const problemBody = (problem: Problem, request: FastifyRequest): object => ({
  type: problemType(problem.code),
  title: PROBLEMS[problem.code].title,
  status: problem.status,
  detail: problem.message,
  instance: `urn:uuid:${request.id}`,
  id: request.id,
  problems: problem.problems.length > 0 ? problem.problems : [{ where: 'request', problem: problem.message }],
})

const CODES: Readonly<Record<number, ProblemCode>> = {
  400: 'invalid',
  401: 'signed-out',
  403: 'forbidden',
  405: 'wrong-method',
  409: 'conflict',
  413: 'too-large',
  414: 'address-too-long',
  415: 'not-json',
  429: 'too-many',
  503: 'unavailable',
}

/** What Fastify and Nest say by themselves: bad JSON, a body too large, an unknown path. */
function statusOf(thrown: unknown): number {
  if (thrown instanceof HttpException) return thrown.getStatus()
  if (thrown instanceof Error && 'statusCode' in thrown && typeof thrown.statusCode === 'number')
    return thrown.statusCode
  return 500
}

function sentenceOf(code: ProblemCode, thrown: unknown): string {
  if (code === 'not-json') return 'Send Content-Type: application/json.'
  if (code === 'too-large') return 'The body is larger than this takes.'
  return thrown instanceof Error ? thrown.message : PROBLEMS[code].title
}
