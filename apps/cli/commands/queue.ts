import { Option, type Command } from 'commander'
import { type Cli, examples } from '../cli.ts'
import { replyText } from '../event-sentences.ts'
import { limit } from '../option-values.ts'
import { wrongUsage } from '../problem.ts'
import { counted, stateCell, timeText } from '../words.ts'

const STATES = ['pending', 'deferred', 'undeliverable'] as const

interface ListOptions {
  readonly domain?: string
  readonly state?: (typeof STATES)[number]
  readonly limit: number
  readonly after?: string
}

export const addQueue = (program: Command, cli: Cli): void => {
  const group = program.command('queue').description('mail that waits for delivery')
  examples(
    group
      .command('list')
      .description('what waits, oldest first')
      .option('--domain <name>', "of this recipients' domain only")
      .addOption(new Option('--state <state>', 'in this state only').choices(STATES))
      .addOption(new Option('--limit <n>', 'at most').argParser(limit).default(100))
      .option('--after <next>', 'go on where the last list ended')
      .action(async (options: ListOptions, command: Command) => {
        const screen = cli.screen(command)
        const result = await cli.withOperator((operator) => operator.ask('queue-list', options))
        screen.answer(result, () => {
          if (result.items.length === 0) {
            screen.line('Nothing waits for delivery.')
            return
          }
          screen.table(
            [
              { title: 'Mail' },
              { title: 'To', shrinks: true },
              { title: 'State' },
              { title: 'Tries', align: 'right' },
              { title: 'Next' },
              { title: 'Reply', shrinks: true },
              { title: 'Subject', shrinks: true },
            ],
            result.items.map((item) => [
              item.mail,
              item.recipient,
              item.held ? 'on hold' : stateCell(screen, item.state),
              item.attempts,
              timeText(screen, item.dueAt),
              item.reply === null ? null : replyText(item.reply),
              item.subject,
            ]),
          )
          screen.note(
            result.next === null
              ? `${counted(result.items.length, 'delivery waits', 'deliveries wait')}. Try one now: mailkeep queue retry <mail>`
              : `There are more: mailkeep queue list --after ${result.next}`,
          )
        })
      }),
    'queue list',
    'queue list --state deferred --domain example.org',
  )
  examples(
    group
      .command('retry')
      .description('try the next delivery now')
      .argument('[mail]', 'its id')
      .option('--recipient <address>', 'to this recipient only')
      .option('--all', 'everything that waits')
      .action(async (mail: string | undefined, options: { recipient?: string; all?: boolean }, command: Command) => {
        if ((mail === undefined) === (options.all !== true))
          throw wrongUsage('Say which mail, or --all for everything that waits.', 'mailkeep queue retry <mail>')
        const screen = cli.screen(command)
        const result = await cli.withOperator((operator) =>
          operator.ask('queue-retry', { mail: mail ?? null, recipient: options.recipient ?? null }),
        )
        if (result.results.some(({ state }) => state === 'failed')) cli.badNews()
        screen.answer(result, () => {
          if (result.results.length === 0) {
            screen.line('Nothing waits for delivery.')
            return
          }
          screen.table(
            [{ title: 'Mail' }, { title: 'Recipient' }, { title: 'State' }, { title: 'Detail', shrinks: true }],
            result.results.map((one) => [one.mail, one.recipient, stateCell(screen, one.state), one.detail]),
          )
          if (!result.serverRuns) screen.note('No server runs: they are tried when it does.')
        })
      }),
    'queue retry 01KAV3CX6Q1GJ5YB4R6DA7FXHS',
    'queue retry --all',
  )
}
