import type { Command } from 'commander'
import { type Cli, examples } from '../cli.ts'
import { counted, timeText } from '../words.ts'

export const addReaction = (program: Command, cli: Cli): void => {
  const group = program.command('reaction').description('work that was set aside after many failed tries')
  examples(
    group
      .command('parked')
      .description('what is set aside, and why')
      .action(async (_options: object, command: Command) => {
        const screen = cli.screen(command)
        const result = await cli.withOperator((operator) => operator.ask('parked-list', {}))
        screen.answer(result, () => {
          if (result.items.length === 0) {
            screen.line('Nothing is set aside.')
            return
          }
          screen.table(
            [
              { title: 'Group' },
              { title: 'Event' },
              { title: 'Type' },
              { title: 'Since' },
              { title: 'Tries', align: 'right' },
              { title: 'Why', shrinks: true },
            ],
            result.items.map(({ group: name, stream, type, parkedAt, retries, reason }) => [
              name,
              stream,
              type,
              timeText(screen, parkedAt),
              retries,
              reason,
            ]),
          )
          screen.note(
            `${counted(result.items.length, 'delivery', 'deliveries')} set aside. Put them back: mailkeep reaction replay`,
          )
        })
      }),
    'reaction parked',
  )
  examples(
    group
      .command('replay')
      .description('put back what was set aside')
      .argument('[group]', 'of this group only')
      .action(async (name: string | undefined, _options: object, command: Command) => {
        const screen = cli.screen(command)
        const result = await cli.withOperator((operator) => operator.ask('parked-replay', { group: name ?? null }))
        screen.answer(result, () => {
          const all = result.results.reduce((sum, { replayed }) => sum + replayed, 0)
          screen.line(all === 0 ? 'Nothing was set aside.' : `${counted(all, 'delivery', 'deliveries')} put back.`)
          if (all > 0 && !result.serverRuns) screen.line('No server runs: they are worked on when it does.')
        })
      }),
    'reaction replay',
    'reaction replay inspector',
  )
}
