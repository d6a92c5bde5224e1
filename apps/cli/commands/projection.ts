import type { Command } from 'commander'
import { type Cli, examples } from '../cli.ts'
import { counted, durationText, stateCell } from '../words.ts'

export const addProjection = (program: Command, cli: Cli): void => {
  const group = program.command('projection').description('the views, all of which can be built anew from the log')
  examples(
    group
      .command('list')
      .description('the views and how far they have read')
      .action(async (_options: object, command: Command) => {
        const screen = cli.screen(command)
        const result = await cli.withOperator((operator) => operator.ask('projection-list', {}))
        screen.answer(result, () => {
          screen.table(
            [
              { title: 'View' },
              { title: 'State' },
              { title: 'Events', align: 'right' },
              { title: 'Behind', align: 'right' },
              { title: 'Version', align: 'right' },
              { title: 'Trouble', shrinks: true },
            ],
            result.items.map(({ name, state, events, lag, version, stopped }) => [
              name,
              stateCell(screen, state),
              events,
              lag.events,
              version,
              stopped === null ? null : `${stopped.stream}@${stopped.revision} (${stopped.type}): ${stopped.reason}`,
            ]),
          )
        })
      }),
    'projection list',
  )
  examples(
    group
      .command('rebuild')
      .description('build views anew from the log, beside the live ones, then swap')
      .argument('[name...]', 'which; without any: all')
      .action(async (names: string[], _options: object, command: Command) => {
        const screen = cli.screen(command)
        const result = await cli.withProgress(screen, (bar) =>
          cli.withOperator((operator) => operator.ask('projection-rebuild', { names }, (made) => bar.show(made))),
        )
        if (result.results.some(({ problem }) => problem !== null)) cli.badNews()
        screen.answer(result, () =>
          screen.table(
            [
              { title: 'View' },
              { title: 'State' },
              { title: 'Events', align: 'right' },
              { title: 'Took', align: 'right' },
              { title: 'Trouble', shrinks: true },
            ],
            result.results.map(({ view, events, ms, problem }) => [
              view,
              stateCell(screen, problem === null ? 'rebuilt' : 'failed'),
              events,
              durationText(ms),
              problem,
            ]),
          ),
        )
      }),
    'projection rebuild quarantine',
    'projection rebuild',
  )
  examples(
    group
      .command('verify')
      .description('build views anew beside the live ones and compare every row')
      .argument('[name...]', 'which; without any: all')
      .action(async (names: string[], _options: object, command: Command) => {
        const screen = cli.screen(command)
        const result = await cli.withProgress(screen, (bar) =>
          cli.withOperator((operator) => operator.ask('projection-verify', { names }, (made) => bar.show(made))),
        )
        const wrong = result.results.filter(({ same }) => same !== true)
        if (wrong.length > 0) cli.badNews()
        screen.answer(result, () => {
          screen.table(
            [
              { title: 'View' },
              { title: 'State' },
              { title: 'Events', align: 'right' },
              { title: 'Took', align: 'right' },
              { title: 'Trouble', shrinks: true },
            ],
            result.results.map(({ view, same, events, ms, differing, problem }) => [
              view,
              stateCell(screen, same === true ? 'same' : same === false ? 'differs' : 'failed'),
              events,
              durationText(ms),
              problem ?? (differing.length === 0 ? null : differing.join('; ')),
            ]),
          )
          if (wrong.length > 0)
            screen.note(
              `${counted(wrong.length, 'view')} not as the log says. Build anew: mailkeep projection rebuild ${wrong.map(({ view }) => view).join(' ')}`,
            )
        })
      }),
    'projection verify',
    'projection verify quarantine mail-trace',
  )
}
