import { Command } from 'commander'
import { loadConfig } from '#infra/config/load'
import { exitCodes } from './exit-codes.ts'
import { describeProblems } from '#infra/config/problems'

export const configCommand = (): Command => {
  const config = new Command('config').description('check or show the effective configuration')
  config
    .command('check')
    .description('say every problem of the configuration at once')
    .action(() => {
      if (readConfig() !== null) console.log('The configuration is fine.')
    })
  return config
}

/** The configuration, or null with every problem on stderr and exit code 2. */
export const readConfig = () => {
  const loaded = loadConfig({ env: process.env, cwd: process.cwd() })
  if ('ok' in loaded) return loaded.ok
  console.error(describeProblems(loaded.problems))
  process.exitCode = exitCodes.usage
  return null
}
