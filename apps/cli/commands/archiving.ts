import { Argument, type Command } from 'commander'
import { type Cli, examples } from '../cli.ts'
import { counted, sizeText } from '../words.ts'

/** `account archive`: whether an account's mail is archived, and how much of it there is. */
export const addAccountArchive = (group: Command, cli: Cli): void => {
  const archive = group
    .command('archive')
    .description('whether its mail is archived; say on, off, or domain for what its domain says')
    .argument('<address>')
    .addArgument(new Argument('[subscription]').choices(['on', 'off', 'domain']))
    .action(async (address: string, subscription: string | undefined, _options: object, command: Command) => {
      const screen = cli.screen(command)
      const wanted = subscription === undefined ? {} : { subscribed: subscribedBy(subscription) }
      const result = await cli.withOperator((operator) => operator.ask('account-archive', { address, ...wanted }))
      screen.answer(result, () => {
        const { own } = result.subscription
        const why = own === null ? `, as its domain says` : ''
        screen.line(
          result.subscribed
            ? `What ${result.address} sends and receives is archived${why}.`
            : `What ${result.address} sends and receives is not archived${why}.`,
        )
        screen.line(
          `${counted(result.copies, 'copy', 'copies')}, ${sizeText(result.usedBytes)}${result.quotaBytes === null ? '' : ` of ${sizeText(result.quotaBytes)}`}; kept ${result.retentionDays === null ? 'for ever' : `for ${counted(result.retentionDays, 'day')}`}; ${counted(result.holds.length, 'hold')}.`,
        )
        if (subscription === 'off' && result.copies > 0) screen.note('What is there stays.')
      })
    })
  examples(archive, 'account archive ann@example.org', 'account archive ann@example.org on')
}

const subscribedBy = (word: string): boolean | null => (word === 'domain' ? null : word === 'on')

/** `domain archive`: whether mail of its accounts is archived where they don't say themselves. */
export const addDomainArchive = (group: Command, cli: Cli): void => {
  const archive = group
    .command('archive')
    .description('whether mail of its accounts is archived where they do not say themselves; say on or off')
    .argument('<name>')
    .addArgument(new Argument('[subscription]').choices(['on', 'off']))
    .action(async (name: string, subscription: string | undefined, _options: object, command: Command) => {
      const screen = cli.screen(command)
      const wanted = subscription === undefined ? {} : { subscribed: subscription === 'on' }
      const result = await cli.withOperator((operator) => operator.ask('domain-archive', { name, ...wanted }))
      screen.answer(result, () =>
        screen.line(
          result.archiveByDefault
            ? `Mail of accounts of ${result.name} is archived, but of those that say otherwise.`
            : `Mail of accounts of ${result.name} is not archived, but of those that say otherwise.`,
        ),
      )
    })
  examples(archive, 'domain archive example.org', 'domain archive example.org on')
}
