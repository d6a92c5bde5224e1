import { parentPort, workerData } from 'node:worker_threads'
import { openFsContentReader } from '#infra/content-store/fs/reader'
import { collect, sha256 } from './bytes.ts'

/** Answers each hash with the hash of what it reads under it. */
const { path } = workerData as { path: string }
const reader = openFsContentReader(path)
parentPort?.on('message', async (hash: string) => {
  parentPort?.postMessage(sha256(await collect(reader.open(hash))), [])
})
parentPort?.postMessage('ready', [])
