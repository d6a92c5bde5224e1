import { DatabaseSync } from 'node:sqlite'
import { compress, decompress } from './frames.ts'
import { packFile } from './layout.ts'

const SCHEMA_VERSION = 1
const PAGE_BYTES = 4_096
const CHECKPOINT_BYTES = 4_096 * PAGE_BYTES
const VACUUM_AT_FREE_PAGES = 1_024
const VACUUM_STEP_PAGES = 512
/** Below this there is nothing to win. */
const COMPRESS_FROM_BYTES = 512

const RAW = 0
const ZSTD = 1
/** Stored raw because others waited: compressed later, when nobody does. */
const UNTRIED = 2
const IDLE_ROWS = 32

/**
 * `content`: one row per content, in hash order. `packed`: the bytes of small ones, in order of arrival so that a commit writes
 * few pages. `suspect`: large files that may lie on disk without a row; looked at when the store is opened.
 */
const SCHEMA = `
  CREATE TABLE content (
    hash BLOB PRIMARY KEY, size INTEGER NOT NULL, last_put_at INTEGER NOT NULL, packed INTEGER
  ) WITHOUT ROWID, STRICT;
  CREATE TABLE packed (id INTEGER PRIMARY KEY, encoding INTEGER NOT NULL, bytes BLOB NOT NULL) STRICT;
  CREATE INDEX packed_untried ON packed (id) WHERE encoding = ${UNTRIED};
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
  /** About how much the write-ahead log got since it was last moved. */
  #loggedBytes = 0

  constructor(root: string) {
    this.#db = new DatabaseSync(packFile(root), { timeout: 5_000 })
    try {
      // Before the first table: pages that drops leave free can be given back to the disk later.
      this.#db.exec('PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
      this.#db.exec('PRAGMA wal_autocheckpoint = 0; PRAGMA cache_size = -8000; PRAGMA temp_store = MEMORY')
      this.#migrate()
      this.#statements = prepareAll(this.#db)
    } catch (error) {
      this.#db.close()
      throw error
    }
  }

  #migrate(): void {
    const version = this.#pragma('user_version')
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

  /** `rush`: many wait; the bytes are stored as they are, which takes a quarter of the time. */
  putSmall(hash: Uint8Array, bytes: Uint8Array, now: number, rush: boolean): void {
    const there = this.#find(hash)
    if (there !== undefined && there.packed !== null && this.#holds(there.packed, bytes)) {
      this.#statements.touch.run(now, hash)
      return
    }
    // Not there, or what is there has rotted: these bytes are known to be right.
    this.#removePacked(there)
    const { encoding, stored } = rush ? { encoding: UNTRIED, stored: bytes } : encode(bytes)
    const { lastInsertRowid } = this.#statements.insertPacked.run(encoding, stored)
    this.#loggedBytes += stored.length + PAGE_BYTES
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

  /** After a batch: moves the write-ahead log into the database when it has grown, gives free pages back. */
  tend(): void {
    // The log's file keeps its size when it is begun anew: its length says nothing.
    if (this.#loggedBytes > CHECKPOINT_BYTES) {
      this.#loggedBytes = 0
      this.#db.exec('PRAGMA wal_checkpoint(PASSIVE)')
      this.#vacuum()
    }
  }

  /** Answers whether it gave pages back. Free pages below that are left for the next contents. */
  #vacuum(): boolean {
    const free = this.#pragma('freelist_count')
    if (free <= VACUUM_AT_FREE_PAGES || free <= this.#pragma('page_count') / 4) return false
    this.#db.exec(`PRAGMA incremental_vacuum(${VACUUM_STEP_PAGES})`)
    this.#loggedBytes += VACUUM_STEP_PAGES * PAGE_BYTES
    return true
  }

  /**
   * When nothing else is to do: compresses some of what was stored raw in a rush, gives back some free pages. Answers whether there
   * is more of that.
   */
  idle(): boolean {
    const rows = this.#statements.untried.all() as unknown as (PackedRow & { id: number })[]
    if (rows.length > 0) {
      this.transaction(() => {
        for (const { id, bytes } of rows) {
          const { encoding, stored } = encode(bytes)
          this.#statements.updatePacked.run(encoding, stored, id)
        }
      })
      this.#loggedBytes += rows.length * 2 * PAGE_BYTES
    }
    const vacuumed = this.#vacuum()
    this.tend()
    return rows.length > 0 || vacuumed
  }

  #pragma(name: 'user_version' | 'freelist_count' | 'page_count'): number {
    return Number(this.#db.prepare(`PRAGMA ${name}`).get()?.[name])
  }

  close(): void {
    this.#db.close()
  }
}

export interface PackedRow {
  readonly encoding: number
  readonly bytes: Uint8Array
}

function encode(bytes: Uint8Array): { readonly encoding: number; readonly stored: Uint8Array } {
  const shorter = bytes.length < COMPRESS_FROM_BYTES ? bytes : compress(bytes)
  return shorter.length < bytes.length * 0.9 ? { encoding: ZSTD, stored: shorter } : { encoding: RAW, stored: bytes }
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
    touch: db.prepare('UPDATE content SET last_put_at = max(last_put_at, ?) WHERE hash = ?'),
    insertPacked: db.prepare('INSERT INTO packed (encoding, bytes) VALUES (?, ?)'),
    updatePacked: db.prepare('UPDATE packed SET encoding = ?, bytes = ? WHERE id = ?'),
    untried: db.prepare(
      `SELECT id, encoding, bytes FROM packed WHERE encoding = ${UNTRIED} ORDER BY id LIMIT ${IDLE_ROWS}`,
    ),
    removePacked: db.prepare('DELETE FROM packed WHERE id = ?'),
    upsert: db.prepare(
      `INSERT INTO content (hash, size, last_put_at, packed) VALUES (?, ?, ?, ?)
       ON CONFLICT (hash) DO UPDATE SET size = excluded.size, last_put_at = max(last_put_at, excluded.last_put_at), packed = excluded.packed`,
    ),
    remove: db.prepare('DELETE FROM content WHERE hash = ?'),
    suspect: db.prepare('INSERT OR IGNORE INTO suspect (hash) VALUES (?)'),
    clear: db.prepare('DELETE FROM suspect WHERE hash = ?'),
  }
}
