import { setTimeout as sleep } from 'node:timers/promises'
import { errors } from '@elastic/elasticsearch'
import { SearchUnavailable } from '../port.ts'

const FIRST_WAIT_MS = 100
const LONGEST_WAIT_MS = 5_000

/** The server is away, or asks for time. */
export const isPassing = (error: unknown): boolean =>
  error instanceof errors.ConnectionError ||
  error instanceof errors.TimeoutError ||
  error instanceof errors.NoLivingConnectionsError ||
  (error instanceof errors.ResponseError && isPassingStatus(error.statusCode ?? 0))

export const isPassingStatus = (status: number): boolean =>
  status === 429 || status === 502 || status === 503 || status === 504

/** Milliseconds before the next try: doubled each time, and not at the same moment as everybody else's. */
export const waitBefore = (attempt: number): Promise<unknown> => {
  const longest = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** attempt)
  return sleep(longest / 2 + (Math.random() * longest) / 2)
}

/** Errors of a server that is away become `SearchUnavailable`. */
export const answerOf = async <Result>(ask: () => Promise<Result>): Promise<Result> => {
  try {
    return await ask()
  } catch (error) {
    if (!isPassing(error)) throw error
    const { message } = error as Error
    throw new SearchUnavailable(`Elasticsearch does not answer: ${message}`, { cause: error })
  }
}

export const isMissing = (error: unknown): boolean => error instanceof errors.ResponseError && error.statusCode === 404
