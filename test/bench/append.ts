import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { z } from 'zod'
import { eventType } from '#domain/kernel/event-type'
import { createCodec } from '#infra/event-log/codec'
import type { NewEvent } from '#infra/event-log/port'
import { openSqliteEventLog } from '#infra/event-log/sqlite/open'

/**
 * `npm run bench -- append`: appends per second of the event log against a bare loop over node:sqlite (WAL, synchronous=FULL) that
 * writes the same rows, strings ready, in transactions of as many rows as there are writers. Rounds alternate between the two
 * in one folder; each ratio is that of a pair of neighbours, and the median of these is told, so that a noisy disk hits both.
 */
const SIZES = [
  { writers: 1, appends: 250, floor: 0.7 },
  { writers: 10, appends: 1_500, floor: 0.7 },
  { writers: 100, appends: 8_000, floor: 0.7 },
  { writers: 1_000, appends: 20_000, floor: 0.4 },
] as const
const ROUNDS = 9

const accepted = eventType(
  'BenchAccepted',
  z.object({
    client: z.object({ address: z.string(), helo: z.string(), tls: z.boolean() }),
    reversePath: z.string().nullable(),
    recipients: z.array(z.object({ address: z.string(), mailbox: z.string() })),
    content: z.object({ hash: z.string(), size: z.number().int().nonnegative() }),
    subject: z.string(),
  }),
)

export const run = async (): Promise<string[]> => {
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

interface Mail {
  readonly stream: `mail-${string}`
  readonly event: NewEvent
}

const DATA = {
  client: { address: '192.0.2.17', helo: 'mail.example.org', tls: true },
  reversePath: 'sender@example.org',
  recipients: [{ address: 'ann@mailkeep.test', mailbox: 'ann@mailkeep.test' }],
  content: { hash: 'c'.repeat(64), size: 4_096 },
  subject: 'Minutes of the meeting on Tuesday',
}

/** The data is shared: what the collector has to carry for the load itself should not count as the log's. */
const mail = (number: number): Mail => {
  const id = randomUUID()
  return {
    stream: `mail-01J${String(number).padStart(23, '0')}`,
    event: {
      id,
      type: accepted.type,
      data: DATA,
      metadata: {
        occurredAt: 1_700_000_000_000 + number,
        actor: { kind: 'system', part: 'mx' },
        correlationId: id,
        causationId: id,
      },
    },
  }
}

type Log = Awaited<ReturnType<typeof openSqliteEventLog>>

/** Milliseconds that so many concurrent writers need, each waiting for its answer before the next. */
const appendAll = async (log: Log, mails: readonly Mail[], writers: number): Promise<number> => {
  const queue = mails.values()
  const started = performance.now()
  const writer = async () => {
    for (const { stream, event } of queue) await log.append(stream, 'noStream', [event])
  }
  await Promise.all(Array.from({ length: writers }, writer))
  return performance.now() - started
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

const rate = (appends: number, milliseconds: number): number => (appends / milliseconds) * 1_000

const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((one, other) => one - other)
  return sorted[Math.floor(sorted.length / 2)] ?? 0
}
