import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Runner } from '#apps/projector/runner'
import { eventTypes } from '#domain/event-types'
import { createCodec } from '#infra/event-log/codec'
import { openSqliteLogReader } from '#infra/event-log/sqlite/reader'
import { openViewStore } from '#infra/views/store'
import { mailTrace } from '#projections/mail-trace/projection'
import { bareLoop } from './rebuild-bare.ts'
import { writeMailLog } from './rebuild-log.ts'

/**
 * `npm run bench -- rebuild [small] [large]`: the view mail-trace built from a log of inbound mail, against a bare loop that reads the
 * same log, parses its JSON and writes the same finished rows; and whether ten times the events take ten times the time.
 */
export async function run(args: readonly string[]): Promise<string[]> {
  const [small = 100_000, large = 1_000_000] = args.map(Number)
  const folder = mkdtempSync(join(process.env['MAILKEEP_BENCH_DIR'] ?? tmpdir(), 'mailkeep-rebuild-'))
  try {
    const first = await measure(join(folder, 'small'), small, 3)
    const second = large > 0 ? await measure(join(folder, 'large'), large, 1) : undefined
    const lines = [line(small, first)]
    if (second !== undefined) {
      lines.push(line(large, second))
      const perEvent = second.ours / second.events / (first.ours / first.events)
      const bare = second.bare / second.events / (first.bare / first.events)
      lines.push(
        `rebuild: an event of ${large} costs ${perEvent.toFixed(2)} x one of ${small} (bare loop: ${bare.toFixed(2)} x)`,
      )
    }
    return lines
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

interface Measured {
  readonly events: number
  /** Milliseconds. */
  readonly ours: number
  readonly bare: number
}

const line = (asked: number, { events, ours, bare }: Measured): string =>
  `rebuild ${asked}: ${Math.round(events / (ours / 1_000))} events/s, bare loop ${Math.round(events / (bare / 1_000))} events/s, ratio ${(bare / ours).toFixed(2)} (floor 0.5)`

async function measure(path: string, wanted: number, rounds: number): Promise<Measured> {
  const log = `${path}-log.db`
  const events = await writeMailLog(log, wanted, (written) => say(`writing the log: ${written} of ${wanted}`))
  const ours: number[] = []
  const bare: number[] = []
  for (let round = 0; round < rounds; round++) {
    say(`${events} events, round ${round + 1}: rebuild`)
    ours.push(await rebuild(log, `${path}-views.db`))
    say(`${events} events, round ${round + 1}: bare loop`)
    const finished = new DatabaseSync(`${path}-views.db`)
    const { generation } = finished.prepare(`SELECT generation FROM builds WHERE purpose = 'live'`).get() as {
      generation: number
    }
    bare.push(bareLoop(log, `${path}-bare.db`, finished, generation).ms)
    finished.close()
    for (const suffix of ['', '-wal', '-shm']) rmSync(`${path}-views.db${suffix}`, { force: true })
  }
  for (const suffix of ['', '-wal', '-shm']) rmSync(`${log}${suffix}`, { force: true })
  return { events, ours: median(ours), bare: median(bare) }
}

/** As the projector does it at a rebuild: beside an (empty) live view, then swapped. */
async function rebuild(logPath: string, views: string): Promise<number> {
  const log = openSqliteLogReader({ path: logPath, codec: createCodec(eventTypes) })
  const empty = { ...mailTrace, version: mailTrace.version + 1 }
  const before = openViewStore(views)
  before.live(empty)
  before.close()
  let current: () => void
  const done = new Promise<void>((resolve) => {
    current = resolve
  })
  const runner = new Runner({
    log,
    store: openViewStore(views),
    path: views,
    projections: [mailTrace],
    known: [mailTrace],
    post: (message) => {
      if (message.kind === 'progress' && message.views.every(({ state }) => state === 'live')) current()
    },
    now: Date.now,
  })
  const began = performance.now()
  await runner.start()
  await done
  const ms = performance.now() - began
  await runner.stop()
  await log.close()
  return ms
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0

const say = (text: string): void => {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001B[K${text}`)
}
