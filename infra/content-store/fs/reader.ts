import { createHash, hash as hashOf } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'
import { DatabaseSync } from 'node:sqlite'
import type { ContentHash } from '#domain/message/content-hash'
import {
  ContentCorrupt,
  type ContentEntry,
  ContentMissing,
  type ContentReader,
  ContentStoreUnavailable,
  ContentTooLarge,
} from '../port.ts'
import { decompress, FRAME_BYTES, HEADER_BYTES, readFrameHeader } from './frames.ts'
import { hashKey, largeFile, packFile } from './layout.ts'
import { type PackedRow, unpack } from './pack.ts'
import { explain, isDamage, unavailable } from './unavailable.ts'

interface Found {
  readonly size: number
  readonly packed: number | null
  readonly encoding: number | null
  readonly bytes: Uint8Array | null
}

/**
 * Reads a store that this or another process writes, from any thread. Small contents are read in the calling thread (about 0.05 ms);
 * large ones frame by frame. Throws `ContentStoreUnavailable` when there is no store at `path`.
 */
export function openFsContentReader(path: string): ContentReader {
  return new FsContentReader(path)
}

class FsContentReader implements ContentReader {
  readonly #root: string
  readonly #db: DatabaseSync
  readonly #statements: ReturnType<typeof prepareAll>

  constructor(root: string) {
    this.#root = root
    let db: DatabaseSync | undefined
    try {
      db = new DatabaseSync(packFile(root), { readOnly: true, timeout: 5_000 })
      this.#statements = prepareAll(db)
      this.#db = db
    } catch (error) {
      db?.close()
      throw unavailable(error, root)
    }
  }

  async has(hash: ContentHash): Promise<boolean> {
    return this.#ask(hash, () => this.#statements.has.get(hashKey(hash))) !== undefined
  }

  async *open(hash: ContentHash): AsyncIterable<Uint8Array> {
    const found = this.#find(hash)
    if (found.packed !== null) {
      const bytes = this.#unpacked(hash, found)
      if (bytes.length > 0) yield bytes
      return
    }
    yield* this.#frames(hash, found.size)
  }

  async read(hash: ContentHash, maxBytes: number): Promise<Buffer> {
    const found = this.#find(hash)
    if (found.size > maxBytes) throw new ContentTooLarge(hash, found.size, maxBytes)
    if (found.packed !== null) {
      const bytes = this.#unpacked(hash, found)
      return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    }
    const whole = Buffer.allocUnsafe(found.size)
    let at = 0
    for await (const chunk of this.#frames(hash, found.size)) {
      whole.set(chunk, at)
      at += chunk.length
    }
    return whole
  }

  async list(after: ContentHash | null, limit: number): Promise<readonly ContentEntry[]> {
    const from = Buffer.from(after ?? '', 'hex')
    const rows = this.#ask(after ?? 'list', () => this.#statements.list.all(from, limit))
    return rows.map((row) => ({
      hash: Buffer.from(row['hash'] as Uint8Array).toString('hex'),
      size: Number(row['size']),
      lastPutAt: Number(row['last_put_at']),
    }))
  }

  async close(): Promise<void> {
    if (this.#db.isOpen) this.#db.close()
  }

  #find(hash: ContentHash): Found {
    const row = this.#ask(hash, () => this.#statements.find.get(hashKey(hash)))
    if (row === undefined) throw new ContentMissing(hash)
    return row as unknown as Found
  }

  #ask<T>(hash: ContentHash, query: () => T): T {
    if (!this.#db.isOpen) throw new ContentStoreUnavailable(`the content store ${this.#root} is closed`)
    try {
      return query()
    } catch (error) {
      if (isDamage(error)) throw new ContentCorrupt(hash, explain(error, this.#root), { cause: error })
      throw unavailable(error, this.#root)
    }
  }

  #unpacked(hash: ContentHash, { size, encoding, bytes }: Found): Uint8Array {
    if (encoding === null || bytes === null) throw new ContentCorrupt(hash, 'its packed bytes are gone')
    const row: PackedRow = { encoding, bytes }
    let content: Uint8Array
    try {
      content = unpack(row, size)
    } catch (error) {
      throw new ContentCorrupt(hash, `its packed bytes can't be read (${(error as Error).message})`, { cause: error })
    }
    const is = hashOf('sha256', content)
    if (is !== hash) throw new ContentCorrupt(hash, `its packed bytes have the hash ${is}`)
    return content
  }

  async *#frames(hash: ContentHash, size: number): AsyncIterable<Uint8Array> {
    const path = largeFile(this.#root, hash)
    const file = await this.#openFile(hash, path)
    try {
      const digest = createHash('sha256')
      let read = 0
      let at = 0
      const header = Buffer.allocUnsafe(HEADER_BYTES)
      while (read < size) {
        const wrong = (why: string, cause?: unknown) =>
          new ContentCorrupt(hash, `${path} at byte ${at}: ${why}`, cause === undefined ? {} : { cause })
        const length = (await this.#fill(file, header, at)) ? readFrameHeader(header) : undefined
        if (length === undefined) throw wrong(`no frame where one should begin, ${read} of ${size} bytes read`)
        const frame = Buffer.allocUnsafe(length)
        if (!(await this.#fill(file, frame, at + HEADER_BYTES))) throw wrong('the file ends within a frame')
        let content: Buffer
        try {
          content = decompress(frame, Math.min(FRAME_BYTES, size - read))
        } catch (error) {
          throw wrong(`a frame can't be decompressed (${(error as Error).message})`, error)
        }
        if (content.length === 0) throw wrong('an empty frame')
        digest.update(content)
        read += content.length
        at += HEADER_BYTES + length
        // The last bytes are given out only when all of them are known to be right.
        if (read === size) {
          const is = digest.digest('hex')
          if (is !== hash) throw new ContentCorrupt(hash, `${path} has the hash ${is}`)
        }
        yield content
      }
    } finally {
      await file.close()
    }
  }

  async #openFile(hash: ContentHash, path: string): Promise<FileHandle> {
    try {
      return await open(path, 'r')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw unavailable(error, this.#root)
      // Dropped between the look into the database and now, or lost.
      if (await this.has(hash)) throw new ContentCorrupt(hash, `${path} is missing`, { cause: error })
      throw new ContentMissing(hash)
    }
  }

  /** False when the file ends before the buffer is full. */
  async #fill(file: FileHandle, buffer: Buffer, position: number): Promise<boolean> {
    let filled = 0
    while (filled < buffer.length) {
      let bytesRead: number
      try {
        ;({ bytesRead } = await file.read(buffer, filled, buffer.length - filled, position + filled))
      } catch (error) {
        throw unavailable(error, this.#root)
      }
      if (bytesRead === 0) return false
      filled += bytesRead
    }
    return true
  }
}

function prepareAll(db: DatabaseSync) {
  return {
    has: db.prepare('SELECT 1 FROM content WHERE hash = ?'),
    find: db.prepare(
      `SELECT content.size, content.packed, packed.encoding, packed.bytes
       FROM content LEFT JOIN packed ON packed.id = content.packed WHERE content.hash = ?`,
    ),
    list: db.prepare('SELECT hash, size, last_put_at FROM content WHERE hash > ? ORDER BY hash LIMIT ?'),
  }
}
