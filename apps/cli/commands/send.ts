import { Option, type Command } from 'commander'
import { SendFailed, SendRefused, sendMail } from '#infra/smtp/transport'
import { type Cli, examples } from '../cli.ts'
import { wholeNumber } from '../option-values.ts'
import { runningServer } from '../operator.ts'
import { readPassword } from '../password.ts'
import { printable } from '../printable.ts'
import { Problem, wrongUsage } from '../problem.ts'

interface SendOptions {
  readonly from?: string
  readonly as?: string
  readonly passwordStdin?: boolean
  readonly subject?: string
  readonly host?: string
  readonly port?: number
  readonly virus?: boolean
  readonly spam?: boolean
}

/** Test patterns that every scanner knows, in pieces, so that none finds them here. */
const EICAR = ['X5O!P%@AP[4\\PZX54(P^)7CC)7}$', 'EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*'].join('')
const GTUBE = ['XJS*C4JDBQADN1.NSBN3*2IDNEN*', 'GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X'].join('')

export const addSend = (program: Command, cli: Cli): void => {
  const port = wholeNumber(1, 65_535)
  examples(
    program
      .command('send')
      .description('send a mail to the server here: as somebody on the Internet would, or as one of its users')
      .argument('[address...]', 'to whom; in a demo ann')
      .option('--from <address>', 'sender (default: cara@outside.test, or who is signed in)')
      .option('--as <account>', 'sign in as that account and submit the mail; its password is asked for')
      .option('--password-stdin', 'read the password from the first line of stdin')
      .option('--subject <text>', 'subject')
      .addOption(new Option('--virus', 'with the EICAR test file: it is quarantined').conflicts('spam'))
      .option('--spam', 'with the GTUBE test pattern: it is quarantined')
      .option('--host <host>', 'where to (default: the server here)')
      .addOption(new Option('--port <port>', 'its port (default: that of the server here)').argParser(port))
      .action(async (addresses: string[], options: SendOptions, command: Command) => {
        const screen = cli.screen(command)
        const { target, demoDomain, serverRuns, account } = await targetOf(cli, options)
        const to = addresses.length > 0 ? addresses : demoDomain === null ? [] : [`ann@${demoDomain}`]
        if (to.length === 0 && !serverRuns && options.host === undefined)
          throw new Problem('No server runs here, so nobody would take the mail.', { instead: 'mailkeep serve' })
        if (to.length === 0) throw wrongUsage('Say to whom.', 'mailkeep send ann@example.org')
        const from = options.from ?? account ?? OUTSIDER
        const signedIn = account === null ? {} : { credentials: await credentialsOf(cli, account, options) }
        try {
          const reply = await sendMail({ ...target, ...signedIn }, { from, to, ...contentOf(options) })
          const id = /Ok: ([0-9A-Z]{26})/.exec(reply)?.[1] ?? null
          screen.answer({ to, reply, mail: id }, () => {
            screen.line(`${target.host}:${target.port} says: ${printable(reply)}`)
            if (id !== null) screen.line(`See what becomes of it: ${cli.typed(`mailkeep mail trace ${id}`)}`)
          })
        } catch (error) {
          throw problemOf(error)
        }
      }),
    'send',
    'send ann@example.org --subject "Hello"',
    'send ann@example.org ben@example.org --virus',
    'send ben@example.org --as ann@example.org',
  )
}

const OUTSIDER = 'cara@outside.test'

const targetOf = async (cli: Cli, options: SendOptions) => {
  const { host, port } = options
  const { config } = cli.config()
  const status = await (await runningServer(config))?.ask('status', {})
  const demoDomain = status?.demoDomain ?? null
  const account = accountOf(options, demoDomain)
  const name = account === null ? 'mx' : 'submission'
  const listening = status?.listening.find((one) => one.name === name)
  const { bind, port: set } = config[name]
  const usual = name === 'mx' ? 2525 : 2587
  const from = options.from ?? account ?? OUTSIDER
  return {
    target: {
      host: host ?? reachable(listening?.address ?? bind),
      port: port ?? listening?.port ?? (set === 'off' || set === 0 ? usual : set),
      name: `mail.${from.slice(from.lastIndexOf('@') + 1)}`,
    },
    demoDomain,
    serverRuns: status !== undefined,
    account,
  }
}

/** In a demo the part before the @ will do. */
const accountOf = ({ as }: SendOptions, demoDomain: string | null): string | null =>
  as === undefined ? null : as.includes('@') || demoDomain === null ? as : `${as}@${demoDomain}`

const credentialsOf = async (cli: Cli, user: string, { passwordStdin }: SendOptions) => ({
  user,
  password: await readPassword(cli.io, {
    fromStdin: passwordStdin === true,
    example: cli.typed(`mailkeep send --as ${user}`),
    once: true,
  }),
})

/** What listens everywhere is reached here. */
const reachable = (bind: string): string => (bind === '0.0.0.0' ? '127.0.0.1' : bind === '::' ? '::1' : bind)

const contentOf = ({ as, subject, virus, spam }: SendOptions) => {
  if (virus === true)
    return {
      subject: subject ?? 'A test file that every virus scanner knows',
      text: 'The attached EICAR file is harmless; scanners report it as a virus.',
      attachments: [{ filename: 'eicar.com', content: EICAR }],
    }
  if (spam === true) return { subject: subject ?? 'A test pattern that every spam filter knows', text: `${GTUBE}\n` }
  if (as !== undefined)
    return {
      subject: subject ?? 'A first mail from here',
      text: 'Hello,\n\nthis mail was submitted by a user here, scanned for viruses and sent on its way.\n',
    }
  return {
    subject: subject ?? 'A first mail',
    text: 'Hello,\n\nthis mail came in by SMTP, was scanned for viruses, scored and delivered.\n\nCara\n',
  }
}

const problemOf = (error: unknown): unknown => {
  if (error instanceof SendRefused) return new Problem(`The server did not take it: ${printable(error.reply)}`)
  if (error instanceof SendFailed)
    return new Problem(`The mail was not sent, nobody answered: ${printable(error.message)}.`, {
      instead: 'mailkeep serve',
    })
  return error
}
