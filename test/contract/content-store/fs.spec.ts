import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { openFsContentStore } from '#infra/content-store/fs/store'
import { contentStoreContract } from './contract.ts'

const folders: string[] = []
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true }))))

contentStoreContract('fs', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'mailkeep-content-'))
  folders.push(folder)
  return openFsContentStore({ path: join(folder, 'content') })
})
