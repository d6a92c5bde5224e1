import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createCodec } from '#infra/event-log/codec'
import { openSqliteEventLog } from '#infra/event-log/sqlite/open'
import { openBareHere, openBareThread } from './append-bare.ts'
import { accepted, appendAll, mail, rate } from './appending.ts'
import { appendToEventStore } from './append-eventstore.ts'
import { median } from './measure.ts'

/**
 * `npm run bench -- append`: appends per second of the event log against raw SQLite that writes the same rows, strings ready, in
 * transactions of as many rows as there are writers: in a thread of its own, as a server must that can't wait for the disk
 * (design.md §7), and, for what that costs, in the caller's own. Rounds take turns in one folder; each ratio is that of a pair of
 * neighbours, and the median of these is told, so that a noisy disk hits all. With `--engine eventstore`: append-eventstore.ts.
 */
const SIZES = [
  { writers: 1, appends: 250, floor: 0.7 },
  { writers: 10, appends: 1_500, floor: 0.7 },
  { writers: 100, appends: 8_000, floor: 0.7 },
  { writers: 1_000, appends: 20_000, floor: 0.4 },
] as const
const ROUNDS = 15
/** Until no file grows any more: a commit that makes a file longer costs a file system with a journal half as much again. */
const WARM_UP = 4

export const run = async (args: readonly string[]): Promise<string[]> => {
  const { values } = parseArgs({ args: [...args], options: { engine: { type: 'string', default: 'sqlite' } } })
  if (values.engine === 'eventstore') return appendToEventStore()
  if (values.engine !== 'sqlite') throw new Error(`--engine is sqlite or eventstore, not ${values.engine}`)
  const lines: string[] = []
  for (const size of SIZES) lines.push(await compare(size))
  return lines
}

const compare = async ({ writers, appends, floor }: (typeof SIZES)[number]): Promise<string> => {
  const folder = await mkdtemp(join(process.cwd(), '.bench-append-'))
  const log = await openSqliteEventLog({ path: join(folder, 'log', 'events.db'), codec: createCodec([accepted]) })
  const thread = openBareThread(join(folder, 'thread.db'))
  const here = openBareHere(join(folder, 'here.db'))
  const peers = [
    { write: appendAll.bind(null, log), rates: [] as number[] },
    { write: thread.write, rates: [] as number[] },
    { write: here.write, rates: [] as number[] },
  ] as const
  try {
    for (let round = 0; round < WARM_UP + ROUNDS; round++) {
      const mails = Array.from({ length: appends }, (_, index) => mail(round * appends + index))
      // Who goes first changes, so that none always meets the disk another left busy.
      for (let turn = 0; turn < peers.length; turn++) {
        const peer = peers[(round + turn) % peers.length]
        const took = await peer?.write(mails, writers)
        if (round >= WARM_UP && took !== undefined) peer?.rates.push(rate(appends, took))
      }
    }
    const [ours, inThread, inPlace] = peers.map(({ rates }) => rates)
    const against = (peer: readonly number[] | undefined) => ratio(ours, peer)
    const told = (rates: readonly number[] = []) => `${Math.round(median([...rates]))}/s`
    const judged = (ratio: number) => `${ratio.toFixed(2)} ${ratio >= floor ? 'ok' : 'BELOW'}`
    return `append, ${writers} writer${writers === 1 ? '' : 's'}: ${told(ours)}; raw SQLite in its own thread ${told(inThread)}, ratio ${judged(against(inThread))}; in the caller's thread ${told(inPlace)}, ratio ${judged(against(inPlace))} (floor ${floor}; its own thread: ${ratio(inThread, inPlace).toFixed(2)})`
  } finally {
    await log.close()
    await thread.close()
    await here.close()
    await rm(folder, { recursive: true, force: true })
  }
}

/** The median over rounds, each against its neighbour. */
const ratio = (rates: readonly number[] = [], peer: readonly number[] = []): number =>
  median(rates.map((value, at) => value / (peer[at] ?? value)))
