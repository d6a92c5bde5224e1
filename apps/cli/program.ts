import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import { addAccount } from './commands/account.ts'
import { addArchive } from './commands/archive.ts'
import { addClassify } from './commands/classify.ts'
import { addConfig } from './commands/config.ts'
import { addDoctor } from './commands/doctor.ts'
import { addDomain } from './commands/domain.ts'
import { addLog } from './commands/log.ts'
import { addMail } from './commands/mail.ts'
import { addPolicy } from './commands/policy.ts'
import { addProjection } from './commands/projection.ts'
import { addQuarantine } from './commands/quarantine.ts'
import { addQueue } from './commands/queue.ts'
import { addReaction } from './commands/reaction.ts'
import { addSend } from './commands/send.ts'
import { addServe } from './commands/serve.ts'
import { addUsage } from './commands/usage.ts'
import type { Cli } from './cli.ts'
import { isColourful } from './screen.ts'

export const createProgram = (cli: Cli): Command => {
  const { io } = cli
  const program = new Command('mailkeep')
    .description('Mail-security gateway and compliance archive')
    .version(versionOfThis(), '--version', 'print the version')
    .option('--json', 'print JSON')
    .helpOption('-h, --help', 'show help')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void io.stdout.write(text),
      writeErr: (text) => void io.stderr.write(text),
      // Said by run.ts, which knows what to type instead.
      outputError: () => undefined,
      getOutHasColors: () => isColourful(io, io.stdout),
      getErrHasColors: () => isColourful(io, io.stderr),
      getOutHelpWidth: () => io.stdout.columns ?? 100,
      getErrHelpWidth: () => io.stderr.columns ?? 100,
    })
    .configureHelp({ showGlobalOptions: true })
  for (const add of [
    addServe,
    addSend,
    addDoctor,
    addConfig,
    addDomain,
    addAccount,
    addUsage,
    addMail,
    addQuarantine,
    addQueue,
    addArchive,
    addPolicy,
    addClassify,
    addProjection,
    addReaction,
    addLog,
  ])
    add(program, cli)
  return program
}

const versionOfThis = (): string => {
  const file = new URL(
    import.meta.url.endsWith('.ts') ? '../../package.json' : '../../../package.json',
    import.meta.url,
  )
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version
}
