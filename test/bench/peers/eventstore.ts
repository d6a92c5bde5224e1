import { startEventStore } from '#test/dsl/eventstore-double/start'

/** The double of EventStoreDB in a process of its own: prints `listening <port>`. Needs `--conditions=source`. */
const { port } = await startEventStore()
process.stdout.write(`listening ${port}\n`)
