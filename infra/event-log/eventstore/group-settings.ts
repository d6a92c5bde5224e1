import { persistentSubscriptionToAllSettingsFromDefaults, START } from '@eventstore/db-client'
import type { PersistentSubscriptionToAllInfo, PersistentSubscriptionToAllSettings } from '@eventstore/db-client'
import type { EventFilter } from '../port.ts'
import type { Connection } from './connection.ts'
import { alreadyExists } from './failure.ts'
import { compile } from './filter.ts'

/** How the server treats groups; the same for all of them. */
export interface GroupDefaults {
  /** How deliveries are shared out between nodes. Default `RoundRobin`. */
  readonly consumerStrategy?: 'RoundRobin' | 'DispatchToSingle'
  /** Milliseconds that the server waits beyond a group's own time-out, for a node that hangs. Default 30 000. */
  readonly graceMs?: number
  /** Milliseconds between checkpoints. Default 1 000. */
  readonly checkpointAfterMs?: number
}

export interface GroupLimits {
  readonly concurrency: number
  readonly maxRetries: number
  readonly timeoutMs: number
}

/** Retries beyond the group's own that the server allows: cut connections count as retries there. */
const SERVER_RETRIES = 10_000

const settingsOf = (limits: GroupLimits, defaults: GroupDefaults): PersistentSubscriptionToAllSettings =>
  persistentSubscriptionToAllSettingsFromDefaults({
    startFrom: START,
    messageTimeout: Math.min(limits.timeoutMs + (defaults.graceMs ?? 30_000), 0x7f_ff_ff_ff),
    maxRetryCount: limits.maxRetries + SERVER_RETRIES,
    checkPointAfter: defaults.checkpointAfterMs ?? 1_000,
    consumerStrategyName: defaults.consumerStrategy ?? 'RoundRobin',
  })

/** Creates the group at the log's beginning, or brings its settings up to date: that makes its other consumers join again. */
export const ensureGroup = async (
  connection: Connection,
  name: string,
  filter: EventFilter,
  limits: GroupLimits,
  defaults: GroupDefaults,
): Promise<void> => {
  const settings = settingsOf(limits, defaults)
  const { server } = compile(filter)
  const options = { requiresLeader: true }
  await connection.retry(`group ${name}`, async () => {
    try {
      await connection.client.createPersistentSubscriptionToAll(name, settings, {
        ...options,
        filter:
          server.on === 'stream'
            ? { filterOn: 'streamName', checkpointInterval: 1, prefixes: [...server.prefixes] }
            : { filterOn: 'eventType', checkpointInterval: 1, regex: server.regex },
      })
    } catch (error) {
      if (!alreadyExists(error)) throw error
      const info = await connection.client.getPersistentSubscriptionToAllInfo(name, options)
      if (differs(info, settings)) await connection.client.updatePersistentSubscriptionToAll(name, settings, options)
    }
  })
}

const differs = (
  { settings: now }: PersistentSubscriptionToAllInfo,
  wanted: PersistentSubscriptionToAllSettings,
): boolean =>
  now.messageTimeout !== wanted.messageTimeout ||
  now.maxRetryCount !== wanted.maxRetryCount ||
  now.checkPointAfter !== wanted.checkPointAfter ||
  now.consumerStrategyName !== wanted.consumerStrategyName
