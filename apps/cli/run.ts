import { CommanderError, type Command } from 'commander'
import { LogUnavailable } from '#infra/event-log/port'
import { Cli } from './cli.ts'
import { exitCodes } from './exit-codes.ts'
import type { Io } from './io.ts'
import { Problem } from './problem.ts'
import { createProgram } from './program.ts'
import { Screen } from './screen.ts'

/** Runs one command; answers the exit code (interface.md §1). Everything that goes wrong is said here, on stderr. */
export const run = async (args: readonly string[], io: Io): Promise<number> => {
  const cli = new Cli(io)
  const program = createProgram(cli)
  try {
    if (args.every((arg) => arg === '--json')) firstCommands(cli, args.length > 0)
    else await program.parseAsync(args, { from: 'user' })
    return cli.exitCode
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return exitCodes.done
    const problem = problemOf(error, program, args)
    if (args.includes('--json')) {
      const { message, instead, exitCode } = problem
      io.stderr.write(`${JSON.stringify({ error: { message, instead, exitCode } })}\n`)
    } else {
      io.stderr.write(`mailkeep: ${problem.message}\n`)
      if (problem.instead !== null) io.stderr.write(`Try: ${cli.typed(problem.instead)}\n`)
    }
    return problem.exitCode
  }
}

/** The five commands one needs most. */
const FIRST = [
  ['serve', 'run the server'],
  ['doctor', 'see whether all is well, and what to do if not'],
  ['send', 'send a first mail'],
  ['mail trace <id>', 'see what became of it'],
  ['quarantine list', 'see what is held'],
] as const

const firstCommands = (cli: Cli, json: boolean): void => {
  const screen = new Screen(cli.io, json)
  const commands = FIRST.map(([typed, what]) => ({ command: cli.typed(`mailkeep ${typed}`), what }))
  screen.answer({ commands }, () => {
    screen.line('Mailkeep: a mail-security gateway and compliance archive.')
    screen.line()
    screen.facts(commands.map(({ command, what }) => [command, what]))
    screen.line()
    screen.line(`Every command: ${cli.typed('mailkeep --help')}`)
  })
}

const problemOf = (error: unknown, program: Command, args: readonly string[]): Problem => {
  if (error instanceof Problem) return error
  if (error instanceof CommanderError) {
    const help = `mailkeep ${[...pathOf(program, args), '--help'].join(' ')}`
    const said = error.message.replace(/^error: /, '')
    const message =
      error.code === 'commander.help' ? 'Say which command.' : said.charAt(0).toUpperCase() + said.slice(1)
    return new Problem(message, { exitCode: exitCodes.usage, instead: help })
  }
  if (error instanceof LogUnavailable) return new Problem(error.message, { instead: 'mailkeep doctor' })
  return new Problem(error instanceof Error ? error.message : String(error))
}

/** The command that was meant, as far as there is one of that name. */
const pathOf = (program: Command, args: readonly string[]): string[] => {
  const path: string[] = []
  let command: Command | undefined = program
  for (const arg of args.filter((one) => !one.startsWith('-'))) {
    command = command.commands.find((one) => one.name() === arg)
    if (command === undefined) break
    path.push(arg)
  }
  return path
}
