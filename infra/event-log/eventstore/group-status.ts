import { setTimeout as sleep } from 'node:timers/promises'
import type { PersistentSubscriptionToAllInfo } from '@eventstore/db-client'
import type { GroupStatus, ParkedEvent } from '../port.ts'
import type { Connection } from './connection.ts'
import { isPassing } from './failure.ts'
import type { Group } from './group.ts'
import { onServer } from './group-names.ts'
import type { ParkedMessages } from './parked.ts'
import { toPosition } from './position.ts'

/** Milliseconds that answers get to arrive at the server, which takes them one after another without a word. */
const SETTLE_MS = 2_000
const POLL_MS = 5

/** What the server says of a group, after it has taken the answers this process has given. */
export class GroupStates {
  readonly #connection: Connection
  readonly #parked: ParkedMessages

  constructor(connection: Connection, parked: ParkedMessages) {
    this.#connection = connection
    this.#parked = parked
  }

  /**
   * Resolves when the server awaits no more answers from this process than it has to give, at the latest after two seconds. A server that is
   * away gets no answers: it hands out again.
   */
  async settled(group: Group | undefined): Promise<void> {
    if (group === undefined || !group.unsettled) return
    const deadline = performance.now() + SETTLE_MS
    while (performance.now() < deadline) {
      const name = group.lineName
      const info =
        name === undefined
          ? undefined
          : (await onServer(this.#connection, group.name).catch(noneWhenAway))?.find(
              ({ groupName }) => groupName === group.serverName,
            )
      const own = info?.connections.find(({ connectionName }) => connectionName === name)
      if (own === undefined || own.inFlightMessages <= group.held) break
      await sleep(POLL_MS)
    }
    group.unsettled = false
  }

  /** The parked messages, those included that this process has just parked. */
  async parked(name: string, group: Group | undefined): Promise<readonly ParkedEvent[]> {
    await this.settled(group)
    const deadline = performance.now() + SETTLE_MS
    for (;;) {
      const parked = await this.#list(name, group)
      for (const { event } of parked) group?.parking.delete(event.id)
      if (group === undefined || group.parking.size === 0 || performance.now() >= deadline) {
        group?.parking.clear()
        return parked
      }
      await sleep(POLL_MS)
    }
  }

  async replay(name: string, group: Group | undefined, eventIds: readonly string[] | undefined): Promise<number> {
    await this.parked(name, group)
    let replayed = 0
    for (const { groupName } of await this.#onServer(name)) replayed += await this.#parked.replay(groupName, eventIds)
    return replayed
  }

  async status(name: string, group: Group | undefined): Promise<GroupStatus> {
    const parked = await this.parked(name, group)
    const all = await this.#onServer(name)
    const elsewhere = all
      .flatMap(({ connections }) => connections)
      .filter(({ connectionName }) => connectionName !== group?.lineName)
      .reduce((sum, { inFlightMessages }) => sum + inFlightMessages, 0)
    const current = all.find(({ groupName }) => groupName === group?.serverName) ?? all.find(isUsed) ?? all[0]
    const position = current && checkpointOf(current)
    return {
      checkpoint: position === undefined ? null : toPosition(String(position.commit)),
      inFlight: (group?.out ?? 0) + elsewhere,
      parked: parked.length,
    }
  }

  async #list(name: string, group: Group | undefined): Promise<readonly ParkedEvent[]> {
    const names = new Set((await this.#onServer(name)).map(({ groupName }) => groupName))
    if (group !== undefined) names.add(group.serverName)
    const lists: ParkedEvent[] = []
    for (const serverName of names) lists.push(...(await this.#parked.list(serverName)))
    return names.size > 1 ? lists.toSorted((one, other) => one.parkedAt - other.parkedAt) : lists
  }

  #onServer(name: string): Promise<readonly PersistentSubscriptionToAllInfo[]> {
    return this.#connection.retry(`group ${name}`, () => onServer(this.#connection, name))
  }
}

const isUsed = ({ connections }: PersistentSubscriptionToAllInfo): boolean => connections.length > 0

const noneWhenAway = (error: unknown): undefined => {
  if (!isPassing(error)) throw error
}

/** With nothing outstanding, all the server has seen is answered; else what it has noted as answered. */
const checkpointOf = ({ stats }: PersistentSubscriptionToAllInfo) =>
  stats.outstandingMessagesCount === 0 &&
  stats.totalInFlightMessages === 0 &&
  stats.retryBufferCount === 0 &&
  stats.readBufferCount === 0 &&
  stats.liveBufferCount === 0n
    ? (stats.lastKnownEventPosition ?? stats.lastCheckpointedEventPosition)
    : stats.lastCheckpointedEventPosition
