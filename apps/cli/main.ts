#!/usr/bin/env node
import { Command, CommanderError } from 'commander'
import { serve } from './serve.ts'
import { configCommand } from './config-command.ts'
import { exitCodes } from './exit-codes.ts'

const program = new Command('mailkeep')
  .description('Mail-security gateway and compliance archive')
  .showHelpAfterError('(mailkeep --help lists the commands)')
  .exitOverride()

program.command('serve').description('run the server: every part that `roles` names').action(serve)
program.addCommand(configCommand())

try {
  await program.parseAsync()
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? exitCodes.done : exitCodes.usage
  else {
    console.error(`mailkeep: ${error instanceof Error ? error.message : String(error)}`)
    process.exitCode = exitCodes.failed
  }
}
