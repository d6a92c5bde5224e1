import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openViewReader } from '#infra/views/reader'
import { openViewStore } from '#infra/views/store'
import { viewStoreContract } from './view-store.ts'

viewStoreContract('SQLite', () => {
  const folder = mkdtempSync(join(tmpdir(), 'mailkeep-views-'))
  const path = join(folder, 'views.db')
  return {
    open: () => ({ store: openViewStore(path), reader: () => openViewReader(path) }),
    damage: () => writeFileSync(path, 'this was a database once'),
    cleanUp: () => rmSync(folder, { recursive: true, force: true }),
  }
})
