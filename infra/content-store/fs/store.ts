import { hash as hashOf } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { ContentHash } from '#domain/message/content-hash'
import type { Instant } from '#domain/kernel/instant'
import {
  type ContentEntry,
  type ContentReader,
  type ContentStore,
  ContentStoreUnavailable,
  type StoredContent,
} from '../port.ts'
import { type Received, receive } from './incoming.ts'
import { PACKED_MAX_BYTES } from './layout.ts'
import { openFsContentReader } from './reader.ts'
import { WriterLink } from './writer-link.ts'

export interface FsContentStoreOptions {
  /** Its folder, made when it isn't there. One process writes at a time; any number may read. */
  readonly path: string
  /** Told what went wrong after it was acknowledged, and therefore lost nothing (tending the files). */
  readonly onProblem?: (problem: Error) => void
}

/**
 * The embedded content store: small contents in a SQLite database whose commits concurrent puts share, large ones as files.
 * Throws `ContentStoreUnavailable` when it can't be opened: no permission, disk full, another process has it, a newer version.
 */
export async function openFsContentStore({ path, onProblem }: FsContentStoreOptions): Promise<ContentStore> {
  const root = resolve(path)
  const link = new WriterLink(root, onProblem ?? ((problem) => process.emitWarning(problem)))
  await link.open()
  try {
    return new FsContentStore(root, link, openFsContentReader(root))
  } catch (error) {
    await link.close()
    throw error
  }
}

class FsContentStore implements ContentStore {
  readonly #root: string
  readonly #link: WriterLink
  readonly #reader: ContentReader
  readonly #puts = new Set<Promise<unknown>>()
  #closed = false

  constructor(root: string, link: WriterLink, reader: ContentReader) {
    this.#root = root
    this.#link = link
    this.#reader = reader
  }

  async put(source: AsyncIterable<Uint8Array> | Uint8Array): Promise<StoredContent> {
    if (this.#closed) throw new ContentStoreUnavailable(`the content store ${this.#root} is closed`)
    const put = this.#put(source)
    this.#puts.add(put)
    try {
      return await put
    } finally {
      this.#puts.delete(put)
    }
  }

  async #put(source: AsyncIterable<Uint8Array> | Uint8Array): Promise<StoredContent> {
    const received = await this.#receive(source)
    if (received.kind === 'small') {
      await this.#link.run(received)
      return { hash: received.hash, size: received.bytes.length }
    }
    try {
      await this.#link.run(received)
    } catch (error) {
      await rm(received.file, { force: true })
      throw error
    }
    return { hash: received.hash, size: received.size }
  }

  #receive(source: AsyncIterable<Uint8Array> | Uint8Array): Received | Promise<Received> {
    if (!(source instanceof Uint8Array)) return receive(source, this.#root)
    if (source.length > PACKED_MAX_BYTES) return receive(oneChunk(source), this.#root)
    return { kind: 'small', hash: hashOf('sha256', source), bytes: source }
  }

  open(hash: ContentHash): AsyncIterable<Uint8Array> {
    return this.#reader.open(hash)
  }

  read(hash: ContentHash, maxBytes: number): Promise<Buffer> {
    return this.#reader.read(hash, maxBytes)
  }

  has(hash: ContentHash): Promise<boolean> {
    return this.#reader.has(hash)
  }

  drop(hash: ContentHash, putBefore: Instant): Promise<boolean> {
    return this.#link.run({ kind: 'drop', hash, putBefore })
  }

  list(after: ContentHash | null, limit: number): Promise<readonly ContentEntry[]> {
    return this.#reader.list(after, limit)
  }

  /** Waits for puts that are under way: their sources must end. */
  async close(): Promise<void> {
    this.#closed = true
    await Promise.allSettled(this.#puts)
    await this.#reader.close()
    // Last: whoever may write moves the write-ahead log into the database when nobody else has it open.
    await this.#link.close()
  }
}

async function* oneChunk(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes
}
