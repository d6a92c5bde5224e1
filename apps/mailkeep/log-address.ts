import { join } from 'node:path'
import { SECOND } from '#domain/kernel/instant'
import type { Config } from '#infra/config/load'
import type { LogAddress } from '#infra/event-log/engines'

/** Where the settings say that events are kept. */
export const logAddress = (config: Config): LogAddress => logAddressOn(config, config.log.engine)

/** Where they are, or would be, with that engine. Throws when EventStoreDB has no address. */
export const logAddressOn = (config: Config, engine: LogAddress['engine']): LogAddress => {
  const path = join(config.data, 'log', 'events.db')
  if (engine === 'sqlite') return { engine, path }
  const { url, consumerStrategy, messageTimeout, checkpointAfter } = config.eventstore
  if (url === null) throw new Error('eventstore.url is not set: where is EventStoreDB?')
  const groups = {
    consumerStrategy,
    messageTimeoutMs: messageTimeout * SECOND,
    checkpointAfterMs: checkpointAfter * SECOND,
  }
  return { engine, path, connectionString: url, groups }
}
