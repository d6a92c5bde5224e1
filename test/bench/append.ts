import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { parseArgs } from 'node:util'
import { createCodec } from '#infra/event-log/codec'
import { openSqliteEventLog } from '#infra/event-log/sqlite/open'
import { accepted, appendAll, mail, rate, type Mail } from './appending.ts'
import { appendToEventStore } from './append-eventstore.ts'
import { median } from './measure.ts'

/**
 * `npm run bench -- append`: appends per second of the event log against a bare loop over node:sqlite (WAL, synchronous=FULL) that
 * writes the same rows, strings ready, in transactions of as many rows as there are writers. Rounds alternate between the two
 * in one folder; each ratio is that of a pair of neighbours, and the median of these is told, so that a noisy disk hits both.
 * With `--engine eventstore`: append-eventstore.ts.
 */
const SIZES = [
  { writers: 1, appends: 250, floor: 0.7 },
  { writers: 10, appends: 1_500, floor: 0.7 },
  { writers: 100, appends: 8_000, floor: 0.7 },
  { writers: 1_000, appends: 20_000, floor: 0.4 },
] as const
const ROUNDS = 9

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
  const bare = openBare(join(folder, 'bare.db'))
  try {
    const ours: number[] = []
    const raw: number[] = []
    for (let round = 0; round <= ROUNDS; round++) {
      const mails = Array.from({ length: appends }, (_, index) => mail(round * appends + index))
      // Who goes first changes, so that neither always meets the disk the other left busy.
      const first = round % 2 === 0 ? await appendAll(log, mails, writers) : 0
      const bareRate = rate(appends, bare.write(mails, writers))
      const ourRate = rate(appends, round % 2 === 0 ? first : await appendAll(log, mails, writers))
      // The first round warms up.
      if (round === 0) continue
      raw.push(bareRate)
      ours.push(ourRate)
    }
    const ratio = median(ours.map((value, index) => value / (raw[index] ?? value)))
    return `append, ${writers} writer${writers === 1 ? '' : 's'}: ${Math.round(median(ours))}/s, bare SQLite ${Math.round(median(raw))}/s, ratio ${ratio.toFixed(2)} (floor ${floor}) ${ratio >= floor ? 'ok' : 'BELOW'}`
  } finally {
    await log.close()
    bare.close()
    await rm(folder, { recursive: true, force: true })
  }
}

const openBare = (path: string) => {
  const database = new DatabaseSync(path)
  database.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    CREATE TABLE events (
      position INTEGER PRIMARY KEY, stream TEXT NOT NULL, revision INTEGER NOT NULL, type TEXT NOT NULL, version INTEGER NOT NULL,
      occurred_at INTEGER NOT NULL, id TEXT NOT NULL, metadata TEXT NOT NULL, data TEXT NOT NULL
    );
    CREATE UNIQUE INDEX events_by_stream ON events (stream, revision);
  `)
  const insert = database.prepare('INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)')
  let position = 0
  return {
    write: (mails: readonly Mail[], batch: number): number => {
      const rows = mails.map(({ stream, event: { id, type, data, metadata } }) => {
        const { occurredAt, correlationId, causationId } = metadata
        return {
          stream,
          type,
          id,
          occurredAt,
          data: JSON.stringify(data),
          metadata: JSON.stringify(['system', 'mx', correlationId, causationId]),
        }
      })
      const started = performance.now()
      for (let at = 0; at < rows.length; at += batch) {
        database.exec('BEGIN')
        for (const { stream, type, id, occurredAt, data, metadata } of rows.slice(at, at + batch)) {
          insert.run(++position, stream, 0, type, 1, occurredAt, id, metadata, data)
        }
        database.exec('COMMIT')
      }
      return performance.now() - started
    },
    close: () => database.close(),
  }
}
