import type { ContentHash } from '#domain/message/content-hash'
import type { ContentReader } from '#infra/content-store/port'
import type { Position } from '#infra/event-log/port'
import type { IndexEntry } from '#infra/search/port'
import type { IndexChange } from '#projections/archive-index/index-change'
import { changeOf, INDEXED, writeChanges, type IndexerParts } from './indexer.ts'

/** What was compared, and what differs. Lists name at most `MOST_NAMED`. */
export interface IndexVerified {
  /** Up to where the log was read. */
  readonly position: Position | null
  readonly copies: number
  readonly purged: number
  readonly content: { readonly missing: Named; readonly damaged: Named }
  readonly index: {
    /** The log has them, the index has not. */
    readonly missing: Named
    /** The index has what the log never had, or no longer has. */
    readonly surplus: Named
    /** Of another revision or another content. */
    readonly different: Named
    /** All of these were put right. */
    readonly mended: number
  }
}

export interface Named {
  readonly count: number
  readonly ids: readonly string[]
}

const MOST_NAMED = 100
const PAGE = 1_000

type Put = Extract<IndexChange, { change: 'put' }>

/**
 * Compares the log with the content store and the index, and mends the index: what is missing or different is read anew, what is too much is
 * removed. Contents can't be mended from here: they are named. Memory: one small entry per copy.
 */
export const verifyIndex = async (
  parts: Omit<IndexerParts, 'trouble'>,
  content: Pick<ContentReader, 'open' | 'has'>,
  { contents }: { readonly contents: 'read' | 'there' },
): Promise<IndexVerified> => {
  const { copies, removed, position } = await said(parts)
  const hashes = new Map<ContentHash, string>()
  for (const { contentHash, id } of copies.values()) if (!hashes.has(contentHash)) hashes.set(contentHash, id)
  const missingContent = new Names()
  const damagedContent = new Names()
  for (const [hash, id] of hashes) {
    if (!(await content.has(hash))) missingContent.add(id)
    else if (contents === 'read' && !(await isWhole(content, hash))) damagedContent.add(id)
  }
  const missing = new Names()
  const surplus = new Names()
  const different = new Names()
  const wrong: IndexChange[] = []
  const seen = new Set<string>()
  for await (const entry of entries(parts)) {
    seen.add(entry.id)
    const copy = copies.get(entry.id)
    if (copy === undefined) {
      if (entry.contentHash === null) continue
      surplus.add(entry.id)
      wrong.push({ change: 'remove', id: entry.id, revision: Math.max(entry.revision, removed.get(entry.id) ?? 0) })
    } else if (entry.contentHash !== copy.contentHash || entry.revision !== copy.revision) {
      ;(entry.contentHash === null ? missing : different).add(entry.id)
      // a later revision than the log's own gives way by going first
      if (entry.revision > copy.revision) wrong.push({ change: 'remove', id: entry.id, revision: entry.revision })
      else wrong.push(copy)
    }
  }
  for (const copy of copies.values()) {
    if (seen.has(copy.id)) continue
    missing.add(copy.id)
    wrong.push(copy)
  }
  for (const id of removed.keys()) if (!seen.has(id)) wrong.push({ change: 'remove', id, revision: removed.get(id)! })
  for (let at = 0; at < wrong.length; at += PAGE) await writeChanges(parts, wrong.slice(at, at + PAGE), null, true)
  return {
    position,
    copies: copies.size,
    purged: removed.size,
    content: { missing: missingContent.named, damaged: damagedContent.named },
    index: {
      missing: missing.named,
      surplus: surplus.named,
      different: different.named,
      mended: missing.count + surplus.count + different.count,
    },
  }
}

/** What the log says is there, and what was purged. */
const said = async ({ log }: Pick<IndexerParts, 'log'>) => {
  const copies = new Map<string, Put>()
  const removed = new Map<string, number>()
  let position: Position | null = null
  for (let caughtUp = false; !caughtUp;) {
    const page = await log.readAll(position, INDEXED, PAGE)
    for (const event of page.events) {
      const change = changeOf(event)
      if (change.change === 'put') copies.set(change.id, change)
      else {
        copies.delete(change.id)
        removed.set(change.id, change.revision)
      }
    }
    ;({ position, caughtUp } = page)
  }
  return { copies, removed, position }
}

async function* entries({ index }: Pick<IndexerParts, 'index'>): AsyncGenerator<IndexEntry> {
  for (let after: string | null = null; ;) {
    const page: readonly IndexEntry[] = await index.list(after, PAGE)
    yield* page
    const last = page.at(-1)
    if (last === undefined || page.length < PAGE) return
    after = last.id
  }
}

/** Reading checks it against its hash. */
const isWhole = async (content: Pick<ContentReader, 'open'>, hash: ContentHash): Promise<boolean> => {
  try {
    for await (const _chunk of content.open(hash)) continue
    return true
  } catch {
    return false
  }
}

class Names {
  count = 0
  readonly #ids: string[] = []

  add(id: string): void {
    this.count += 1
    if (this.#ids.length < MOST_NAMED) this.#ids.push(id)
  }

  get named(): Named {
    return { count: this.count, ids: this.#ids }
  }
}
