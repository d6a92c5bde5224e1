import { parentPort, workerData } from 'node:worker_threads'
import { explain } from './unavailable.ts'
import { Writer } from './writer.ts'
import type { WriterReply, WriterRequest } from './writer-messages.ts'

/** Quiet for so long: then what can wait is done, in pieces short enough that nobody waits for them. */
const IDLE_AFTER_MS = 1_000
const BETWEEN_PIECES_MS = 20

const port = parentPort
if (port === null) throw new Error('the content writer runs in a worker thread')
const { root, leftovers } = workerData as { root: string; leftovers: boolean }
const reply = (message: WriterReply): void => port.postMessage(message, [])

const writer = open()
if (writer === undefined) port.close()
else {
  let resting: NodeJS.Timeout | undefined
  const attempt = (work: () => void): void => {
    try {
      work()
    } catch (error) {
      // What was acknowledged is in the write-ahead log and stays there.
      reply({ kind: 'problem', why: explain(error, root) })
    }
  }
  const rest = (): void => {
    attempt(() => {
      if (writer.idle()) resting = setTimeout(rest, BETWEEN_PIECES_MS)
    })
  }
  port.on('message', (request: WriterRequest) => {
    clearTimeout(resting)
    if (request.kind === 'close') {
      writer.close()
      port.close()
      return
    }
    reply({ kind: 'results', results: writer.run(request.batch) })
    attempt(() => writer.tend())
    resting = setTimeout(rest, IDLE_AFTER_MS)
  })
}

function open(): Writer | undefined {
  try {
    const opened = new Writer(root, leftovers)
    reply({ kind: 'opened' })
    return opened
  } catch (error) {
    reply({ kind: 'refused', why: explain(error, root) })
    return undefined
  }
}
