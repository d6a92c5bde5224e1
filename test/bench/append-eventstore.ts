import { join } from 'node:path'
import { createCodec } from '#infra/event-log/codec'
import { openEventStoreLog } from '#infra/event-log/eventstore/open'
import { accepted, appendAll, mail, rate } from './appending.ts'
import { cpuOf, median, say } from './measure.ts'
import { startProgram } from './server.ts'

/**
 * `npm run bench -- append --engine eventstore`, for the record: appends per second through the adapter, to the double of EventStoreDB
 * (in memory, in a process of its own, no disk). Both are Node with one busy thread each, so what each spends of a processor tells which
 * of the two sets the rate; a real server would add its disk.
 */
const SIZES = [
  { writers: 1, appends: 1_000 },
  { writers: 10, appends: 4_000 },
  { writers: 100, appends: 10_000 },
] as const
const ROUNDS = 5

export const appendToEventStore = async (): Promise<string[]> => {
  const lines: string[] = []
  for (const size of SIZES) lines.push(await measure(size))
  return lines
}

interface Round {
  readonly rate: number
  /** Milliseconds of processor per append. */
  readonly client: number
  readonly double: number
  /** Milliseconds of time per append. */
  readonly took: number
}

/** A double of its own for each number of writers, so that none pays for what the others left in memory. */
const measure = async ({ writers, appends }: (typeof SIZES)[number]): Promise<string> => {
  const double = await startProgram(join(import.meta.dirname, 'peers/eventstore.ts'), [], {
    NODE_OPTIONS: '--conditions=source',
  })
  try {
    const log = await openEventStoreLog({
      connectionString: `esdb://127.0.0.1:${double.port}?tls=false`,
      codec: createCodec([accepted]),
    })
    try {
      const rounds: Round[] = []
      for (let round = 0; round <= ROUNDS; round++) {
        say(`${writers} writers, round ${round} of ${ROUNDS}`)
        const mails = Array.from({ length: appends }, (_, index) => mail(round * appends + index))
        const before = { client: cpuOf(process.pid), double: cpuOf(double.pid) }
        const milliseconds = await appendAll(log, mails, writers)
        const client = (cpuOf(process.pid) - before.client) / appends
        const used = (cpuOf(double.pid) - before.double) / appends
        // The first round warms up.
        if (round > 0)
          rounds.push({ rate: rate(appends, milliseconds), client, double: used, took: milliseconds / appends })
      }
      say('')
      return told(writers, rounds)
    } finally {
      await log.close()
    }
  } finally {
    await double.stop()
  }
}

const told = (writers: number, rounds: readonly Round[]): string => {
  const of = (key: keyof Round): number => median(rounds.map((round) => round[key]))
  const [client, double, took] = [of('client'), of('double'), of('took')]
  const spent = (cpu: number): string => `${cpu.toFixed(2)} ms (${Math.round((cpu / took) * 100)} % of a processor)`
  return `append on EventStoreDB (double), ${writers} writer${writers === 1 ? '' : 's'}: ${Math.round(of('rate'))}/s; processor per append: client ${spent(client)}, double ${spent(double)}; ${limit(writers, client, double)}`
}

/** One writer waits for each answer: then client and double take turns, and neither is ever full. */
const limit = (writers: number, client: number, double: number): string => {
  if (writers === 1) return 'limit: the round trip, client and double by turns'
  return double > client ? 'limit: the DOUBLE' : 'limit: the client'
}
