import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { resolve } from 'node:path'
import { InvalidArgumentError, Option, type Command } from 'commander'
import { logAddress } from '#apps/mailkeep/log-address'
import type { Position, RecordedEvent } from '#infra/event-log/port'
import { type Cli, examples } from '../cli.ts'
import { collected } from '../option-values.ts'
import { printable } from '../printable.ts'
import { Problem } from '../problem.ts'
import { counted } from '../words.ts'
import { addLogCopy } from './log-copy.ts'

interface ExportOptions {
  readonly output?: string
  readonly after?: Position
  readonly category?: string[]
  readonly type?: string[]
}

export const addLog = (program: Command, cli: Cli): void => {
  const group = program.command('log').description('the event log, beside a running server or without one')
  examples(
    group
      .command('verify')
      .description('check the file, every stream for gaps, and that every event can be read')
      .action(async (_options: object, command: Command) => {
        const screen = cli.screen(command)
        const { config } = cli.config()
        const { verifyLog } = await import('#apps/mailkeep/log-inspection')
        const result = await cli.withProgress(screen, (bar) => verifyLog(logAddress(config), (made) => bar.show(made)))
        if (!result.intact) cli.badNews()
        screen.answer(result, () => {
          const { green, red } = screen.colors
          screen.line(
            result.intact
              ? green(`The log is intact: ${counted(result.events, 'event')}.`)
              : red(
                  `The log is not intact: ${counted(result.problems.length, 'problem')}; ${counted(result.events, 'event')} can be read.`,
                ),
          )
          for (const problem of result.problems) screen.line(`  ${printable(problem)}`)
          if (result.salvaged) screen.note('Nothing was repaired. Restore a backup; keep this file until you have.')
        })
      }),
    'log verify',
    'log verify --json',
  )
  examples(
    group
      .command('export')
      .description('every event as a line of JSON, in log order')
      .option('-o, --output <file>', 'write to a file instead of stdout')
      .addOption(new Option('--after <position>', 'only what came after it').argParser(positionIn))
      .option('--category <name>', 'streams of this category, e.g. mail; may be given several times', collected)
      .option('--type <name>', 'events of this type, e.g. Delivered; may be given several times', collected)
      .action((options: ExportOptions, command: Command) => exportTo(cli, options, command)),
    'log export > events.ndjson',
    'log export --category mail --type Quarantined -o held.ndjson',
  )
  addLogCopy(group, cli)
}

const exportTo = async (cli: Cli, options: ExportOptions, command: Command): Promise<void> => {
  const screen = cli.screen(command)
  const { config } = cli.config()
  const { exportLog } = await import('#apps/mailkeep/log-inspection')
  const file =
    options.output === undefined
      ? null
      : createWriteStream(resolve(cli.io.cwd, options.output), { flags: 'wx', mode: 0o600 })
  if (file !== null) await opened(file, options.output ?? '')
  const to = file ?? cli.io.stdout
  const filter = {
    ...(options.category === undefined ? {} : { categories: options.category }),
    ...(options.type === undefined ? {} : { types: options.type }),
  }
  let events = 0
  await cli.withProgress(screen, async (bar) => {
    // A bar would be drawn among the events.
    const show = file === null && cli.io.stdout.isTTY === true ? () => undefined : bar.show.bind(bar)
    for await (const page of exportLog(logAddress(config), options.after ?? null, filter, show)) {
      events += page.length
      if (!to.write(page.map((event) => `${JSON.stringify(shown(event))}\n`).join(''))) await once(to, 'drain')
    }
  })
  if (file === null) return
  file.end()
  await once(file, 'finish')
  screen.answer({ events, file: options.output }, () =>
    screen.line(`${counted(events, 'event')} in ${options.output}.`),
  )
}

/** As /audit/events has them. */
const shown = ({ metadata, ...event }: RecordedEvent): object => ({
  ...event,
  occurredAt: new Date(metadata.occurredAt).toISOString(),
  actor: metadata.actor,
  correlationId: metadata.correlationId,
  causationId: metadata.causationId,
})

const opened = async (file: NodeJS.EventEmitter, name: string): Promise<void> => {
  try {
    await once(file, 'open')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    throw new Problem(
      code === 'EEXIST' ? `${name} is there already; it is not overwritten.` : `${name} can't be written (${code}).`,
    )
  }
}

const positionIn = (text: string): Position => {
  if (!/^\d{1,20}$/.test(text)) throw new InvalidArgumentError('Expected a position: the digits that an event has.')
  return text.padStart(20, '0') as Position
}
