import { accessSync, constants, statfsSync } from 'node:fs'
import { dirname } from 'node:path'
import { LogUnavailable } from '../port.ts'

/** A failure as it crosses threads: errors lose their class on the way. */
export interface Failure {
  readonly why: LogUnavailable['why']
  readonly message: string
}

/** Primary result codes, https://sqlite.org/rescode.html */
const BUSY = 5
const LOCKED = 6
const READONLY = 8
const IOERR = 10
const CORRUPT = 11
const FULL = 13
const CANTOPEN = 14
const NOTADB = 26

const resultCode = (error: unknown): number | undefined => {
  if (!(error instanceof Error) || !('errcode' in error)) return undefined
  return typeof error.errcode === 'number' ? error.errcode & 0xff : undefined
}

export const isBusy = (error: unknown): boolean => {
  const code = resultCode(error)
  return code === BUSY || code === LOCKED
}
export const isCorruption = (error: unknown): boolean => {
  const code = resultCode(error)
  return code === CORRUPT || code === NOTADB
}

/** What SQLite or the file system said about the log at `path`, in words an operator can act on. */
export const failureOf = (error: unknown, path: string): Failure => {
  if (error instanceof LogUnavailable) return { why: error.why, message: error.message }
  const said = error instanceof Error ? error.message : String(error)
  const code = resultCode(error)
  const system = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === FULL || system === 'ENOSPC' || system === 'EDQUOT' || (code === IOERR && isFull(path))) {
    return {
      why: 'disk-full',
      message: `the disk under ${path} is full (${said}): make room, appends go on by themselves`,
    }
  }
  if (code === CORRUPT || code === NOTADB) {
    return {
      why: 'corrupt',
      message: `the event log ${path} is damaged (${said}): nothing was repaired; read what is left with "mailkeep log verify", then restore a backup`,
    }
  }
  if (
    code === READONLY ||
    system === 'EROFS' ||
    system === 'EACCES' ||
    system === 'EPERM' ||
    (code === CANTOPEN && !isWritable(path))
  ) {
    return {
      why: 'read-only',
      message: `the event log ${path} can't be written (${said}): check owner and mode of its folder`,
    }
  }
  if (code === BUSY || code === LOCKED) {
    return { why: 'locked', message: `the event log ${path} is in use by another process (${said})` }
  }
  return { why: 'other', message: `the event log ${path} failed: ${said}` }
}

export const unavailable = (error: unknown, path: string): LogUnavailable => {
  if (error instanceof LogUnavailable) return error
  const { why, message } = failureOf(error, path)
  return new LogUnavailable(why, message, { cause: error })
}

const isWritable = (path: string): boolean => {
  try {
    accessSync(dirname(path), constants.W_OK)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ENOENT'
  }
}

const isFull = (path: string): boolean => {
  try {
    const { bavail, bsize } = statfsSync(dirname(path))
    return bavail * bsize < 1_048_576
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ENOSPC'
  }
}
