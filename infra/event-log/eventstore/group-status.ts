import { setTimeout as sleep } from 'node:timers/promises'
import type { PersistentSubscriptionToAllInfo } from '@eventstore/db-client'
import type { GroupStatus, ParkedEvent } from '../port.ts'
import type { Connection } from './connection.ts'
import { isMissing, isPassing } from './failure.ts'
import type { Group } from './group.ts'
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
      const info = name === undefined ? undefined : await this.#ask(group.name).catch(noneWhenAway)
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
      const parked = await this.#parked.list(name)
      for (const { event } of parked) group?.parking.delete(event.id)
      if (group === undefined || group.parking.size === 0 || performance.now() >= deadline) {
        group?.parking.clear()
        return parked
      }
      await sleep(POLL_MS)
    }
  }

  async status(name: string, group: Group | undefined): Promise<GroupStatus> {
    const parked = await this.parked(name, group)
    const info = await this.#info(name)
    if (info === undefined) return { checkpoint: null, inFlight: 0, parked: parked.length }
    const elsewhere = info.connections
      .filter(({ connectionName }) => connectionName !== group?.lineName)
      .reduce((sum, { inFlightMessages }) => sum + inFlightMessages, 0)
    const position = checkpointOf(info)
    return {
      checkpoint: position === undefined ? null : toPosition(String(position.commit)),
      inFlight: (group?.out ?? 0) + elsewhere,
      parked: parked.length,
    }
  }

  async #info(name: string): Promise<PersistentSubscriptionToAllInfo | undefined> {
    return this.#connection.retry(`group ${name}`, () => this.#ask(name))
  }

  async #ask(name: string): Promise<PersistentSubscriptionToAllInfo | undefined> {
    try {
      return await this.#connection.client.getPersistentSubscriptionToAllInfo(name, { requiresLeader: true })
    } catch (error) {
      if (isMissing(error)) return undefined
      throw error
    }
  }
}

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
