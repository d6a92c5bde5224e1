import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** Takes what is to be done at the end: of the test, unless somebody else says when that is. */
export type AtTheEnd = (end: () => void | Promise<void>) => void

/** A folder of this test's own, removed after it. */
export const temporaryFolder = async (atTheEnd: AtTheEnd = onTestFinished): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'mailkeep-'))
  atTheEnd(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
  return folder
}
