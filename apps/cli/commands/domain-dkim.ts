import type { Command } from 'commander'
import { type Cli, examples } from '../cli.ts'
import { printable } from '../printable.ts'
import { wrongUsage } from '../problem.ts'
import { exactTime, stateCell } from '../words.ts'

interface DkimOptions {
  readonly rotate?: boolean
  /** true without selectors. */
  readonly start?: true | readonly string[]
  readonly retire?: string
  readonly force?: boolean
}

export const addDomainDkim = (group: Command, cli: Cli): void => {
  const dkim = group
    .command('dkim')
    .description("a domain's DKIM keys: the records to publish, and which keys sign")
    .argument('<name>', 'the domain')
    .option('--rotate', 'make new keys; they sign when their records are seen')
    .option('--start [selectors...]', 'sign from now on with these keys (without: all that wait), published or not')
    .option('--retire <selector>', 'never sign with this key again; its record may go then')
    .option('--force', 'with --retire: also the key that signs')
    .action(async (name: string, options: DkimOptions, command: Command) => {
      const screen = cli.screen(command)
      const result = await cli.withOperator((operator) => operator.ask('domain-dkim', { name, act: actOf(options) }))
      screen.answer(result, () => {
        const shown = result.keys.filter(({ state }) => state !== 'retired')
        if (shown.length === 0) {
          screen.line(
            `${name} has no DKIM key: its mail is not signed. Make some: mailkeep domain dkim ${name} --rotate`,
          )
          return
        }
        screen.table(
          [
            { title: 'Selector' },
            { title: 'Algorithm' },
            { title: 'Key' },
            { title: 'Since' },
            { title: 'Record' },
            { title: 'Problem', shrinks: true },
          ],
          shown.map(({ selector, algorithm, state, since, published, problem }) => [
            selector,
            algorithm,
            stateCell(screen, state),
            screen.isTerminal ? exactTime(since) : since,
            stateCell(screen, published ?? 'unknown'),
            problem,
          ]),
        )
        const missing = shown.filter(({ published }) => published !== 'published')
        screen.line()
        screen.line(missing.length > 0 ? 'To publish:' : 'Published:')
        for (const { record } of missing.length > 0 ? missing : shown) screen.line(printable(record.zone))
        screen.note(
          `Keys that wait sign as soon as their records are seen. The record of a replaced key has to stay ${result.overlapDays} days.`,
        )
      })
    })
  examples(
    dkim,
    'domain dkim example.org',
    'domain dkim example.org --rotate',
    'domain dkim example.org --start mk-2026-11-rsa',
  )
}

const actOf = ({ rotate, start, retire, force }: DkimOptions) => {
  if ([rotate, start, retire].filter((one) => one !== undefined).length > 1)
    throw wrongUsage('One of --rotate, --start and --retire at a time.')
  if (force === true && retire === undefined) throw wrongUsage('--force belongs to --retire.')
  if (rotate === true) return { kind: 'rotate' } as const
  if (start !== undefined) return { kind: 'start', selectors: start === true ? [] : [...start] } as const
  if (retire !== undefined) return { kind: 'retire', selector: retire, force: force === true } as const
  return null
}
