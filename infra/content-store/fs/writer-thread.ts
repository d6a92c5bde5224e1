import { parentPort, workerData } from 'node:worker_threads'
import { explain } from './unavailable.ts'
import { Writer } from './writer.ts'
import type { WriterReply, WriterRequest } from './writer-messages.ts'

const port = parentPort
if (port === null) throw new Error('the content writer runs in a worker thread')
const { root } = workerData as { root: string }
const reply = (message: WriterReply): void => port.postMessage(message, [])

const writer = open()
if (writer === undefined) port.close()
else {
  port.on('message', (request: WriterRequest) => {
    if (request.kind === 'close') {
      writer.close()
      port.close()
      return
    }
    reply({ kind: 'results', results: writer.run(request.batch) })
    try {
      writer.tend()
    } catch (error) {
      // What was acknowledged is in the write-ahead log and stays there.
      reply({ kind: 'problem', why: explain(error, root) })
    }
  })
}

function open(): Writer | undefined {
  try {
    const opened = new Writer(root)
    reply({ kind: 'opened' })
    return opened
  } catch (error) {
    reply({ kind: 'refused', why: explain(error, root) })
    return undefined
  }
}
