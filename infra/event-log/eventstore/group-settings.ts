import { persistentSubscriptionToAllSettingsFromDefaults, START } from '@eventstore/db-client'
import type { PersistentSubscriptionToAllInfo, PersistentSubscriptionToAllSettings } from '@eventstore/db-client'
import type { EventFilter } from '../port.ts'
import type { Connection } from './connection.ts'
import { alreadyExists, isMissing } from './failure.ts'
import { compile } from './filter.ts'
import { nameOnServer, onServer } from './group-names.ts'

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

/**
 * Creates the group - at the log's beginning, or where it was with another filter - or brings its settings up to date: that makes its other
 * consumers join again. What it was with another filter goes when nobody uses it and nothing is parked in it.
 */
export const ensureGroup = async (
  connection: Connection,
  name: string,
  filter: EventFilter,
  limits: GroupLimits,
  defaults: GroupDefaults,
): Promise<void> => {
  const settings = settingsOf(limits, defaults)
  const options = { requiresLeader: true }
  const serverName = nameOnServer(name, filter)
  await connection.retry(`group ${name}`, async () => {
    const known = await onServer(connection, name)
    const others = known.filter(({ groupName }) => groupName !== serverName)
    const own = known.find(({ groupName }) => groupName === serverName)
    if (own === undefined) await create(connection, serverName, filter, { ...settings, startFrom: startOf(others) })
    else if (differs(own, settings))
      await connection.client.updatePersistentSubscriptionToAll(serverName, settings, options)
    for (const other of others.filter(isSpent)) {
      await connection.client.deletePersistentSubscriptionToAll(other.groupName, options).catch(goneAlready)
    }
  })
}

const create = async (
  connection: Connection,
  serverName: string,
  filter: EventFilter,
  settings: PersistentSubscriptionToAllSettings,
): Promise<void> => {
  const { server } = compile(filter)
  try {
    await connection.client.createPersistentSubscriptionToAll(serverName, settings, {
      requiresLeader: true,
      filter:
        server.on === 'stream'
          ? { filterOn: 'streamName', checkpointInterval: 1, prefixes: [...server.prefixes] }
          : { filterOn: 'eventType', checkpointInterval: 1, regex: server.regex },
    })
  } catch (error) {
    if (!alreadyExists(error)) throw error
  }
}

/** Where the furthest behind has noted everything as answered. */
const startOf = (
  others: readonly PersistentSubscriptionToAllInfo[],
): PersistentSubscriptionToAllSettings['startFrom'] => {
  let start: PersistentSubscriptionToAllSettings['startFrom'] = START
  for (const { stats } of others) {
    const at = stats.lastCheckpointedEventPosition
    if (at === undefined) return START
    if (typeof start === 'string' || at.commit < start.commit) start = at
  }
  return start
}

const isSpent = ({ connections, stats }: PersistentSubscriptionToAllInfo): boolean =>
  connections.length === 0 &&
  stats.parkedMessageCount === 0n &&
  stats.outstandingMessagesCount === 0 &&
  stats.retryBufferCount === 0

const goneAlready = (error: unknown): void => {
  if (!isMissing(error)) throw error
}

const differs = (
  { settings: now }: PersistentSubscriptionToAllInfo,
  wanted: PersistentSubscriptionToAllSettings,
): boolean =>
  now.messageTimeout !== wanted.messageTimeout ||
  now.maxRetryCount !== wanted.maxRetryCount ||
  now.checkPointAfter !== wanted.checkPointAfter ||
  now.consumerStrategyName !== wanted.consumerStrategyName
