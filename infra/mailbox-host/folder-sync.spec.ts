import { join } from 'node:path'
import { expect, it } from 'vitest'
import { temporaryFolder } from '#test/dsl/temporary'
import { FolderSync } from './folder-sync.ts'

it('shares the next sync among all who ask while one is under way', async () => {
  const folder = await temporaryFolder()
  const folders = new FolderSync()
  const [first, second, third] = [folders.sync(folder), folders.sync(folder), folders.sync(folder)]
  expect(second).not.toBe(first)
  expect(third).toBe(second)
  await Promise.all([first, second, third])
  const later = folders.sync(folder)
  expect(later).not.toBe(second)
  await later
})

it('tells everyone who asked when the folder is gone, and goes on with others', async () => {
  const folders = new FolderSync()
  const gone = join(await temporaryFolder(), 'gone')
  const outcomes = await Promise.allSettled([folders.sync(gone), folders.sync(gone), folders.sync(gone)])
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
  await folders.sync(await temporaryFolder())
})
