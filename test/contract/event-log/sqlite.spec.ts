import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openSqliteEventLog } from '#infra/event-log/sqlite/open'
import { eventLogContract } from './contract.ts'
import { contractCodec } from './fixture.ts'

eventLogContract('SQLite', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'mailkeep-log-'))
  const open = () => openSqliteEventLog({ path: join(folder, 'log', 'events.db'), codec: contractCodec })
  let current = await open()
  return {
    log: current,
    reopen: async () => {
      await current.close()
      current = await open()
      return current
    },
    close: async () => {
      await current.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
})
