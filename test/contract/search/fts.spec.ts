import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openFtsIndex } from '#infra/search/fts/fts-index'
import { searchContract } from './contract.ts'

searchContract('SQLite FTS5', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'mailkeep-search-'))
  const index = openFtsIndex(join(folder, 'archive.db'))
  return {
    index,
    settle: async () => {},
    cleanUp: async () => {
      await index.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
})
