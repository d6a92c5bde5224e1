import { domainOf } from '#domain/message/mailbox'
import { DIRECTORY_EVENTS } from '#projections/directory/follows'
import { resolveRecipient, type Resolution } from '#projections/directory/resolve'
import type { EventLog, Position } from '#infra/event-log/port'
import { ViewBehind, type ViewReader } from '#infra/views/port'

export type LookUp =
  | Extract<Resolution, { kind: 'mailboxes' }>
  /** `reason`: what the domain's own source said about it. */
  | { readonly kind: 'unknown-recipient'; readonly reason?: string }
  | { readonly kind: 'unknown-domain'; readonly domain: string }
  /** The directory is behind the log: better a second try than a wrong refusal. */
  | { readonly kind: 'unavailable' }
  /** Who knows the domain's recipients doesn't answer. */
  | { readonly kind: 'source-away'; readonly reason: string }

/** Addresses whose answer is kept until the directory changes, and the largest answer that is. */
const MOST_KNOWN = 10_000
const LARGEST_KNOWN = 20

/** Who an address of RCPT TO stands for, from a directory at least as new as the last answered command. */
export class Recipients {
  readonly #log: Pick<EventLog, 'lastPosition'>
  readonly #views: ViewReader
  readonly #known = new Map<string, LookUp>()
  /** The newest change of the directory when those were looked up. */
  #knownAsOf: Position | null = null

  constructor(log: Pick<EventLog, 'lastPosition'>, views: ViewReader) {
    this.#log = log
    this.#views = views
  }

  async lookUp(address: string): Promise<LookUp> {
    try {
      const newest = await this.#log.lastPosition(DIRECTORY_EVENTS)
      if (newest !== this.#knownAsOf) {
        if (newest !== null) await this.#views.caughtUp('directory', newest)
        this.#known.clear()
        this.#knownAsOf = newest
      }
    } catch (error) {
      if (error instanceof ViewBehind) return { kind: 'unavailable' }
      throw error
    }
    return this.#known.get(address) ?? this.#read(address)
  }

  #read(address: string): LookUp {
    const resolution = resolveRecipient(address, (table, key) => this.#views.get('directory', table, key))
    if (resolution.kind === 'unknown-domain') return { ...resolution, domain: domainOf(address) }
    if (resolution.kind === 'mailboxes' && resolution.recipients.length <= LARGEST_KNOWN) {
      if (this.#known.size >= MOST_KNOWN) this.#known.clear()
      this.#known.set(address, resolution)
    }
    return resolution
  }
}
