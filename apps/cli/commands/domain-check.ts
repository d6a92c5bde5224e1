import type { Command } from 'commander'
import { type Cli, examples } from '../cli.ts'
import { printable } from '../printable.ts'
import { stateCell } from '../words.ts'

export const addDomainCheck = (group: Command, cli: Cli): void => {
  const check = group
    .command('check')
    .description('compares what the DNS says of a domain with what it should say, and prints what to publish')
    .argument('<name>', 'the domain')
    .action(async (name: string, _options: object, command: Command) => {
      const screen = cli.screen(command)
      const result = await cli.withOperator((operator) => operator.ask('domain-check', { name }))
      if (!result.ok) cli.badNews()
      screen.answer(result, () => {
        screen.table(
          [
            { title: 'What' },
            { title: 'State' },
            { title: 'Record', shrinks: true },
            { title: 'Published', shrinks: true },
          ],
          result.findings.map(({ check: what, status, name: record, published }) => [
            what,
            stateCell(screen, status),
            record,
            published.length === 0 ? null : published.join(' | '),
          ]),
        )
        const open = result.findings.filter(({ status }) => status !== 'ok')
        if (open.length > 0) screen.line()
        for (const { advice, check: what, name: record } of open) screen.line(printable(`${what} ${record}: ${advice}`))
        const lines = result.findings.flatMap(({ publish }) => publish ?? [])
        if (lines.length > 0) {
          screen.line()
          screen.line('To publish:')
          for (const line of lines) screen.line(printable(line))
        }
        const from = result.sendingAddresses.join(', ')
        screen.note(`${result.hostname}${from === '' ? '' : `, sending from ${from}`}`)
      })
    })
  examples(check, 'domain check example.org', 'domain check example.org --json')
}
