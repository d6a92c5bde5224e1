import { randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, openSync } from 'node:fs'
import { link, mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Makes names in a folder survive a power cut. Folders can't be opened for that on Windows, where it isn't needed. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** The same in the calling thread, for those that may block. */
export function syncFolderNow(folder: string): void {
  if (process.platform === 'win32') return
  const descriptor = openSync(folder, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

async function writeAside(file: string, content: string, mode: number): Promise<string> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  const aside = `${file}.${randomBytes(6).toString('hex')}.tmp`
  const handle = await open(aside, 'wx', mode)
  try {
    await handle.writeFile(content)
    await handle.sync()
  } finally {
    await handle.close()
  }
  return aside
}

/** Writes a whole file at once: a reader sees the old or the new one. */
export async function replaceDurably(file: string, content: string, mode: number): Promise<void> {
  const aside = await writeAside(file, content, mode)
  try {
    await rename(aside, file)
  } catch (error) {
    await rm(aside, { force: true })
    throw error
  }
  await syncFolder(dirname(file))
}

/** The same, unless the file is there: answers whether it was made. Of two that try at once one makes it. */
export async function createDurably(file: string, content: string, mode: number): Promise<boolean> {
  const aside = await writeAside(file, content, mode)
  try {
    await link(aside, file)
    await syncFolder(dirname(file))
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  } finally {
    await rm(aside, { force: true })
  }
}
