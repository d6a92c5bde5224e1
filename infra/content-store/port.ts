import type { ContentHash } from '#domain/message/content-hash'
import type { Instant } from '#domain/kernel/instant'

/**
 * Message bytes by SHA-256: single-instance, immutable, verified on read. Bytes are never in the log.
 * The contract suite in test/contract/content-store runs against every implementation.
 */
export interface ContentStore {
  /**
   * Durable when the promise resolves (concurrent puts share an fsync). Memory is bounded whatever the size.
   * When `source` throws, nothing is kept and its error is rethrown.
   */
  put(source: AsyncIterable<Uint8Array> | Uint8Array): Promise<StoredContent>
  /** The bytes in chunks. Throws `ContentMissing` at once; `ContentCorrupt` at the latest at the end, before the stream ends cleanly. */
  open(hash: ContentHash): AsyncIterable<Uint8Array>
  /** All bytes at once, for callers that need them so. Throws `ContentTooLarge` when over `maxBytes`. */
  read(hash: ContentHash, maxBytes: number): Promise<Buffer>
  has(hash: ContentHash): Promise<boolean>
  /**
   * Removes the content unless it was put (again) at or after `putBefore`: a sweep never races a writer.
   * Answers whether it is gone now. Dropping what isn't there is true.
   */
  drop(hash: ContentHash, putBefore: Instant): Promise<boolean>
  /** Every hash in the store with its last put, in hash order after `after`; for sweeps and verification. */
  list(after: ContentHash | null, limit: number): Promise<readonly ContentEntry[]>
  close(): Promise<void>
}

/** What only reads: for processes and threads beside the one that writes. */
export type ContentReader = Pick<ContentStore, 'open' | 'read' | 'has' | 'list' | 'close'>

export interface StoredContent {
  readonly hash: ContentHash
  /** Bytes as put, before compression. */
  readonly size: number
}

export interface ContentEntry extends StoredContent {
  readonly lastPutAt: Instant
}

export class ContentMissing extends Error {
  readonly hash: string
  constructor(hash: string) {
    super(`content ${hash} is not in the store`)
    this.name = 'ContentMissing'
    this.hash = hash
  }
}

export class ContentCorrupt extends Error {
  readonly hash: string
  constructor(hash: string, detail: string, options?: ErrorOptions) {
    super(`content ${hash} does not match its hash: ${detail}`, options)
    this.name = 'ContentCorrupt'
    this.hash = hash
  }
}

export class ContentTooLarge extends Error {
  readonly size: number
  constructor(hash: string, size: number, limit: number) {
    super(`content ${hash} has ${size} bytes, the caller takes ${limit}`)
    this.name = 'ContentTooLarge'
    this.size = size
  }
}

/** The store can't take or give bytes now: disk full, read-only, closed. Nothing was kept. */
export class ContentStoreUnavailable extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'ContentStoreUnavailable'
  }
}
