import type { Declined } from '#domain/kernel/decider'

/** One thing that was wrong, and where: `body.address`, `query.limit`, `header.mailkeep-after`. */
export interface ProblemPart {
  readonly where: string
  readonly problem: string
}

/** An answer of RFC 9457 on its way out: thrown anywhere in a route, written by the problem filter. */
export class Problem extends Error {
  readonly status: number
  readonly code: ProblemCode
  readonly problems: readonly ProblemPart[]
  readonly headers: Readonly<Record<string, string>>

  constructor(
    code: ProblemCode,
    detail: string,
    options: {
      readonly problems?: readonly ProblemPart[]
      readonly headers?: Readonly<Record<string, string>>
      readonly cause?: unknown
    } = {},
  ) {
    super(detail, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'Problem'
    this.code = code
    this.status = PROBLEMS[code].status
    this.problems = options.problems ?? []
    this.headers = options.headers ?? {}
  }
}

/** Every kind of problem the API answers: its status and its title. `type` is `urn:mailkeep:problem:<code>`. */
export const PROBLEMS = {
  invalid: { status: 400, title: 'The request is not valid' },
  'signed-out': { status: 401, title: 'Sign in first' },
  forbidden: { status: 403, title: 'Not allowed' },
  'not-found': { status: 404, title: 'Not found' },
  'wrong-method': { status: 405, title: 'That verb is not served here' },
  conflict: { status: 409, title: 'The state rules this out' },
  'over-limit': { status: 409, title: 'A limit was reached' },
  gone: { status: 410, title: 'No longer kept' },
  'too-large': { status: 413, title: 'The body is too large' },
  'address-too-long': { status: 414, title: 'The address is too long' },
  'not-json': { status: 415, title: 'Bodies are JSON' },
  'key-reused': { status: 422, title: 'The Idempotency-Key belongs to another request' },
  'too-many': { status: 429, title: 'Too many attempts' },
  fault: { status: 500, title: 'Mailkeep could not do it' },
  behind: { status: 503, title: 'The view is behind' },
  unavailable: { status: 503, title: 'Not available now' },
} as const
export type ProblemCode = keyof typeof PROBLEMS

export const problemType = (code: ProblemCode): string => `urn:mailkeep:problem:${code}`

/** What a decider declined, as the API says it. */
export const declinedProblem = (declined: Declined): Problem => new Problem(declined.code, declined.reason)

export const notFound = (what: string): Problem => new Problem('not-found', `There is no ${what}.`)
export const forbidden = (why: string): Problem => new Problem('forbidden', why)
export const invalid = (where: string, problem: string): Problem =>
  new Problem('invalid', `${where}: ${problem}`, { problems: [{ where, problem }] })
