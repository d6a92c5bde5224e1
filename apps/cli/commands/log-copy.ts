import { Option, type Command } from 'commander'
import { logAddressOn } from '#apps/mailkeep/log-address'
import type { LogAddress } from '#infra/event-log/engines'
import { type Cli, examples } from '../cli.ts'
import { Problem } from '../problem.ts'
import { counted } from '../words.ts'

type Engine = LogAddress['engine']
const ENGINES: readonly Engine[] = ['sqlite', 'eventstore']

export const addLogCopy = (group: Command, cli: Cli): void => {
  const engine = (flags: string, description: string) =>
    new Option(flags, description).choices(ENGINES).makeOptionMandatory()
  examples(
    group
      .command('copy')
      .description('bring the log of this data folder to another engine, while the server is stopped')
      .addOption(engine('--from <engine>', 'where the events are'))
      .addOption(engine('--to <engine>', 'where they shall be: empty, or begun by an earlier copy'))
      .action((options: { from: Engine; to: Engine }, command: Command) => copy(cli, options, command)),
    'log copy --from sqlite --to eventstore',
    'log copy --from eventstore --to sqlite',
  )
}

/** Ids, times, streams and their order stay; positions are the engine's own, so views are built anew. */
const copy = async (cli: Cli, { from, to }: { from: Engine; to: Engine }, command: Command): Promise<void> => {
  if (from === to) throw new Problem('--from and --to are the same engine.')
  const screen = cli.screen(command)
  const { config } = cli.config()
  if (config.eventstore.url === null)
    throw new Problem('eventstore.url is not set.', {
      instead: 'MAILKEEP_EVENTSTORE_URL=esdb://... mailkeep log copy ...',
    })
  const { copyBetween } = await import('#apps/mailkeep/log-copying')
  const outcome = await cli.withProgress(screen, (bar) =>
    copyBetween(logAddressOn(config, from), logAddressOn(config, to), (made) => bar.show(made)),
  )
  screen.answer(outcome, () => {
    const before = outcome.found === 0 ? '' : `, ${counted(outcome.found, 'event')} had been copied before`
    screen.line(`${counted(outcome.copied, 'event')} copied and compared${before}.`)
    screen.note(`Now set log.engine to ${to} and start the server.`)
  })
}
