import type { Instant } from '#domain/kernel/instant'
import type { ContentHash } from '#domain/message/content-hash'
import type { Position } from '#infra/event-log/port'
import type { Field, Sought } from './sought.ts'

/**
 * The archive's index: a view that can be thrown away and built again from the log and the content store. Two engines keep these words: SQLite's FTS5
 * (embedded) and Elasticsearch. What a token is, is decided before it gets here (tokens/), so both find the same documents. The contract suite in
 * test/contract/search runs against every implementation.
 */
export interface SearchIndex extends SearchReader {
  /**
   * Takes in what the log says up to `batch.position`, all at once: documents, removals and that position. What is there in the same or a later revision
   * stays as it is, so a batch may come again. Found by searches at the latest one second later.
   */
  write(batch: IndexBatch): Promise<void>
}

export interface SearchReader {
  search(request: SearchRequest): Promise<Found>
  facets(sought: Sought): Promise<Facets>
  /** Documents by id, in no order, those that are there. */
  documents(ids: readonly string[]): Promise<readonly StoredDocument[]>
  /** What is there, removals included, in the order of ids after `after`; for verification. */
  list(after: string | null, limit: number): Promise<readonly IndexEntry[]>
  /** Everything up to here is in the index; null: nothing has been read. */
  checkpoint(): Promise<Position | null>
  close(): Promise<void>
}

export interface IndexBatch {
  readonly documents: readonly IndexDocument[]
  /** What must not be found any more, and does not come back with an earlier revision. */
  readonly removals: readonly { readonly id: string; readonly revision: number }[]
  /** null: as it was (mending). */
  readonly position: Position | null
  /** True: what is there in the same revision is replaced, too. */
  readonly mend?: boolean
}

/** One copy of a mail in one archive account. */
export interface StoredDocument {
  /** Of the archive item. */
  readonly id: string
  /** Of the event that says so, in the account's stream: a later one wins. */
  readonly revision: number
  readonly mail: string
  readonly account: string
  readonly role: 'sent' | 'received'
  readonly contentHash: ContentHash
  readonly archivedAt: Instant
  /** What mail is ordered and filtered by: when it was sent or received. */
  readonly date: Instant
  /** Bytes of the whole mail. */
  readonly size: number
  readonly messageId: string | null
  /** Message-IDs of the mails before it in its conversation, the first first. */
  readonly references: readonly string[]
  readonly headerFrom: string | null
  readonly to: readonly string[]
  readonly subject: string | null
  /** Kinds of its attachments: `pdf`, `image` ... */
  readonly types: readonly string[]
  /** What could not be read, and why: sentences. */
  readonly unreadable: readonly string[]
  /** Beginning of its text, for excerpts. */
  readonly text: string
}

export interface IndexDocument extends StoredDocument {
  /** Tokens, divided by blanks (tokens/field-text.ts). */
  readonly fields: Readonly<Record<Field, string>>
  readonly facts: readonly string[]
  /** Addresses of everybody it is from or to, for facets. */
  readonly people: readonly string[]
}

export interface IndexEntry {
  readonly id: string
  readonly revision: number
  /** null: removed. */
  readonly contentHash: ContentHash | null
}

export interface SearchRequest {
  readonly sought: Sought
  /** `date`: the newest first, and in no other order of pages. `relevance`: best match first, then the newest. */
  readonly order: 'date' | 'relevance'
  /** `next` of the page before. Throws `BadCursor` when it is none. */
  readonly cursor: string | null
  readonly limit: number
}

export interface Found {
  readonly documents: readonly StoredDocument[]
  /** null: there is no more. */
  readonly next: string | null
  /** The answer is complete up to here. */
  readonly position: Position | null
}

/** Of all that was found, whatever page is looked at. The most frequent first, months the latest first. */
export interface Facets {
  readonly total: number
  /** At most 20 addresses. */
  readonly people: readonly FacetCount[]
  /** `2026-03` (UTC); at most 240, the latest. */
  readonly months: readonly FacetCount[]
  /** `<10k` `10k-100k` `100k-1M` `1M-10M` `>10M`. */
  readonly sizes: readonly FacetCount[]
  readonly types: readonly FacetCount[]
}

export interface FacetCount {
  readonly value: string
  readonly count: number
}

export class BadCursor extends Error {
  constructor() {
    super('the cursor is not one of this list')
    this.name = 'BadCursor'
  }
}

/** The index can't take or give answers now: its disk is full, its server is away. */
export class SearchUnavailable extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'SearchUnavailable'
  }
}
