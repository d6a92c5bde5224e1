import { ContentStoreUnavailable } from '../port.ts'

/** Primary result codes of SQLite (errcode & 0xff). */
const SQLITE_BUSY = 5
const SQLITE_READONLY = 8
const SQLITE_CORRUPT = 11
const SQLITE_FULL = 13
const SQLITE_CANTOPEN = 14
const SQLITE_NOTADB = 26

const sqliteCode = (error: unknown): number | undefined => {
  const code = (error as { errcode?: unknown } | null)?.errcode
  return typeof code === 'number' ? code & 0xff : undefined
}

export const isDamage = (error: unknown): boolean => {
  const code = sqliteCode(error)
  return code === SQLITE_CORRUPT || code === SQLITE_NOTADB
}

export const isBusy = (error: unknown): boolean => sqliteCode(error) === SQLITE_BUSY

/** What an operator can do about an error of the disk. */
export function explain(error: unknown, root: string): string {
  const text = error instanceof Error ? error.message : String(error)
  const code = (error as NodeJS.ErrnoException | null)?.code
  const sqlite = sqliteCode(error)
  if (code === 'ENOSPC' || code === 'EDQUOT' || sqlite === SQLITE_FULL)
    return `the content store ${root} can't be written: the disk is full (${text}). Free some space, then it goes on by itself`
  if (
    code === 'EROFS' ||
    code === 'EACCES' ||
    code === 'EPERM' ||
    sqlite === SQLITE_READONLY ||
    sqlite === SQLITE_CANTOPEN
  )
    return `the content store ${root} can't be opened for writing (${text}). Check its owner and permissions`
  if (isDamage(error))
    return `the pack database of the content store ${root} is damaged (${text}). Restore it from a backup; the files beside it are intact`
  return `the content store ${root} can't be used: ${text}`
}

export const unavailable = (error: unknown, root: string): ContentStoreUnavailable =>
  error instanceof ContentStoreUnavailable ? error : new ContentStoreUnavailable(explain(error, root), { cause: error })
