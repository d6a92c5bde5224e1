import { randomUUID } from 'node:crypto'
import type { EventCodec } from '../codec.ts'
import type { ParkedEvent } from '../port.ts'
import type { BatchAppends, Proposed } from './batch.ts'
import type { Connection } from './connection.ts'
import { recordedEvent, type RecordMessage } from './messages.ts'
import { readStream } from './requests.ts'
import { answersTo } from './source.ts'

/** Parked messages that are looked at: more than anybody should have. */
const MAX_PARKED = 50_000
const CHUNK = 1_000
const MAX_CONFLICTS = 20

/** One link in a group's parked stream. */
interface ParkedLink {
  readonly link: RecordMessage
  readonly event: ParkedEvent
}

const parkedStream = (group: string): string => `$persistentsubscription-$all::${group}-parked`

/** The reason as stored carries the retries: the server keeps no count of them. */
export const parkingReason = (reason: string, retryCount: number): string => `${reason} (retries: ${retryCount})`

/** What the server keeps of parked messages: a stream of links, truncated when they are replayed. */
export class ParkedMessages {
  readonly #connection: Connection
  readonly #batch: BatchAppends
  readonly #codec: EventCodec

  constructor(connection: Connection, batch: BatchAppends, codec: EventCodec) {
    this.#connection = connection
    this.#batch = batch
    this.#codec = codec
  }

  async list(group: string, limit = MAX_PARKED): Promise<readonly ParkedEvent[]> {
    const { links } = await this.#links(group)
    return links.slice(0, limit).map(({ event }) => event)
  }

  /** Answers how many. They are with the server then, which hands them out to the group's consumers on any node. */
  async replay(group: string, eventIds: readonly string[] | undefined): Promise<number> {
    const wanted = eventIds && new Set(eventIds)
    for (let conflicts = 0; conflicts < MAX_CONFLICTS; conflicts++) {
      const { links, last } = await this.#links(group)
      const chosen = wanted === undefined ? links : links.filter(({ event }) => wanted.has(event.event.id))
      if (chosen.length === 0) return 0
      if (chosen.length === links.length) {
        await this.#replayUntil(group, undefined)
        return chosen.length
      }
      const others = links.filter((link) => !chosen.includes(link))
      if (await this.#moveToFront(group, [...chosen, ...others], last)) {
        await this.#replayUntil(group, last + 1 + chosen.length)
        return chosen.length
      }
    }
    throw new Error(`group ${group}: its parked messages change too fast to replay some of them; try again`)
  }

  /**
   * The server replays from the oldest up to a revision, never one by one. So the links are written anew at the end, the chosen ones first, and
   * what stood before is cut off: then the chosen ones are the oldest. A crash in between leaves links twice, which `list` shows once.
   */
  async #moveToFront(group: string, ordered: readonly ParkedLink[], last: number): Promise<boolean> {
    const stream = parkedStream(group)
    const copies = ordered.map(({ link }) => copyOf(link))
    for (let at = 0; at < copies.length; at += CHUNK) {
      const outcome = await this.#connection.retry(`replay of ${group}`, () =>
        this.#batch.append(stream, last + at, copies.slice(at, at + CHUNK)),
      )
      if (outcome.kind === 'wrong') return false
    }
    const truncation = proposed('$metadata', 'application/json', Buffer.from(JSON.stringify({ $tb: last + 1 })))
    await this.#connection.retry(`replay of ${group}`, () => this.#batch.append(`$$${stream}`, 'any', [truncation]))
    return true
  }

  async #replayUntil(group: string, stopAt: number | undefined): Promise<void> {
    await this.#connection.retry(`replay of ${group}`, () =>
      this.#connection.client.replayParkedMessagesToAll(group, {
        requiresLeader: true,
        ...(stopAt === undefined ? {} : { stopAt }),
      }),
    )
  }

  /** Oldest first, each event once; `last` is the stream's last revision, -1 when there is none. */
  async #links(group: string): Promise<{ readonly links: readonly ParkedLink[]; readonly last: number }> {
    const stream = parkedStream(group)
    const request = readStream({ stream, from: null, backwards: false, limit: MAX_PARKED, resolveLinks: true })
    return this.#connection.retry(`read of ${stream}`, async () => {
      const links = new Map<string, ParkedLink>()
      let last = -1
      for await (const answer of answersTo(this.#connection, request)) {
        const link = answer.getEvent()?.getLink()
        const record = answer.getEvent()?.getEvent()
        if (link !== undefined) last = Number(link.getStreamRevision())
        if (link === undefined || record === undefined) continue
        const event = recordedEvent(record, this.#codec)
        if (!links.has(event.id)) links.set(event.id, { link, event: { event, ...whyParked(link) } })
      }
      return { links: [...links.values()], last }
    })
  }
}

const whyParked = (link: RecordMessage): Pick<ParkedEvent, 'reason' | 'parkedAt' | 'retryCount'> => {
  const stored: unknown = JSON.parse(Buffer.from(link.getCustomMetadata_asU8()).toString('utf8'))
  const { added, reason } = (stored ?? {}) as Partial<Record<string, unknown>>
  const text = typeof reason === 'string' ? reason : ''
  const [, own, retries] = /^(.*) \(retries: (\d+)\)$/su.exec(text) ?? []
  const parkedAt = typeof added === 'string' ? Date.parse(added) : Number.NaN
  return { reason: own ?? text, parkedAt: Number.isNaN(parkedAt) ? 0 : parkedAt, retryCount: Number(retries ?? 0) }
}

const copyOf = (link: RecordMessage): Proposed => ({
  ...proposed('$>', 'application/octet-stream', link.getData_asU8()),
  metadata: link.getCustomMetadata_asU8(),
})

const proposed = (type: string, contentType: Proposed['contentType'], data: Uint8Array): Proposed => ({
  id: randomUUID(),
  type,
  contentType,
  data,
  metadata: Buffer.alloc(0),
})
