import type { Command } from 'commander'
import { loadConfig, type Config, type Origins } from '#infra/config/load'
import { describeProblems } from '#infra/config/problems'
import { exitCodes } from './exit-codes.ts'
import type { Io } from './io.ts'
import { openOperator, type Operator } from './operator.ts'
import { Problem } from './problem.ts'
import { ProgressBar } from './progress.ts'
import { Screen } from './screen.ts'

/** What every command stands on. */
export class Cli {
  readonly io: Io
  /** What the process ends with when nothing is thrown: 1 for an answer that is bad news. */
  exitCode: number = exitCodes.done

  constructor(io: Io) {
    this.io = io
  }

  screen(command: Command): Screen {
    return new Screen(this.io, command.optsWithGlobals<{ json?: boolean }>().json === true)
  }

  /** Throws a `Problem` that names everything wrong with it. */
  config(): { readonly config: Config; readonly origins: Origins } {
    const loaded = loadConfig({ env: this.io.env, cwd: this.io.cwd })
    if ('ok' in loaded) return { config: loaded.ok, origins: loaded.origins }
    throw new Problem(describeProblems(loaded.problems), { exitCode: exitCodes.usage, instead: 'mailkeep config show' })
  }

  /** Opens what carries out operations, and closes it again. */
  async withOperator<Result>(body: (operator: Operator) => Promise<Result>): Promise<Result> {
    const operator = await openOperator(this.config().config, this.io)
    try {
      return await body(operator)
    } finally {
      await operator.close()
    }
  }

  async withProgress<Result>(screen: Screen, body: (bar: ProgressBar) => Promise<Result>): Promise<Result> {
    const bar = new ProgressBar(this.io, screen)
    try {
      return await body(bar)
    } finally {
      bar.end()
    }
  }

  /** A command as it is typed here: in a checkout by npm. */
  typed(line: string): string {
    return this.io.env['npm_lifecycle_event'] === 'mailkeep' ? line.replace(/^mailkeep\b/, 'npm run mailkeep --') : line
  }

  badNews(): void {
    this.exitCode = exitCodes.failed
  }
}

/** Lines under --help that show the command in use. */
export const examples = (command: Command, ...lines: readonly string[]): Command =>
  command.addHelpText('after', ['', 'Examples:', ...lines.map((line) => `  $ mailkeep ${line}`)].join('\n'))
