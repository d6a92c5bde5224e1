import type { Command } from 'commander'
import type { Mailkeep } from '#apps/mailkeep/mailkeep'
import { LogUnavailable } from '#infra/event-log/port'
import { createLogger } from '#infra/observability/logger'
import { type Cli, examples } from '../cli.ts'
import { exitCodes } from '../exit-codes.ts'
import { Problem } from '../problem.ts'
import { welcome } from '../welcome.ts'

const GIVE_UP_AFTER_MS = 30_000
const ORPHAN_LOOK_MS = 500

export const addServe = (program: Command, cli: Cli): void => {
  examples(
    program
      .command('serve')
      .description('run the server: every part that `roles` names')
      .action(() => serve(cli)),
    'serve',
    'serve | tee mailkeep.log     logs are JSON when not on a terminal',
  )
}

/** Runs until SIGTERM or SIGINT, then finishes what is in flight. */
const serve = async (cli: Cli): Promise<void> => {
  const { config } = cli.config()
  const [{ startMailkeep, StartRefused }, { PortTaken }] = await Promise.all([
    import('#apps/mailkeep/mailkeep'),
    import('#apps/mailkeep/port-taken'),
  ])
  const logger = createLogger({ level: config.log.level, node: config.node.name })
  let mailkeep: Mailkeep
  try {
    mailkeep = await startMailkeep({ config, logger })
  } catch (error) {
    if (error instanceof StartRefused) throw new Problem(error.message, { exitCode: exitCodes.usage })
    if (error instanceof LogUnavailable || error instanceof PortTaken) throw new Problem(error.message)
    throw error
  }

  const stopping = new AbortController()
  const stop = (signal: string) => {
    if (stopping.signal.aborted) return
    stopping.abort()
    logger.info({ signal }, 'stopping: nothing new is accepted, what is in flight is finished')
    setTimeout(() => process.exit(exitCodes.failed), GIVE_UP_AFTER_MS).unref()
    void mailkeep.stop().then(() => process.exit(exitCodes.done))
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
  // npm dies of its SIGTERM and tells nobody: who asked `npm start` to end means this process.
  const parent = process.ppid
  if (process.env['npm_lifecycle_event'] !== undefined)
    setInterval(() => process.ppid === parent || stop('SIGTERM'), ORPHAN_LOOK_MS).unref()

  const { stdout } = cli.io
  const lines = welcome(mailkeep, config)
  if (lines.length > 0) stdout.write(`${lines.join('\n')}\n`)
  try {
    await mailkeep.ready(stopping.signal)
  } catch (error) {
    if (stopping.signal.aborted) return
    throw error
  }
  const where = mailkeep.listeners.map(({ name, address, port }) => `${name} ${address}:${port}`)
  stdout.write(`Mailkeep is ready: ${where.join(', ')}\n`)
}
