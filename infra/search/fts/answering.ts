import { statSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import { workerData } from 'node:worker_threads'
import type { Position } from '#infra/event-log/port'
import {
  BadCursor,
  type Facets,
  type Found,
  type IndexEntry,
  type SearchRequest,
  type StoredDocument,
} from '../port.ts'
import type { Sought } from '../sought.ts'
import { openForReading } from './database.ts'
import { Searching } from './searching.ts'

/* A thread that answers searches: SQLite answers at once, and may take its time. Errors lose their class between threads: a bad cursor goes as a value. */
const { path } = workerData as { readonly path: string }

let opened: { readonly database: DatabaseSync; readonly searching: Searching; readonly file: string } | null = null

/** The index as it is now: it may be thrown away and made anew at any time. null: there is none yet. */
const searching = (): Searching | null => {
  const file = fileAt(path)
  if (opened !== null && opened.file === file) return opened.searching
  opened?.database.close()
  opened = null
  const database = file === null ? null : openForReading(path)
  if (database === null || file === null) return null
  opened = { database, searching: new Searching(database), file }
  return opened.searching
}

const fileAt = (path: string): string | null => {
  const found = statSync(path, { throwIfNoEntry: false })
  return found === undefined ? null : `${found.dev}:${found.ino}`
}

export const search = (request: SearchRequest): Found | 'bad cursor' => {
  try {
    return searching()?.search(request) ?? { documents: [], next: null, position: null }
  } catch (error) {
    if (error instanceof BadCursor) return 'bad cursor'
    throw error
  }
}

export const facets = (sought: Sought): Facets =>
  searching()?.facets(sought) ?? { total: 0, people: [], months: [], sizes: [], types: [] }

export const documents = (ids: readonly string[]): readonly StoredDocument[] => searching()?.documents(ids) ?? []

export const list = ({ after, limit }: { after: string | null; limit: number }): readonly IndexEntry[] =>
  searching()?.list(after, limit) ?? []

export const checkpoint = (): Position | null => searching()?.checkpoint() ?? null
