import { parentPort, workerData } from 'node:worker_threads'
import { eventTypes } from '#domain/event-types'
import { openFsContentReader } from '#infra/content-store/fs/reader'
import { createCodec } from '#infra/event-log/codec'
import { openLogReader } from '#infra/event-log/engines'
import { openSearchIndex } from '#infra/search/open'
import { Indexer } from './indexer.ts'
import type { FromIndexing, IndexingSettings, ToIndexing } from './indexing-protocol.ts'
import { openTexts } from './texts.ts'
import { verifyIndex } from './verify-index.ts'

/* The thread that keeps the search index. It ends when it is told to stop, or by throwing: then it is started again. */
if (parentPort === null) throw new Error('this is started as a worker thread')
const port = parentPort
const settings = workerData as IndexingSettings
const tell = (message: FromIndexing): void => port.postMessage(message)

const log = await openLogReader(settings.log, createCodec(eventTypes))
const index = await openSearchIndex(settings.search)
const content = openFsContentReader(settings.content)
const texts = openTexts({ content: settings.content })
const parts = { log, index, texts }
const indexer = new Indexer({ ...parts, trouble: (reason) => tell({ kind: 'trouble', reason }) })

const obey = async (message: ToIndexing): Promise<void> => {
  if (message.kind === 'verify') {
    try {
      const verified = await verifyIndex(parts, content, message)
      tell({ kind: 'verified', task: message.task, outcome: { value: verified } })
    } catch (error) {
      const sentence = error instanceof Error ? error.message : String(error)
      tell({ kind: 'verified', task: message.task, outcome: { error: sentence } })
    }
    return
  }
  await indexer.stop()
  await Promise.all([texts.close(), index.close(), content.close(), log.close()])
  port.close()
}

port.on('message', (message: ToIndexing) => void obey(message))
indexer.start()
