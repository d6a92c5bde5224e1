import type { Command } from 'commander'
import { type Cli, examples } from '../cli.ts'
import { limit, wholeNumber } from '../option-values.ts'
import { wrongUsage } from '../problem.ts'
import { counted, timeText } from '../words.ts'

interface Counted {
  readonly used: number
  readonly quota: number
}
interface RaiseOptions {
  readonly mails?: number
  readonly recipients?: number
}

const ofQuota = ({ used, quota }: Counted): string => `${used} of ${quota}`

export const addUsage = (program: Command, cli: Cli): void => {
  const group = program.command('usage').description('what accounts send, and their daily quota')
  examples(
    group
      .command('list')
      .description('who has sent today, most first')
      .option('--limit <n>', 'at most', limit, 50)
      .action(async (options: { readonly limit: number }, command: Command) => {
        const screen = cli.screen(command)
        const { items } = await cli.withOperator((operator) => operator.ask('usage-list', options))
        screen.answer({ items }, () => {
          if (items.length === 0) {
            screen.line('Nobody has sent anything today.')
            return
          }
          screen.table(
            [
              { title: 'Account', shrinks: true },
              { title: 'Mails', align: 'right' },
              { title: 'Recipients', align: 'right' },
              { title: 'Day ends' },
              { title: 'Refused since' },
            ],
            items.map(({ address, mails, recipients, resetsAt, exceededAt }) => [
              address,
              ofQuota(mails),
              ofQuota(recipients),
              timeText(screen, resetsAt),
              timeText(screen, exceededAt),
            ]),
          )
          screen.note(counted(items.length, 'account'))
        })
      }),
    'usage list',
  )
  examples(
    group
      .command('show')
      .description('the day of one account')
      .argument('<address>', 'the account')
      .action(async (address: string, _options: object, command: Command) => {
        const screen = cli.screen(command)
        const result = await cli.withOperator((operator) => operator.ask('usage-show', { address }))
        screen.answer(result, () => {
          screen.line(`Mails today       ${ofQuota(result.mails)}`)
          screen.line(`Recipients today  ${ofQuota(result.recipients)}`)
          screen.note(`The day of ${result.day} (${result.timeZone}) ends ${timeText(screen, result.resetsAt)}.`)
        })
      }),
    'usage show ann@example.org',
  )
  examples(
    group
      .command('raise')
      .description('let an account send more today')
      .argument('<address>', 'the account')
      .option('--mails <n>', 'mails it may send today', wholeNumber(1, 1_000_000))
      .option('--recipients <n>', 'recipients they may have', wholeNumber(1, 10_000_000))
      .action(async (address: string, options: RaiseOptions, command: Command) => {
        if (options.mails === undefined && options.recipients === undefined)
          throw wrongUsage('Say how many mails or recipients.', `mailkeep usage raise ${address} --mails 1000`)
        const screen = cli.screen(command)
        const result = await cli.withOperator((operator) => operator.ask('usage-raise', { address, ...options }))
        screen.answer(result, () => {
          const { mails, recipients, resetsAt } = result
          screen.line(
            `${result.address} may send ${mails.quota} mails to ${recipients.quota} recipients today; ${mails.used} and ${recipients.used} are sent.`,
          )
          screen.note(
            result.changed
              ? `From tomorrow its usual quota holds again: the day ends ${timeText(screen, resetsAt)}.`
              : 'It was allowed to already.',
          )
        })
      }),
    'usage raise ann@example.org --mails 1000',
  )
}
