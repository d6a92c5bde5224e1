import { readFileSync, writeFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { LogUnavailable } from '../port.ts'
import { isBusy, unavailable } from './failure.ts'

/**
 * One writer per log. An open exclusive transaction on a file of its own is the operating system's lock on that file: it ends with
 * the process however that ends, and needs no cleaning up. Who holds it is in a text file beside it, for the message only.
 * Never open the `.lock` file otherwise in this process: closing it again would give up the lock (POSIX).
 */
export const acquireLock = (path: string): { release(): void } => {
  let database: DatabaseSync | undefined
  try {
    database = new DatabaseSync(`${path}.lock`, { timeout: 0 })
    database.exec('BEGIN EXCLUSIVE')
    writeFileSync(`${path}.pid`, `${process.pid}\n`)
    const held = database
    return { release: () => held.close() }
  } catch (error) {
    if (database?.isOpen === true) database.close()
    if (!isBusy(error)) throw unavailable(error, path)
    throw new LogUnavailable(
      'locked',
      `the event log ${path} is in use by ${holder(path)}: stop that server first, or give this one another data folder`,
      { cause: error },
    )
  }
}

const holder = (path: string): string => {
  try {
    return `process ${readFileSync(`${path}.pid`, 'utf8').trim()}`
  } catch (error) {
    return `another process (which one could not be read: ${error instanceof Error ? error.message : String(error)})`
  }
}
