import type { Command } from 'commander'
import { Option } from 'commander'
import { type Cli, examples } from '../cli.ts'
import { collected, limit } from '../option-values.ts'
import { readPassword } from '../password.ts'
import { wrongUsage } from '../problem.ts'
import { printable } from '../printable.ts'
import type { Screen } from '../screen.ts'
import { counted, exactTime } from '../words.ts'
import { addForwarding } from './account-forwarding.ts'
import { addAccountArchive } from './archiving.ts'
import { addStanding } from './account-standing.ts'

const ROLES = ['user', 'domain-admin', 'admin', 'compliance'] as const
type Role = (typeof ROLES)[number]

interface AddOptions {
  readonly name?: string
  readonly role?: readonly string[]
  readonly timeZone: string
  readonly language: string
  readonly passwordStdin?: boolean
  /** false with --no-password. */
  readonly password: boolean
}

export const addAccount = (program: Command, cli: Cli): void => {
  const group = program.command('account').description('accounts: who has a mailbox here, and who may do what')
  addAdd(group, cli)
  addPasswd(group, cli)
  addList(group, cli)
  addForwarding(group, cli)
  addAccountArchive(group, cli)
  addStanding(group, cli)
}

const addAdd = (group: Command, cli: Cli): void => {
  const add = group
    .command('add')
    .description('make an account; asks for its password')
    .argument('<address>', 'e.g. ann@example.org')
    .option('--name <name>', 'display name')
    .option('--role <role>', `one of ${ROLES.join(', ')}; may be given several times`, collected)
    .option('--time-zone <zone>', 'IANA time zone', 'UTC')
    .option('--language <tag>', 'BCP 47 language tag', 'en')
    .option('--password-stdin', 'take the password from the first line of stdin')
    .option('--no-password', 'without a password: nobody can sign in yet')
    .addHelpText(
      'after',
      [
        '',
        'The first account ever with the role `compliance` is made at once. Every later one waits for the approval of an',
        'administrator or officer in the web client, or, where there is but one administrator, for 24 hours.',
      ].join('\n'),
    )
    .action(async (address: string, options: AddOptions, command: Command) => {
      const screen = cli.screen(command)
      const roles = rolesIn(options.role ?? [])
      const password = options.password
        ? await readPassword(cli.io, {
            fromStdin: options.passwordStdin === true,
            example: `mailkeep account add ${address}`,
          })
        : null
      const result = await cli.withOperator((operator) =>
        operator.ask('account-add', {
          address,
          displayName: options.name ?? '',
          roles,
          timeZone: options.timeZone,
          language: options.language,
          password,
        }),
      )
      screen.answer(result, () => {
        screen.line(`The account ${result.address} is there (${result.roles.join(', ')}).`)
        if (password === null) screen.line(`Nobody can sign in yet: mailkeep account passwd ${result.address}`)
        sayWhatWaits(screen, result.approvals)
      })
    })
  examples(
    add,
    'account add ann@example.org --name "Ann Lee"',
    'account add root@example.org --role admin --password-stdin < password.txt',
  )
}

const addPasswd = (group: Command, cli: Cli): void => {
  const passwd = group
    .command('passwd')
    .description('set the password of an account')
    .argument('<address>')
    .option('--password-stdin', 'take the password from the first line of stdin')
    .action(async (address: string, options: { passwordStdin?: boolean }, command: Command) => {
      const screen = cli.screen(command)
      const password = await readPassword(cli.io, {
        fromStdin: options.passwordStdin === true,
        example: `mailkeep account passwd ${address}`,
      })
      const result = await cli.withOperator((operator) => operator.ask('account-passwd', { address, password }))
      screen.answer(result, () => {
        if (result.changed) screen.line(`The password of ${result.address} is set.`)
        sayWhatWaits(screen, result.approvals)
      })
    })
  examples(passwd, 'account passwd ann@example.org', 'account passwd ann@example.org --password-stdin < password.txt')
}

const addList = (group: Command, cli: Cli): void => {
  const list = group
    .command('list')
    .description('accounts by address')
    .option('--domain <name>', 'of this domain only')
    .addOption(new Option('--limit <n>', 'at most').argParser(limit).default(500))
    .option('--after <address>', 'go on after this one')
    .action(async (options: { domain?: string; limit: number; after?: string }, command: Command) => {
      const screen = cli.screen(command)
      const result = await cli.withOperator((operator) => operator.ask('account-list', options))
      screen.answer(result, () => {
        if (result.items.length === 0) {
          screen.line('No account is there. Make one: mailkeep account add ann@example.org')
          return
        }
        screen.table(
          [
            { title: 'Address' },
            { title: 'Name', shrinks: true },
            { title: 'Roles' },
            { title: 'Aliases', shrinks: true },
            { title: 'Password' },
          ],
          result.items.map(({ address, displayName, roles, aliases, passwordSet }) => [
            address,
            displayName,
            roles.join(', '),
            aliases.length === 0 ? null : aliases.join(', '),
            passwordSet ? 'set' : { text: 'none', paint: screen.colors.yellow },
          ]),
        )
        screen.note(
          result.next === null
            ? counted(result.items.length, 'account')
            : `There are more: mailkeep account list --after ${printable(result.next)}`,
        )
      })
    })
  examples(list, 'account list', 'account list --domain example.org --json')
}

const rolesIn = (given: readonly string[]): Role[] =>
  given
    .flatMap((one) => one.split(','))
    .map((one) => {
      const role = ROLES.find((known) => known === one.trim())
      if (role === undefined) throw wrongUsage(`There is no role "${one}". There are: ${ROLES.join(', ')}.`)
      return role
    })

const sayWhatWaits = (
  screen: Screen,
  approvals: readonly { readonly id: string; readonly dueAt: string | null }[],
): void => {
  for (const { id, dueAt } of approvals)
    screen.line(
      `What concerns an officer waits for a second person: approval ${id}${dueAt === null ? '.' : `, or takes effect by itself at ${exactTime(dueAt)}.`}`,
    )
}
