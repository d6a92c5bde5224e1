import { DatabaseSync } from 'node:sqlite'
import { compress, decompress } from './frames.ts'
import { packFile } from './layout.ts'

const SCHEMA_VERSION = 1
const CHECKPOINT_PAGES = 4_096
const VACUUM_AT_FREE_PAGES = 1_024
const VACUUM_STEP_PAGES = 512
/** Below this there is nothing to win. */
const COMPRESS_FROM_BYTES = 512

const RAW = 0
const ZSTD = 1

/**
 * `content`: one row per content, in hash order. `packed`: the bytes of small ones, in order of arrival so that a commit writes
 * few pages. `suspect`: large files that may lie on disk without a row; looked at when the store is opened.
 */
const SCHEMA = `
  CREATE TABLE content (
    hash BLOB PRIMARY KEY, size INTEGER NOT NULL, last_put_at INTEGER NOT NULL, packed INTEGER
  ) WITHOUT ROWID, STRICT;
  CREATE TABLE packed (id INTEGER PRIMARY KEY, encoding INTEGER NOT NULL, bytes BLOB NOT NULL) STRICT;
  CREATE TABLE suspect (hash BLOB PRIMARY KEY) WITHOUT ROWID, STRICT;
  PRAGMA user_version = ${SCHEMA_VERSION};
`

interface ContentRow {
  readonly size: number
  readonly last_put_at: number
  readonly packed: number | null
}

/** The pack database, as the one writer sees it. Every method throws what SQLite throws. */
export class Pack {
  readonly #db: DatabaseSync
  readonly #statements: ReturnType<typeof prepareAll>

  constructor(root: string) {
    this.#db = new DatabaseSync(packFile(root), { timeout: 5_000 })
    // Before the first table: pages that drops leave free can be given back to the disk later.
    this.#db.exec('PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
    this.#db.exec('PRAGMA wal_autocheckpoint = 0; PRAGMA cache_size = -8000; PRAGMA temp_store = MEMORY')
    this.#migrate()
    this.#statements = prepareAll(this.#db)
  }

  #migrate(): void {
    const version = Number(this.#db.prepare('PRAGMA user_version').get()?.['user_version'])
    if (version === 0) this.transaction(() => this.#db.exec(SCHEMA))
    else if (version !== SCHEMA_VERSION) {
      throw new Error(`its pack database has version ${version}, this build knows ${SCHEMA_VERSION}`)
    }
  }

  /** Durable when it returns; nothing of it is kept when it throws. */
  transaction(work: () => void): void {
    this.#db.exec('BEGIN IMMEDIATE')
    try {
      work()
      this.#db.exec('COMMIT')
    } catch (error) {
      // A full disk may have rolled it back already.
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK')
      throw error
    }
  }

  has(hash: Uint8Array): boolean {
    return this.#find(hash) !== undefined
  }

  #find(hash: Uint8Array): ContentRow | undefined {
    return this.#statements.find.get(hash) as unknown as ContentRow | undefined
  }

  putSmall(hash: Uint8Array, bytes: Uint8Array, now: number): void {
    const there = this.#find(hash)
    if (there !== undefined && there.packed !== null && this.#holds(there.packed, bytes)) {
      this.#statements.touch.run(now, hash)
      return
    }
    // Not there, or what is there has rotted: these bytes are known to be right.
    this.#removePacked(there)
    const shorter = bytes.length < COMPRESS_FROM_BYTES ? undefined : compress(bytes)
    const { lastInsertRowid } =
      shorter !== undefined && shorter.length < bytes.length * 0.9
        ? this.#statements.insertPacked.run(ZSTD, shorter)
        : this.#statements.insertPacked.run(RAW, bytes)
    this.#statements.upsert.run(hash, bytes.length, now, lastInsertRowid)
  }

