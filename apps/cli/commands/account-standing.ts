import { Option, type Command } from 'commander'
import { type Cli, examples } from '../cli.ts'
import { printable } from '../printable.ts'
import { counted, exactTime } from '../words.ts'

type Held = 'release' | 'bounce' | 'keep'

export const addStanding = (group: Command, cli: Cli): void => {
  addSuspend(group, cli)
  addReinstate(group, cli)
  const passwords = group
    .command('app-password')
    .description('passwords of single devices, with which mail clients send mail and nothing else')
  addIssue(passwords, cli)
  addPasswordList(passwords, cli)
  addRevoke(passwords, cli)
}

const addSuspend = (group: Command, cli: Cli): void => {
  const suspend = group
    .command('suspend')
    .description('sign an account out everywhere, refuse its passwords and tokens, hold what it has in the queue')
    .argument('<address>')
    .requiredOption('--reason <sentence>', 'why; kept in the log')
    .action(async (address: string, { reason }: { reason: string }, command: Command) => {
      const screen = cli.screen(command)
      const result = await cli.withOperator((operator) => operator.ask('account-suspend', { address, reason }))
      screen.answer(result, () =>
        screen.line(
          result.changed
            ? `The account ${result.address} is suspended. Mail for it is still taken.`
            : `The account ${result.address} was suspended already.`,
        ),
      )
    })
  examples(suspend, 'account suspend ann@example.org --reason "sends spam since Monday"')
}

const addReinstate = (group: Command, cli: Cli): void => {
  const reinstate = group
    .command('reinstate')
    .description('end a suspension')
    .argument('<address>')
    .addOption(
      new Option('--held <what>', 'what becomes of its mails that are held in the queue').choices([
        'release',
        'bounce',
        'keep',
      ]),
    )
    .action(async (address: string, options: { held?: Held }, command: Command) => {
      const screen = cli.screen(command)
      const held = options.held ?? null
      const result = await cli.withOperator((operator) => operator.ask('account-reinstate', { address, held }))
      screen.answer(result, () => {
        screen.line(
          result.changed
            ? `The account ${result.address} may sign in again.`
            : `The account ${result.address} was not suspended.`,
        )
        if (result.changed && result.held > 0)
          screen.line(`${counted(result.held, 'held mail')}: ${held ?? 'release'}.`)
      })
    })
  examples(reinstate, 'account reinstate ann@example.org --held bounce')
}

const addIssue = (group: Command, cli: Cli): void => {
  const add = group
    .command('add')
    .description('make one; it is shown this once')
    .argument('<address>')
    .requiredOption('--name <device>', 'e.g. Phone')
    .action(async (address: string, { name }: { name: string }, command: Command) => {
      const screen = cli.screen(command)
      const result = await cli.withOperator((operator) => operator.ask('account-app-password-add', { address, name }))
      screen.answer(result, () => {
        screen.line(`App password of ${result.address} for ${printable(result.name)}: ${result.password}`)
        screen.note(
          `It is shown this once. Revoke it: mailkeep account app-password revoke ${result.address} ${result.id}`,
        )
      })
    })
  examples(add, 'account app-password add ann@example.org --name Phone')
}

const addPasswordList = (group: Command, cli: Cli): void => {
  const list = group
    .command('list')
    .description('app passwords of an account, without the passwords')
    .argument('<address>')
    .action(async (address: string, _options: object, command: Command) => {
      const screen = cli.screen(command)
      const result = await cli.withOperator((operator) => operator.ask('account-app-password-list', { address }))
      screen.answer(result, () => {
        if (result.items.length === 0) {
          screen.line('It has none.')
          return
        }
        screen.table(
          [{ title: 'Id' }, { title: 'Name', shrinks: true }, { title: 'Since' }],
          result.items.map(({ id, name, issuedAt }) => [id, name, exactTime(issuedAt)]),
        )
      })
    })
  examples(list, 'account app-password list ann@example.org')
}

const addRevoke = (group: Command, cli: Cli): void => {
  const revoke = group
    .command('revoke')
    .description('make one of no use, at once')
    .argument('<address>')
    .argument('<id>', 'as `list` shows it')
    .action(async (address: string, id: string, _options: object, command: Command) => {
      const screen = cli.screen(command)
      const result = await cli.withOperator((operator) => operator.ask('account-app-password-revoke', { address, id }))
      screen.answer(result, () =>
        screen.line(`The app password ${printable(result.name)} of ${result.address} is revoked.`),
      )
    })
  examples(revoke, 'account app-password revoke ann@example.org 4be1f3c0-6d3f-4c61-9f0e-0c1d2e3f4a5b')
}
