import { createHash } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import type { Cell, Projection, Table } from '#domain/kernel/projection'
import { openForReading } from './database.ts'
import { quoted, storedName } from './stored-names.ts'

/** What a comparison of two builds found. Rows are compared in the order of their keys. */
export interface Comparison {
  readonly same: boolean
  readonly tables: readonly TableComparison[]
}

export interface TableComparison {
  readonly table: string
  readonly rows: number
  readonly rebuiltRows: number
  /** SHA-256 over all rows, hex. */
  readonly digest: string
  readonly rebuiltDigest: string
}

/** Rows hashed without giving way. */
const STEP = 500

export interface Comparing {
  compare(signal: AbortSignal): Promise<Comparison>
}

/**
 * Fixes both builds as they are at this call (a snapshot of their file), so that the live one may go on while their rows are hashed.
 * `compare` ends the snapshot.
 */
export function snapshotOf(path: string, projection: Projection, live: number, rebuilt: number): Comparing {
  const database = openForReading(path)
  try {
    database.exec('BEGIN')
    database.prepare('SELECT count(*) FROM builds').get()
  } catch (error) {
    database.close()
    throw error
  }
  const digestOf = async (table: Table, generation: number, signal: AbortSignal) => {
    const columns = Object.keys(table.columns).map(quoted).join()
    const order = table.key.map(quoted).join()
    const stored = quoted(storedName(projection.name, table.name, generation))
    const statement = database.prepare(`SELECT ${columns} FROM ${stored} ORDER BY ${order}`)
    statement.setReturnArrays(true)
    const hash = createHash('sha256')
    let rows = 0
    for (const row of statement.iterate() as unknown as Iterable<readonly Cell[]>) {
      hash.update(JSON.stringify(row)).update('\n')
      if (++rows % STEP === 0) {
        await setImmediate()
        signal.throwIfAborted()
      }
    }
    return { rows, digest: hash.digest('hex') }
  }
  return {
    async compare(signal) {
      try {
        const tables: TableComparison[] = []
        for (const table of projection.tables) {
          const before = await digestOf(table, live, signal)
          const after = await digestOf(table, rebuilt, signal)
          tables.push({
            table: table.name,
            rows: before.rows,
            rebuiltRows: after.rows,
            digest: before.digest,
            rebuiltDigest: after.digest,
          })
        }
        return { same: tables.every(({ digest, rebuiltDigest }) => digest === rebuiltDigest), tables }
      } finally {
        database.close()
      }
    },
  }
}
