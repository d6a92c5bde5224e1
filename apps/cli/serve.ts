import { startMailkeep, StartRefused, type Mailkeep } from '#apps/mailkeep/mailkeep'
import { LogUnavailable } from '#infra/event-log/port'
import { createLogger } from '#infra/observability/logger'
import { readConfig } from './config-command.ts'
import { exitCodes } from './exit-codes.ts'
import { welcome } from './welcome.ts'

const GIVE_UP_AFTER_MS = 30_000

/** `mailkeep serve`: runs until SIGTERM or SIGINT, then finishes what is in flight. */
export const serve = async (): Promise<void> => {
  const config = readConfig()
  if (config === null) return
  const logger = createLogger({ level: config.log.level, node: config.node.name })
  let mailkeep: Mailkeep
  try {
    mailkeep = await startMailkeep({ config, logger })
  } catch (error) {
    if (error instanceof StartRefused || error instanceof LogUnavailable || isAddressInUse(error)) {
      console.error(`mailkeep: ${error.message}`)
      process.exitCode = error instanceof StartRefused ? exitCodes.usage : exitCodes.failed
      return
    }
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

  const lines = welcome(mailkeep, config)
  if (lines.length > 0) console.log(lines.join('\n'))
  try {
    await mailkeep.ready(stopping.signal)
  } catch (error) {
    if (stopping.signal.aborted) return
    throw error
  }
  console.log(
    `Mailkeep is ready: ${mailkeep.listeners.map(({ name, address, port }) => `${name} ${address}:${port}`).join(', ')}`,
  )
}

const isAddressInUse = (error: unknown): error is Error =>
  error instanceof Error && 'code' in error && (error.code === 'EADDRINUSE' || error.code === 'EACCES')
