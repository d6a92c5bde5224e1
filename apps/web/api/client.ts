import createClient, { type Middleware } from 'openapi-fetch'
import type { components, paths } from './schema'

export type Schemas = components['schemas']

/** A problem of RFC 9457 as the API answers it; status 0: the API was not reached. */
export class ApiProblem extends Error {
  readonly status: number
  /** By which an administrator finds it in the log. */
  readonly id: string | null

  constructor(status: number, detail: string, id: string | null) {
    super(detail)
    this.status = status
    this.id = id
  }
}

let csrf: string | null = null
/** Of the session whose cookie the browser sends. */
export const useCsrfToken = (token: string | null): void => {
  csrf = token
}

const asOurPages: Middleware = {
  onRequest({ request }) {
    if (csrf !== null) request.headers.set('X-CSRF-Token', csrf)
    if (request.method === 'POST') request.headers.set('Idempotency-Key', crypto.randomUUID())
    return request
  },
}

export const api = createClient<paths>({ baseUrl: '/', credentials: 'same-origin' })
api.use(asOurPages)

interface Answered<Data> {
  readonly data?: Data | undefined
  readonly error?: unknown
  readonly response: Response
}

/** The answer's body; throws `ApiProblem`. */
export const answered = async <Data>(asked: Promise<Answered<Data>>): Promise<Data> => {
  let answer: Answered<Data>
  try {
    answer = await asked
  } catch {
    throw new ApiProblem(0, 'unreachable', null)
  }
  const { data, error, response } = answer
  if (response.ok) return data as Data
  const problem = (typeof error === 'object' && error !== null ? error : {}) as { detail?: string; id?: string }
  throw new ApiProblem(response.status, problem.detail ?? response.statusText, problem.id ?? null)
}
