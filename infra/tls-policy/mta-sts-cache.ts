import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { LRUCache } from 'lru-cache'
import { z } from 'zod'
import { replaceDurably } from '#infra/config/durable-file'
import type { StsPolicy } from './mta-sts-policy.ts'

/** A policy with the id of the record that led to it. */
export interface KeptPolicy {
  readonly domain: string
  readonly id: string
  /** ms. */
  readonly fetchedAt: number
  readonly policy: StsPolicy
}

const keptPolicy = z.object({
  domain: z.string().max(253),
  id: z.string().max(32),
  fetchedAt: z.number().int().nonnegative(),
  policy: z.object({
    mode: z.enum(['enforce', 'testing', 'none']),
    mx: z.array(z.string().max(255)).max(1_000),
    maxAge: z.number().int().nonnegative(),
  }),
})

export interface StsCacheOptions {
  /** Holds nothing else: `data/mta-sts`. */
  readonly folder: string
  /** Files that can't be read or written: the policies in memory go on. */
  readonly onProblem: (error: Error) => void
  readonly entries?: number
}

/**
 * Policies of other domains, kept for as long as they say, over restarts too (RFC 8461 3.3: a policy that is kept is what an attacker
 * who blocks the next fetch can't undo). One file per domain. They are facts about others that any node can fetch again, so they are
 * no events: each node has its own.
 */
export class StsCache {
  readonly #folder: string
  readonly #onProblem: (error: Error) => void
  readonly #kept: LRUCache<string, KeptPolicy>
  /** Writes one after the other. */
  #writing: Promise<void> = Promise.resolve()

  private constructor({ folder, onProblem, entries = 5_000 }: StsCacheOptions) {
    this.#folder = folder
    this.#onProblem = onProblem
    this.#kept = new LRUCache({
      max: entries,
      dispose: ({ domain }, _, reason) => {
        if (reason === 'evict' || reason === 'delete') this.#write(() => rm(this.#file(domain), { force: true }))
      },
    })
  }

  /** With what the folder holds and is still valid. */
  static async open(options: StsCacheOptions, now: number): Promise<StsCache> {
    const cache = new StsCache(options)
    await mkdir(options.folder, { recursive: true, mode: 0o700 })
    for (const name of await readdir(options.folder)) await cache.#load(join(options.folder, name), now)
    return cache
  }

  /** null: none, or one that is too old. */
  get(domain: string, now: number): KeptPolicy | null {
    const kept = this.#kept.get(domain)
    if (kept === undefined) return null
    if (isValid(kept, now)) return kept
    this.#kept.delete(domain)
    return null
  }

  put(kept: KeptPolicy): void {
    this.#kept.set(kept.domain, kept)
    this.#write(() => replaceDurably(this.#file(kept.domain), JSON.stringify(kept), 0o600))
  }

  /** Those fetched before `before`, the longest ago first. */
  fetchedBefore(before: number): KeptPolicy[] {
    return [...this.#kept.values()]
      .filter(({ fetchedAt }) => fetchedAt < before)
      .toSorted((one, other) => one.fetchedAt - other.fetchedAt)
  }

  /** Resolves when all is written. */
  async close(): Promise<void> {
    await this.#writing
  }

  #file(domain: string): string {
    // A name may be longer than a file's.
    return join(this.#folder, `${createHash('sha256').update(domain).digest('hex')}.json`)
  }

  #write(write: () => Promise<void>): void {
    this.#writing = this.#writing.then(write).catch((error: unknown) => this.#onProblem(errorOf(error)))
  }

  async #load(file: string, now: number): Promise<void> {
    try {
      const kept = keptPolicy.parse(JSON.parse(await readFile(file, 'utf8')))
      if (file === this.#file(kept.domain) && isValid(kept, now)) this.#kept.set(kept.domain, kept)
      else await rm(file, { force: true })
    } catch (error) {
      // Half a file from a crash, or none of ours: it can be fetched again.
      this.#onProblem(new Error(`${file} can't be read and is passed over`, { cause: error }))
    }
  }
}

const isValid = ({ fetchedAt, policy }: KeptPolicy, now: number): boolean => now < fetchedAt + policy.maxAge * 1_000

const errorOf = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)))
