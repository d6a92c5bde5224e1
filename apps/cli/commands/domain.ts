import type { Command } from 'commander'
import { type Cli, examples } from '../cli.ts'
import { decimal } from '../option-values.ts'
import { counted } from '../words.ts'
import { addDomainArchive } from './archiving.ts'
import { addDomainCheck } from './domain-check.ts'
import { addDomainDirectory } from './domain-directory.ts'
import { addDomainDkim } from './domain-dkim.ts'

interface AddOptions {
  readonly threshold?: number
  readonly postmaster?: string
  readonly mailboxHost?: string
}

export const addDomain = (program: Command, cli: Cli): void => {
  const group = program.command('domain').description('hosted domains')
  examples(
    group
      .command('add')
      .description('host a domain: from the next SMTP command on its addresses are known')
      .argument('<name>', 'the domain, e.g. example.org')
      .option('--threshold <score>', 'score from which mail is quarantined, instead of the one in policy', decimal)
      .option('--postmaster <address>', 'the account that gets mail for postmaster@ (default: the administrators)')
      .option(
        '--mailbox-host <route>',
        'where its mailboxes are: maildir, or lmtp://host:24, smtp://host:25, by commas',
      )
      .action(async (name: string, options: AddOptions, command: Command) => {
        const screen = cli.screen(command)
        const result = await cli.withOperator((operator) => operator.ask('domain-add', { name, ...options }))
        screen.answer(result, () => {
          screen.line(result.added ? `${result.name} is hosted now.` : `${result.name} is hosted already.`)
          if (!result.added) return
          screen.line(`Next: mailkeep account add <name>@${result.name}`)
          screen.line(`What to publish in the DNS: mailkeep domain check ${result.name}`)
        })
      }),
    'domain add example.org',
    'domain add example.org --threshold 6.5 --postmaster ann@example.org',
    "domain add example.org --mailbox-host 'lmtp://dovecot.example.org'",
  )
  examples(
    group
      .command('list')
      .description('every hosted domain')
      .action(async (_options: object, command: Command) => {
        const screen = cli.screen(command)
        const result = await cli.withOperator((operator) => operator.ask('domain-list', {}))
        screen.answer(result, () => {
          if (result.items.length === 0) {
            screen.line('No domain is hosted here. Add the first: mailkeep domain add example.org')
            return
          }
          screen.table(
            [
              { title: 'Domain' },
              { title: 'Accounts', align: 'right' },
              { title: 'Mailboxes' },
              { title: 'Recipients' },
              { title: 'Threshold', align: 'right' },
              { title: 'Postmaster' },
            ],
            result.items.map(({ name, accounts, mailboxHost, recipientSource, threshold, postmaster }) => [
              name,
              accounts,
              mailboxHost,
              typeof recipientSource === 'string' ? recipientSource : recipientSource.kind,
              threshold ?? 'policy',
              postmaster ?? 'administrators',
            ]),
          )
          screen.note(counted(result.items.length, 'domain'))
        })
      }),
    'domain list',
  )
  addDomainArchive(group, cli)
  addDomainDirectory(group, cli)
  addDomainDkim(group, cli)
  addDomainCheck(group, cli)
}
