import type { Command } from 'commander'
import { type Cli, examples } from '../cli.ts'
import { collected } from '../option-values.ts'
import { wrongUsage } from '../problem.ts'
import { printable } from '../printable.ts'

interface ForwardOptions {
  readonly to?: readonly string[]
  /** false with --no-copy. */
  readonly copy: boolean
  readonly off?: boolean
}

export const addForwarding = (group: Command, cli: Cli): void => {
  const forward = group
    .command('forward')
    .description('where the mail of an account goes on to once it is cleared; without options: say what is')
    .argument('<address>')
    .option('--to <address>', 'here or outside; may be given several times, up to ten', collected)
    .option('--no-copy', 'keep no copy in the mailbox, unless it can not be forwarded')
    .option('--off', 'forward nothing any more')
    .action(async (address: string, options: ForwardOptions, command: Command) => {
      const screen = cli.screen(command)
      const forwarding = forwardingIn(options)
      const result = await cli.withOperator((operator) =>
        operator.ask('account-forward', { address, ...(forwarding === undefined ? {} : { forwarding }) }),
      )
      screen.answer(result, () => {
        if (result.forwarding === null) {
          screen.line(`Mail for ${result.address} stays in its mailbox.`)
          return
        }
        const { to, keepCopy } = result.forwarding
        screen.line(
          `Mail for ${result.address} goes on to ${to.map(printable).join(', ')}; ${keepCopy ? 'a copy stays in its mailbox' : 'no copy stays'}.`,
        )
      })
    })
  examples(
    forward,
    'account forward ann@example.org --to ann.lee@example.net',
    'account forward ann@example.org --to ben@example.org --no-copy',
    'account forward ann@example.org --off',
  )
}

const forwardingIn = ({ to, copy, off }: ForwardOptions): { to: string[]; keepCopy: boolean } | null | undefined => {
  if (off === true && (to !== undefined || !copy)) throw wrongUsage('--off takes neither --to nor --no-copy.')
  if (off === true) return null
  if (to !== undefined) return { to: [...to], keepCopy: copy }
  if (!copy) throw wrongUsage('--no-copy needs --to: mail that goes nowhere else stays.')
  return undefined
}
