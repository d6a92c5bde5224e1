import { createHash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { Answer } from './answer.ts'
import { Problem } from './problem.ts'

const KEEP_MS = 24 * 60 * 60 * 1_000
const KEEP = 10_000
const MAX_BODY = 64 * 1024

interface Kept {
  readonly fingerprint: string
  readonly answer: Promise<Answer>
}

/**
 * Answers of POSTs by Idempotency-Key, account and route (draft-ietf-httpapi-idempotency-key-header): a repeat gets the first answer, one
 * that comes while the first is under way waits for it. Kept in memory for 24 h, at most 10,000; after a restart it is the log that
 * recognises the repeat, by the command id derived from the key.
 */
export class KeptAnswers {
  readonly #kept: LRUCache<string, Kept>

  constructor(now: () => number = Date.now) {
    this.#kept = new LRUCache({ max: KEEP, ttl: KEEP_MS, perf: { now } })
  }

  /** `work` runs unless this key's answer is known. Answers of 500 and over, and errors, are not kept. */
  async answer(key: string, fingerprint: string, work: () => Promise<Answer>): Promise<Answer> {
    const kept = this.#kept.get(key)
    if (kept !== undefined) {
      if (kept.fingerprint !== fingerprint) {
        throw new Problem(
          'key-reused',
          'This Idempotency-Key came with another body before; use a new key for a new request.',
        )
      }
      const answer = await kept.answer
      return { ...answer, headers: { ...answer.headers, 'Idempotency-Replayed': 'true' } }
    }
    const answer = work()
    this.#kept.set(key, { fingerprint, answer })
    try {
      const done = await answer
      if (done.status >= 500 || done.stream !== undefined || tooLarge(done)) this.#kept.delete(key)
      return done
    } catch (error) {
      this.#kept.delete(key)
      throw error
    }
  }
}

const tooLarge = (answer: Answer): boolean => JSON.stringify(answer.body ?? null).length > MAX_BODY

/** What makes two requests the same. */
export const fingerprintOf = (body: unknown): string =>
  createHash('sha256')
    .update(JSON.stringify(body ?? null))
    .digest('hex')
