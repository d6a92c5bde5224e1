import { domainOf } from '#domain/message/mailbox'
import { resolveRecipient, type Resolution } from '#projections/directory/resolve'
import type { EventLog } from '#infra/event-log/port'
import { ViewBehind, type ViewReader } from '#infra/views/port'

export type LookUp =
  | Extract<Resolution, { kind: 'mailboxes' }>
  | { readonly kind: 'unknown-recipient' }
  | { readonly kind: 'unknown-domain'; readonly domain: string }
  /** The directory is behind the log: better a second try than a wrong refusal. */
  | { readonly kind: 'unavailable' }

/** What the directory view follows. */
const DIRECTORY_EVENTS = { categories: ['domain', 'account'] }

/** Who an address of RCPT TO stands for, from a directory at least as new as the last answered command. */
export class Recipients {
  readonly #log: Pick<EventLog, 'lastPosition'>
  readonly #views: ViewReader

  constructor(log: Pick<EventLog, 'lastPosition'>, views: ViewReader) {
    this.#log = log
    this.#views = views
  }

  async lookUp(address: string): Promise<LookUp> {
    try {
      const newest = await this.#log.lastPosition(DIRECTORY_EVENTS)
      if (newest !== null) await this.#views.caughtUp('directory', newest)
    } catch (error) {
      if (error instanceof ViewBehind) return { kind: 'unavailable' }
      throw error
    }
    const resolution = resolveRecipient(address, (table, key) => this.#views.get('directory', table, key))
    return resolution.kind === 'unknown-domain' ? { ...resolution, domain: domainOf(address) } : resolution
  }
}