  #holds(id: number, bytes: Uint8Array): boolean {
    const row = this.#statements.packed.get(id) as unknown as PackedRow | undefined
    if (row === undefined) return false
    try {
      return Buffer.compare(unpack(row, bytes.length), bytes) === 0
    } catch (error) {
      if (error instanceof RangeError || (error as NodeJS.ErrnoException).code !== undefined) return false
      throw error
    }
  }

  #removePacked(row: ContentRow | undefined): void {
    if (row !== undefined && row.packed !== null) this.#statements.removePacked.run(row.packed)
  }

  /** The file is in its place already. */
  putLarge(hash: Uint8Array, size: number, now: number): void {
    const there = this.#find(hash)
    this.#removePacked(there)
    this.#statements.upsert.run(hash, size, now, null)
    this.#statements.clear.run(hash)
  }

  /** `kept` when it was put at or after `putBefore`. After `file` the caller removes the file once this is committed. */
  drop(hash: Uint8Array, putBefore: number): 'absent' | 'kept' | 'gone' | 'file' {
    const there = this.#find(hash)
    if (there === undefined) return 'absent'
    if (there.last_put_at >= putBefore) return 'kept'
    this.#statements.remove.run(hash)
    if (there.packed !== null) {
      this.#statements.removePacked.run(there.packed)
      return 'gone'
    }
    this.#statements.suspect.run(hash)
    return 'file'
  }

  suspect(hash: Uint8Array): void {
    this.#statements.suspect.run(hash)
  }

  clear(hash: Uint8Array): void {
    this.#statements.clear.run(hash)
  }

  suspects(): Uint8Array[] {
    return this.#db
      .prepare('SELECT hash FROM suspect')
      .all()
      .map((row) => row['hash'] as Uint8Array)
  }

  /** Between batches: moves the write-ahead log into the database when it has grown, gives free pages back. */
  tend(walBytes: number): void {
    if (walBytes > CHECKPOINT_PAGES * 4_096) this.#db.exec('PRAGMA wal_checkpoint(PASSIVE)')
    const free = Number(this.#db.prepare('PRAGMA freelist_count').get()?.['freelist_count'])
    if (free < VACUUM_AT_FREE_PAGES) return
    const all = Number(this.#db.prepare('PRAGMA page_count').get()?.['page_count'])
    if (free > all / 4) this.#db.exec(`PRAGMA incremental_vacuum(${VACUUM_STEP_PAGES})`)
  }

  close(): void {
    this.#db.close()
  }
}

export interface PackedRow {
  readonly encoding: number
  readonly bytes: Uint8Array
}

/** The content of a packed row. Throws when it can't be unpacked to `size` bytes. */
export function unpack(row: PackedRow, size: number): Uint8Array {
  const bytes = row.encoding === ZSTD ? decompress(row.bytes, size) : row.bytes
  if (bytes.length !== size) throw new RangeError(`${bytes.length} bytes are stored instead of ${size}`)
  return bytes
}

function prepareAll(db: DatabaseSync) {
  return {
    find: db.prepare('SELECT size, last_put_at, packed FROM content WHERE hash = ?'),
    packed: db.prepare('SELECT encoding, bytes FROM packed WHERE id = ?'),
    touch: db.prepare('UPDATE content SET last_put_at = ? WHERE hash = ?'),
    insertPacked: db.prepare('INSERT INTO packed (encoding, bytes) VALUES (?, ?)'),
    removePacked: db.prepare('DELETE FROM packed WHERE id = ?'),
    upsert: db.prepare(
      `INSERT INTO content (hash, size, last_put_at, packed) VALUES (?, ?, ?, ?)
       ON CONFLICT (hash) DO UPDATE SET size = excluded.size, last_put_at = excluded.last_put_at, packed = excluded.packed`,
    ),
    remove: db.prepare('DELETE FROM content WHERE hash = ?'),
    suspect: db.prepare('INSERT OR IGNORE INTO suspect (hash) VALUES (?)'),
    clear: db.prepare('DELETE FROM suspect WHERE hash = ?'),
  }
}
