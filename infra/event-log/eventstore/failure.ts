import { LogUnavailable } from '../port.ts'

/* gRPC's status codes, by number: https://grpc.io/docs/guides/status-codes/ */
const CANCELLED = 1
const INVALID_ARGUMENT = 3
const NOT_FOUND = 5
const ALREADY_EXISTS = 6
const PERMISSION_DENIED = 7
const FAILED_PRECONDITION = 9
const OUT_OF_RANGE = 11
const UNIMPLEMENTED = 12
const UNAUTHENTICATED = 16

const LASTING = new Set([
  INVALID_ARGUMENT,
  NOT_FOUND,
  ALREADY_EXISTS,
  PERMISSION_DENIED,
  FAILED_PRECONDITION,
  OUT_OF_RANGE,
  UNIMPLEMENTED,
  UNAUTHENTICATED,
])

/** What the client throws when it has no connection, without a code. */
const AWAY =
  /discover|closed channel|channel closed|shut ?down|write after end|ECONN|EPIPE|stream (?:was )?closed|premature close/iu

/** Worth another try on a new connection: the server is away, restarts, elects a leader, or took too long. */
export const isPassing = (error: unknown): boolean => {
  if (error instanceof Away) return true
  if (!(error instanceof Error)) return false
  const exception = exceptionOf(error)
  if (exception === 'not-leader' || exception === 'persistent-subscription-dropped') return true
  const code = codeOf(error)
  if (code === undefined) return error.name === 'Error' && AWAY.test(error.message)
  return !LASTING.has(code)
}

export const isCancelled = (error: unknown): boolean => codeOf(error) === CANCELLED

export const isMissing = (error: unknown): boolean =>
  codeOf(error) === NOT_FOUND || exceptionOf(error) === 'persistent-subscription-does-not-exist'

export const alreadyExists = (error: unknown): boolean =>
  codeOf(error) === ALREADY_EXISTS || exceptionOf(error) === 'persistent-subscription-exists'

/** The connection ended under a call, or the answer didn't come in time. */
export class Away extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'Away'
  }
}

/** As `LogUnavailable`; what is no error of the connection comes back as it is. */
export const unavailable = (error: unknown, what: string): Error => {
  const cause = error instanceof Error ? error : new Error(String(error))
  if (isPassing(cause))
    return new LogUnavailable('unreachable', `EventStoreDB can't be reached (${what}): ${cause.message}`, { cause })
  const code = codeOf(cause)
  if (code === UNAUTHENTICATED || code === PERMISSION_DENIED) {
    return new LogUnavailable(
      'other',
      `EventStoreDB refuses the user of eventstore.url (${what}): persistent subscriptions need the role $admins`,
      { cause },
    )
  }
  return code === undefined
    ? cause
    : new LogUnavailable('other', `EventStoreDB refuses ${what}: ${cause.message}`, { cause })
}

export const closed = (): LogUnavailable => new LogUnavailable('closed', 'the event log on EventStoreDB is closed')

const codeOf = (error: unknown): number | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'number' ? error.code : undefined

const exceptionOf = (error: unknown): string | undefined => {
  if (typeof error !== 'object' || error === null) return undefined
  if ('type' in error && typeof error.type === 'string') return error.type
  const metadata = 'metadata' in error ? error.metadata : undefined
  if (typeof metadata !== 'object' || metadata === null || !('get' in metadata)) return undefined
  const { get } = metadata
  if (typeof get !== 'function') return undefined
  const values: unknown = Reflect.apply(get, metadata, ['exception'])
  return Array.isArray(values) ? String(values[0]) : undefined
}
