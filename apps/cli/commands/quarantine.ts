import { Option, type Command } from 'commander'
import { type Cli, examples } from '../cli.ts'
import { collected, limit } from '../option-values.ts'
import { counted, stateCell, timeText } from '../words.ts'

const REASONS = ['virus', 'unscannable', 'attachment', 'block-list', 'spam'] as const

interface ListOptions {
  readonly recipient?: string
  readonly reason?: (typeof REASONS)[number]
  readonly limit: number
  readonly after?: string
}

interface ReleaseOptions {
  readonly recipient?: readonly string[]
  readonly trust?: boolean
  readonly reason?: string
}

export const addQuarantine = (program: Command, cli: Cli): void => {
  const group = program.command('quarantine').description('mail that is held')
  examples(
    group
      .command('list')
      .description('what is held, newest first')
      .option('--recipient <address>', 'for this mailbox only')
      .addOption(new Option('--reason <reason>', 'held for this reason only').choices(REASONS))
      .addOption(new Option('--limit <n>', 'at most').argParser(limit).default(100))
      .option('--after <next>', 'go on where the last list ended')
      .action(async (options: ListOptions, command: Command) => {
        const screen = cli.screen(command)
        const result = await cli.withOperator((operator) => operator.ask('quarantine-list', options))
        screen.answer(result, () => {
          if (result.items.length === 0) {
            screen.line('Nothing is held. Mail that looks like spam or carries a virus waits here for 30 days.')
            return
          }
          screen.table(
            [
              { title: 'Mail' },
              { title: 'For', shrinks: true },
              { title: 'Why' },
              { title: 'Score', align: 'right' },
              { title: 'From', shrinks: true },
              { title: 'Subject', shrinks: true },
              { title: 'Accepted' },
            ],
            result.items.map((item) => [
              item.mail,
              item.recipient,
              item.reason === 'virus' ? stateCell(screen, 'virus') : item.reason,
              item.score === null ? null : item.score.toFixed(1),
              item.headerFrom ?? item.reversePath,
              item.subject,
              timeText(screen, item.acceptedAt),
            ]),
          )
          screen.note(
            result.next === null
              ? `${counted(result.items.length, 'mail')} held. Release one: mailkeep quarantine release <mail>`
              : `There are more: mailkeep quarantine list --after ${result.next}`,
          )
        })
      }),
    'quarantine list',
    'quarantine list --recipient ann@example.org --reason spam --json',
  )
  examples(
    group
      .command('release')
      .description('scan a held mail again and deliver it; a virus only with a reason, and then without a scan')
      .argument('<mail>', 'its id')
      .option('--recipient <address>', 'for this recipient only; may be given several times', collected)
      .option('--trust', "put the sender on the recipient's allow list, too")
      .option('--reason <text>', 'why; needed for a virus')
      .action(async (mail: string, options: ReleaseOptions, command: Command) => {
        const screen = cli.screen(command)
        const result = await cli.withOperator((operator) =>
          operator.ask('quarantine-release', {
            mail,
            recipients: [...(options.recipient ?? [])],
            trustSender: options.trust === true,
            reason: options.reason ?? null,
          }),
        )
        if (result.results.some(({ state }) => state === 'failed' || state === 'refused')) cli.badNews()
        screen.answer(result, () =>
          screen.table(
            [{ title: 'Recipient' }, { title: 'State' }, { title: 'Detail', shrinks: true }],
            result.results.map(({ recipient, state, detail }) => [recipient, stateCell(screen, state), detail]),
          ),
        )
      }),
    'quarantine release 01KAV3CX6Q1GJ5YB4R6DA7FXHS --trust',
    'quarantine release 01KAV3CX6Q1GJ5YB4R6DA7FXHS --recipient ben@example.org',
  )
}
