import { existsSync } from 'node:fs'
import type { Command } from 'commander'
import { policyDocument } from '#domain/policy/documents'
import type { ResultOf } from '#apps/mailkeep/operations'
import type { Config } from '#infra/config/load'
import { type Cli, examples } from '../cli.ts'
import { ok, problem, reasonOf, type Finding } from '../doctor/finding.ts'
import * as machine from '../doctor/machine.ts'
import * as server from '../doctor/server.ts'
import { printable } from '../printable.ts'
import { Problem } from '../problem.ts'
import { counted, stateCell } from '../words.ts'

export const addDoctor = (program: Command, cli: Cli): void => {
  examples(
    program
      .command('doctor')
      .description('look at everything that can be wrong, and say what to do')
      .option('--replay', 'put back what reactions have set aside, first')
      .action(async (options: { replay?: boolean }, command: Command) => {
        const screen = cli.screen(command)
        const findings = await examine(cli, options.replay === true)
        const problems = findings.filter(({ state }) => state === 'problem').length
        const warnings = findings.filter(({ state }) => state === 'warning').length
        if (problems > 0) cli.badNews()
        screen.answer({ healthy: problems === 0, problems, warnings, items: findings }, () => {
          for (const { about, state, says } of findings) {
            const cell = stateCell(screen, state)
            const [text, paint] =
              typeof cell === 'object' && cell !== null ? [cell.text, cell.paint] : [String(cell), String]
            screen.line(`${paint(text.padEnd(9))}  ${about.padEnd(11)}  ${printable(says)}`)
          }
          screen.line()
          screen.line(
            problems + warnings === 0
              ? 'All is well.'
              : `${counted(problems, 'problem')}, ${counted(warnings, 'warning')}.`,
          )
        })
      }),
    'doctor',
    'doctor --json',
    'doctor --replay',
  )
}

interface Asked {
  readonly serverRuns: boolean
  readonly status: ResultOf<'status'>
  readonly health: ResultOf<'health'>
  readonly replayed: number | null
}

const examine = async (cli: Cli, replay: boolean): Promise<Finding[]> => {
  let config: Config
  try {
    ;({ config } = cli.config())
  } catch (error) {
    return [problem('config', reasonOf(error))]
  }
  const findings = [ok('config', 'No problem in the configuration.')]
  const asked = await ask(cli, replay)
  const storage = 'health' in asked ? asked.health.storage : policyDocument('storage', {})
  if ('health' in asked) {
    const { health, replayed, serverRuns, status } = asked
    findings.push(server.whoServes(serverRuns, status))
    if (replayed !== null) findings.push(ok('replay', `${counted(replayed, 'delivery', 'deliveries')} put back.`))
    findings.push(
      ...(await machine.ports(machine.configuredPorts(config), serverRuns ? status.listening : null)),
      ...server.demo(config, status),
      ...server.views(health, serverRuns),
      ...server.setAside(health),
      ...server.alarms(health),
    )
  } else {
    findings.push(asked)
  }
  if (existsSync(config.data))
    findings.push(...(await machine.dataFolder(config, storage)), await machine.eventLog(config))
  findings.push(
    await machine.certificate(config, storage, Date.now()),
    await machine.virusScanner(config),
    await machine.nameServers(config),
  )
  return findings
}

/** What only whoever has the data open can say; a finding when that can't be had. */
const ask = async (cli: Cli, replay: boolean): Promise<Asked | Finding> => {
  try {
    return await cli.withOperator(async (operator) => {
      const replayed = replay ? (await operator.ask('parked-replay', { group: null })).results : null
      return {
        serverRuns: operator.serverRuns,
        status: await operator.ask('status', {}),
        health: await operator.ask('health', {}),
        replayed: replayed === null ? null : replayed.reduce((sum, one) => sum + one.replayed, 0),
      }
    })
  } catch (error) {
    const instead =
      error instanceof Problem && error.instead !== null && error.instead !== 'mailkeep doctor'
        ? ` Try: ${error.instead}`
        : ''
    return problem('server', `${reasonOf(error)}${instead}`)
  }
}
