import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Instant } from '#domain/kernel/instant'
import type { EventCodec } from './codec.ts'
import type { GroupDefaults } from './eventstore/group-settings.ts'
import type { EventLog } from './port.ts'
import { acquireLock } from './sqlite/lock.ts'
import { openSqliteEventLog } from './sqlite/open.ts'
import { openSqliteLogReader } from './sqlite/reader.ts'

/** Where the log is; plain data, so that other threads can be told. */
export type LogAddress =
  /** The database file. */
  | { readonly engine: 'sqlite'; readonly path: string }
  /** `path`: the file whose lock says that this node's data folder is in use, whatever the engine. */
  | {
      readonly engine: 'eventstore'
      readonly path: string
      readonly connectionString: string
      readonly groups?: GroupTreatment
    }

/** How EventStoreDB treats the groups of all nodes; the last node that started says. Times in milliseconds. */
export interface GroupTreatment {
  readonly consumerStrategy: 'round-robin' | 'dispatch-to-single'
  /** Beyond a group's own time-out. */
  readonly messageTimeoutMs: number
  readonly checkpointAfterMs: number
}

/** The reading half, in any thread. */
export type LogReader = Pick<EventLog, 'readStream' | 'readAll' | 'lastPosition' | 'subscribeAll' | 'close'>

/** Throws `LogUnavailable`: `locked` when another server has this data folder. */
export const openEventLog = async (
  address: LogAddress,
  { codec, now }: { readonly codec: EventCodec; readonly now: () => Instant },
): Promise<EventLog> => {
  if (address.engine === 'sqlite') return openSqliteEventLog({ path: address.path, codec, now })
  const { openEventStoreLog } = await import('./eventstore/open.ts')
  await mkdir(dirname(address.path), { recursive: true, mode: 0o700 })
  const lock = acquireLock(address.path)
  try {
    const log = await openEventStoreLog({
      connectionString: address.connectionString,
      codec,
      ...(address.groups === undefined ? {} : { groups: defaultsOf(address.groups) }),
    })
    const close = log.close.bind(log)
    let closing: Promise<void> | undefined
    log.close = () => (closing ??= close().then(() => lock.release()))
    return log
  } catch (error) {
    lock.release()
    throw error
  }
}

const defaultsOf = ({ consumerStrategy, messageTimeoutMs, checkpointAfterMs }: GroupTreatment): GroupDefaults => ({
  consumerStrategy: consumerStrategy === 'round-robin' ? 'RoundRobin' : 'DispatchToSingle',
  graceMs: messageTimeoutMs,
  checkpointAfterMs,
})

export const openLogReader = async (address: LogAddress, codec: EventCodec): Promise<LogReader> => {
  if (address.engine === 'sqlite') return openSqliteLogReader({ path: address.path, codec })
  const { openEventStoreReader } = await import('./eventstore/reader.ts')
  return openEventStoreReader({ connectionString: address.connectionString, codec })
}
