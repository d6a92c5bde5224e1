import { parentPort, workerData } from 'node:worker_threads'
import { eventTypes } from '#domain/event-types'
import { createCodec } from '#infra/event-log/codec'
import { openLogReader } from '#infra/event-log/engines'
import { openViewStore } from '#infra/views/store'
import { projections } from './projections.ts'
import type { FromProjector, Outcome, ProjectorSettings, ToProjector } from './protocol.ts'
import { Runner } from './runner.ts'

/* The thread that runs the projections. It ends when it is told to stop, or by throwing: then it is started again. */
if (parentPort === null) throw new Error('this is started as a worker thread')
const port = parentPort
const settings = workerData as ProjectorSettings

const log = await openLogReader(settings.log, createCodec(eventTypes))
const runner = new Runner({
  log,
  store: openViewStore(settings.views),
  path: settings.views,
  projections: projections.filter(({ name }) => settings.only?.includes(name) ?? true),
  known: projections,
  post: (message: FromProjector) => port.postMessage(message),
  now: Date.now,
})

async function outcomeOf<Value>(work: Promise<Value>): Promise<Outcome<Value>> {
  try {
    return { value: await work }
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) }
  }
}

async function obey(message: ToProjector): Promise<void> {
  switch (message.kind) {
    case 'rebuild':
      port.postMessage({
        kind: 'rebuilt',
        task: message.task,
        outcome: await outcomeOf(runner.rebuild(message.view)),
      } satisfies FromProjector)
      return
    case 'verify':
      port.postMessage({
        kind: 'verified',
        task: message.task,
        outcome: await outcomeOf(runner.verify(message.view)),
      } satisfies FromProjector)
      return
    case 'stop':
      await runner.stop()
      await log.close()
      port.close()
  }
}

port.on('message', (message: ToProjector) => void obey(message))
await runner.start()
