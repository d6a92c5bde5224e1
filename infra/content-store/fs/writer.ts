import { mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { syncFolderNow } from '#infra/config/durable-file'
import { hashKey, incomingFolder, largeFile, largeFolder, lockFile } from './layout.ts'
import { Pack } from './pack.ts'
import { explain, isBusy } from './unavailable.ts'
import type { PutLarge, WriterBatch, WriterResult, WriterTask } from './writer-messages.ts'

/** From so many in one batch on, small contents are compressed later. */
const RUSH_TASKS = 4

/**
 * The one writer of a store: does batches one after the other, so a drop never runs beside a put of the same content.
 * Runs in a thread of its own; everything here is synchronous.
 */
export class Writer {
  readonly #root: string
  readonly #lock: DatabaseSync
  readonly #pack: Pack
  /** Files that are gone: their suspicion is lifted with the next commit. */
  #removed: Uint8Array[] = []

  /** `leftovers`: what lies in the incoming folder is left over from another process, and is removed. */
  constructor(root: string, leftovers: boolean) {
    this.#root = root
    for (const folder of [incomingFolder(root), largeFolder(root)]) mkdirSync(folder, { recursive: true, mode: 0o700 })
    this.#lock = takeLock(root)
    try {
      this.#pack = new Pack(root)
      const incoming = leftovers ? readdirSync(incomingFolder(root)) : []
      for (const name of incoming) rmSync(join(incomingFolder(root), name), { force: true })
      this.#clearSuspects()
      for (const folder of [largeFolder(root), root, dirname(root)]) syncFolderNow(folder)
    } catch (error) {
      this.#lock.close()
      throw error
    }
  }

  /** Large files that a crash left without a row, or whose removal it interrupted. */
  #clearSuspects(): void {
    const suspects = this.#pack.suspects()
    if (suspects.length === 0) return
    for (const hash of suspects) this.#removeFileUnlessKept(hash)
    this.#pack.transaction(() => suspects.forEach((hash) => this.#pack.clear(hash)))
  }

  #removeFileUnlessKept(hash: Uint8Array): void {
    if (!this.#pack.has(hash)) rmSync(largeFile(this.#root, Buffer.from(hash).toString('hex')), { force: true })
  }

  run({ tasks, bytes }: WriterBatch): WriterResult[] {
    let failed: ReadonlyMap<WriterTask, string>
    let results: WriterResult[] = []
    const dropped: Uint8Array[] = []
    try {
      failed = this.#placeLarge(tasks.filter((task) => task.kind === 'large'))
      this.#pack.transaction(() => {
        results = tasks.map((task) => {
          const why = failed.get(task)
          return why === undefined ? this.#do(task, bytes, dropped, tasks.length >= RUSH_TASKS) : { failed: why }
        })
        for (const hash of this.#removed) this.#pack.clear(hash)
      })
      this.#removed = []
    } catch (error) {
      const why = explain(error, this.#root)
      return tasks.map(() => ({ failed: why }))
    }
    for (const hash of dropped) {
      this.#removeFileUnlessKept(hash)
      this.#removed.push(hash)
    }
    return results
  }

  #do(task: WriterTask, bytes: Uint8Array, dropped: Uint8Array[], rush: boolean): boolean {
    const hash = hashKey(task.hash)
    // Time is taken here, in the order of the batches: a put that was answered is never older than it looks.
    if (task.kind === 'small') this.#pack.putSmall(hash, bytes.subarray(task.from, task.to), Date.now(), rush)
    else if (task.kind === 'large') this.#pack.putLarge(hash, task.size, Date.now())
    else {
      const outcome = this.#pack.drop(hash, task.putBefore)
      if (outcome === 'file') dropped.push(hash)
      return outcome !== 'kept'
    }
    return true
  }

  /** Puts large files in their places, durably; answers those for which that failed. They become contents with their rows. */
  #placeLarge(tasks: readonly PutLarge[]): ReadonlyMap<WriterTask, string> {
    const failed = new Map<WriterTask, string>()
    if (tasks.length === 0) return failed
    this.#pack.transaction(() => tasks.forEach((task) => this.#pack.suspect(Buffer.from(task.hash, 'hex'))))
    const folders = new Set<string>()
    for (const task of tasks) {
      const file = largeFile(this.#root, task.hash)
      try {
        if (mkdirSync(dirname(file), { recursive: true, mode: 0o700 }) !== undefined)
          folders.add(largeFolder(this.#root))
        renameSync(task.file, file)
        folders.add(dirname(file))
      } catch (error) {
        failed.set(task, explain(error, this.#root))
      }
    }
    for (const folder of folders) syncFolderNow(folder)
    return failed
  }

  tend(): void {
    this.#pack.tend()
  }

  /** One piece of what can wait; answers whether there is more. */
  idle(): boolean {
    return this.#pack.idle()
  }

  close(): void {
    this.#pack.close()
    this.#lock.close()
  }
}

/** An open transaction on a database of its own: the lock dies with the process, however it ends. */
function takeLock(root: string): DatabaseSync {
  const lock = new DatabaseSync(lockFile(root), { timeout: 0 })
  try {
    lock.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
    return lock
  } catch (error) {
    lock.close()
    if (!isBusy(error)) throw error
    throw new Error('another process has it open for writing', { cause: error })
  }
}
