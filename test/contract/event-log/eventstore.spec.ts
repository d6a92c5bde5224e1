import { openEventStoreLog } from '#infra/event-log/eventstore/open'
import { startEventStore } from '#test/dsl/eventstore-double/start'
import { eventLogContract } from './contract.ts'
import { contractCodec } from './fixture.ts'

const real = process.env['MAILKEEP_TEST_EVENTSTORE_URL']

const onServer = (begin: () => Promise<{ connectionString: string; close(): Promise<void> }>) => async () => {
  const server = await begin()
  const open = () =>
    openEventStoreLog({
      connectionString: server.connectionString,
      codec: contractCodec,
      groups: { checkpointAfterMs: 100 },
    })
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
      await server.close()
    },
  }
}

eventLogContract(
  'EventStoreDB (double)',
  onServer(() => startEventStore()),
)

// A real server, `esdb://admin:changeit@localhost:2113?tls=false`: each test works in categories of its own.
if (real !== undefined)
  eventLogContract(
    'EventStoreDB',
    onServer(async () => ({ connectionString: real, close: async () => undefined })),
  )
