import type { Command } from 'commander'
import { showConfig } from '#infra/config/show'
import { type Cli, examples } from '../cli.ts'

export const addConfig = (program: Command, cli: Cli): void => {
  const group = program.command('config').description('check or show the configuration')
  examples(
    group
      .command('check')
      .description('say every problem of the configuration at once')
      .action((_options: object, command: Command) => {
        const screen = cli.screen(command)
        cli.config()
        screen.answer({ ok: true }, () => screen.line('The configuration is fine.'))
      }),
    'config check',
    'config check && mailkeep serve',
  )
  examples(
    group
      .command('show')
      .description('the effective settings and where each came from, secrets masked')
      .action((_options: object, command: Command) => {
        const screen = cli.screen(command)
        const { config, origins } = cli.config()
        const items = showConfig(config, origins)
        screen.answer({ items }, () =>
          screen.table(
            [
              { title: 'Setting' },
              { title: 'Value', shrinks: true },
              { title: 'From' },
              { title: 'Meaning', shrinks: true },
            ],
            items.map(({ key, value, origin, meaning }) => [
              key,
              value,
              origin === 'default' ? { text: origin, paint: screen.colors.dim } : origin,
              { text: meaning, paint: screen.colors.dim },
            ]),
          ),
        )
      }),
    'config show',
    'config show --json',
  )
}
