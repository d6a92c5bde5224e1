import { InvalidArgumentError, Option, type Command } from 'commander'
import type { ResultOf } from '#apps/mailkeep/operations'
import { type Cli, examples } from '../cli.ts'
import { type Document, withValue } from '../document-paths.ts'
import { printable } from '../printable.ts'
import { wrongUsage } from '../problem.ts'
import type { Screen } from '../screen.ts'
import { counted, timeText } from '../words.ts'

interface SimulateOptions {
  readonly from?: number
  readonly to?: number
}

type Simulated = ResultOf<'policy-simulate'>

/** A date, or a time as RFC 3339 has it; milliseconds. */
const moment = (text: string): number => {
  const value = /^\d{4}-\d\d-\d\d(?:T[\d:.]+(?:Z|[+-]\d\d:\d\d))?$/.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(value))
    throw new InvalidArgumentError('Expected a date or a time, e.g. 2026-05-03 or 2026-05-03T14:00:00Z.')
  return value
}

/** Recipients that are listed: those with most flips. */
const LISTED = 50

export const addPolicySimulate = (
  group: Command,
  cli: Cli,
  changeIn: (given: string) => { path: readonly string[]; value: unknown },
): void => {
  examples(
    group
      .command('simulate')
      .description('what another policy would have made of the mail of the past; changes nothing')
      .argument('<name>', 'inspection or edge')
      .argument('<path=value...>', 'what would be otherwise, e.g. threshold=6 or weights.SPF_FAIL=3')
      .addOption(new Option('--from <time>', 'mails accepted since then; default: 30 days before').argParser(moment))
      .addOption(new Option('--to <time>', 'and before then; default: now').argParser(moment))
      .action(async (name: string, given: string[], options: SimulateOptions, command: Command) => {
        const screen = cli.screen(command)
        if (name !== 'inspection' && name !== 'edge')
          throw wrongUsage(
            `The policy "${name}" has no part in verdicts. Simulated are: inspection, edge.`,
            'mailkeep policy simulate inspection threshold=6',
          )
        const changes = given
          .map(changeIn)
          .reduce<Document>((into, { path, value }) => withValue(into, path, value), {})
        const result = await cli.withProgress(screen, (bar) =>
          cli.withOperator((operator) =>
            operator.ask('policy-simulate', { changes: { [name]: changes }, ...options }, (made) => bar.show(made)),
          ),
        )
        if (result.state !== 'done') cli.badNews()
        screen.answer(result, () => show(screen, result))
      }),
    'policy simulate inspection threshold=6',
    'policy simulate inspection weights.SPF_FAIL=3 uriBlockLists=[] --from 2026-05-01 --to 2026-06-01',
    'policy simulate edge checks.reverseDns=reject',
  )
}

const show = (screen: Screen, { state, from, to, result, reason }: Simulated): void => {
  if (state !== 'done') screen.line(`The simulation is ${state}${reason === null ? '' : `: ${reason}`}.`)
  if (result === null) return
  const { mails, verdicts, unchanged, toHeld, toDelivered, toRefused, unknown, released, reported } = result
  screen.facts([
    [
      'History',
      `${timeText(screen, from)} to ${timeText(screen, to)}: ${counted(mails, 'mail')}, ${counted(verdicts, 'verdict')}`,
    ],
    ['As it was', String(unchanged)],
    ['Would be held', `${toHeld} that were delivered`],
    [
      'Would be refused',
      `${toRefused}; of all these, ${reported} are from senders whom their users have blocked since`,
    ],
    ['Would be delivered', `${toDelivered} that were held; ${released} of them their users had released`],
    ['Not known', String(unknown)],
  ])
  if (result.unknownWhy.length > 0) {
    screen.line()
    screen.table(
      [{ title: 'Not known' }, { title: 'Why', shrinks: true }],
      result.unknownWhy.map(({ why, count }) => [count, why]),
    )
  }
  if (result.recipients.length === 0) return
  screen.line()
  screen.table(
    [
      { title: 'Recipient', shrinks: true },
      { title: 'Held', align: 'right' },
      { title: 'Refused', align: 'right' },
      { title: 'Delivered', align: 'right' },
      { title: 'Blocked', align: 'right' },
      { title: 'Released', align: 'right' },
      { title: 'For example' },
    ],
    result.recipients
      .slice(0, LISTED)
      .map((one) => [
        printable(one.recipient),
        one.toHeld,
        one.toRefused,
        one.toDelivered,
        one.reported,
        one.released,
        one.examples[0] ?? null,
      ]),
  )
  const others = result.recipients.length - LISTED
  if (others > 0) screen.note(`${counted(others, 'more recipient')} in --json.`)
}
