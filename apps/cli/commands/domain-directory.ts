import type { Command } from 'commander'
import { Option } from 'commander'
import { type Cli, examples } from '../cli.ts'
import { readPassword } from '../password.ts'
import { wrongUsage } from '../problem.ts'
import { counted } from '../words.ts'

interface SourceOptions {
  readonly url?: string
  readonly base?: string
  readonly bindDn?: string
  readonly startTls?: boolean
  /** false with --no-verify-certificate. */
  readonly verifyCertificate: boolean
  readonly userFilter?: string
  readonly groupFilter?: string
  readonly passwordStdin?: boolean
  readonly keepPassword?: boolean
}

export const addDomainDirectory = (group: Command, cli: Cli): void => {
  addSource(group, cli)
  addSync(group, cli)
}

const addSource = (group: Command, cli: Cli): void => {
  const source = group
    .command('source')
    .description("who knows a domain's recipients: this server alone, also its mailbox host, or also an LDAP directory")
    .argument('<name>', 'the domain')
    .argument('<source>', 'own, rcpt or ldap')
    .addOption(new Option('--url <url>', 'ldap: ldaps://host:port or ldap://host:port'))
    .option('--base <dn>', 'ldap: where people and groups are')
    .option('--bind-dn <dn>', 'ldap: sign in as; asks for its password')
    .option('--start-tls', 'ldap: go into TLS on ldap://')
    .option('--no-verify-certificate', 'ldap: take whatever certificate')
    .option('--user-filter <filter>', 'ldap: who has a mailbox (RFC 4515)')
    .option('--group-filter <filter>', 'ldap: which entries are groups (RFC 4515)')
    .option('--password-stdin', 'take the password from the first line of stdin')
    .option('--keep-password', 'the password that was given before, for the same url and bind DN')
    .action(async (name: string, kind: string, options: SourceOptions, command: Command) => {
      const screen = cli.screen(command)
      const given = await sourceGiven(cli, name, kind, options)
      const result = await cli.withOperator((operator) => operator.ask('domain-source', { name, source: given }))
      screen.answer(result, () => {
        screen.line(result.changed ? `${name} is set.` : `${name} was set so already.`)
        if (kind === 'ldap') screen.line(`It is copied in a moment. To see how it goes: mailkeep domain sync ${name}`)
      })
    })
  examples(
    source,
    'domain source example.org rcpt',
    'domain source example.org ldap --url ldaps://dc1.example.org --base dc=example,dc=org --bind-dn cn=mailkeep,dc=example,dc=org',
  )
}

const sourceGiven = async (cli: Cli, name: string, kind: string, options: SourceOptions) => {
  if (kind === 'own' || kind === 'rcpt') return kind
  if (kind !== 'ldap') throw wrongUsage(`"${kind}" is no source: expected own, rcpt or ldap.`)
  const { url, base, bindDn, startTls, verifyCertificate, userFilter, groupFilter } = options
  if (url === undefined || base === undefined) throw wrongUsage('An LDAP directory needs --url and --base.')
  const asks = bindDn !== undefined && options.keepPassword !== true
  const password = asks
    ? await readPassword(cli.io, {
        fromStdin: options.passwordStdin === true,
        example: `mailkeep domain source ${name} ldap ...`,
      })
    : undefined
  return {
    kind: 'ldap' as const,
    url,
    base,
    startTls: startTls === true,
    verifyCertificate,
    ...(bindDn === undefined ? {} : { bindDn }),
    ...(password === undefined ? {} : { password }),
    ...(userFilter === undefined ? {} : { userFilter }),
    ...(groupFilter === undefined ? {} : { groupFilter }),
  }
}

const addSync = (group: Command, cli: Cli): void => {
  const sync = group
    .command('sync')
    .description("copy a domain's LDAP directory now, as the server does every night")
    .argument('<name>', 'the domain')
    .option('--accept-removals', 'also when more accounts are gone than policy lets go at once')
    .action(async (name: string, options: { acceptRemovals?: boolean }, command: Command) => {
      const screen = cli.screen(command)
      const result = await cli.withOperator((operator) =>
        operator.ask('domain-sync', { name, acceptRemovals: options.acceptRemovals === true }),
      )
      screen.answer(result, () => {
        const told = ({ accounts, aliases, groups }: typeof result.found) =>
          [counted(accounts, 'account'), counted(aliases, 'alias', 'aliases'), counted(groups, 'group')].join(', ')
        screen.line(`The directory of ${name} has ${told(result.found)}.`)
        screen.line(`Made: ${told(result.created)}. Removed: ${told(result.removed)}. Changed: ${result.changed}.`)
        if (result.left > 0)
          screen.line(
            `${counted(result.left, 'address', 'addresses')} left alone: made here, or twice in the directory.`,
          )
        screen.note(`next: ${result.nextAt}`)
      })
    })
  examples(sync, 'domain sync example.org', 'domain sync example.org --accept-removals')
}
