import { LRUCache } from 'lru-cache'
import type { DomainSettings } from '#domain/hosted-domain/events'
import type { DirectoryEntry } from '#domain/hosted-domain/directory-plan'
import type { Instant } from '#domain/kernel/instant'
import { domainOf, mailboxKey, withoutDetail, type Address } from '#domain/message/mailbox'
import type { HostedDomains } from '#infra/commands/hosted-domains'
import type { Policies } from '#infra/commands/policies'
import type { Found } from '#infra/directory-source/port'
import type { RecipientSources } from '#infra/directory-source/sources'
import type { Logger } from '#infra/observability/logger'
import { NotAsked, Questions } from './questions.ts'
import type { LookUp, Recipients } from './recipients.ts'

export interface VerifiedRecipientsParts {
  readonly recipients: Pick<Recipients, 'lookUp'>
  readonly hostedDomains: Pick<HostedDomains, 'fresh' | 'current'>
  readonly policies: Pick<Policies, 'current'>
  readonly sources: Pick<RecipientSources, 'of'>
  /** Makes ours what an LDAP directory has. */
  readonly adopt: (domain: string, entries: readonly DirectoryEntry[]) => Promise<void>
  readonly clock: () => Instant
  readonly logger: Logger
}

const MOST_REMEMBERED = 50_000

type Unknown = { readonly at: Instant; readonly reason: string }

/**
 * Recipients of domains whose directory is not ours. Who is in our own directory is known without asking. Whoever else is asked about at the
 * domain's source: what it says is remembered, its unknown addresses shorter than its known ones and apart from them, so that guesses
 * push nobody out. While it is away, what was known is taken, for new addresses the sender comes again.
 */
export class VerifiedRecipients {
  readonly #parts: VerifiedRecipientsParts
  readonly #known = new LRUCache<Address, { readonly at: Instant }>({ max: MOST_REMEMBERED })
  readonly #unknown = new LRUCache<Address, Unknown>({ max: MOST_REMEMBERED })
  readonly #questions = new Questions<Found>()

  constructor(parts: VerifiedRecipientsParts) {
    this.#parts = parts
  }

  async lookUp(given: string): Promise<LookUp> {
    const own = await this.#parts.recipients.lookUp(given)
    if (own.kind !== 'unknown-recipient') return own
    const key = mailboxKey(given)
    const domain = domainOf(key)
    await this.#parts.hostedDomains.fresh()
    const settings = this.#parts.hostedDomains.current(domain)
    if (settings === null || settings.recipientSource === 'own') return own
    const delimiter = settings.subAddressDelimiter
    const plain = delimiter === '' ? key : withoutDetail(key, delimiter)
    // What stands behind the delimiter is a detail of a mailbox, unless there is none without it.
    const first = await this.#one(given, plain, domain, settings)
    return first.kind === 'unknown-recipient' && plain !== key ? this.#one(given, key, domain, settings) : first
  }

  async #one(given: string, key: Address, domain: string, settings: DomainSettings): Promise<LookUp> {
    const { knownFor, unknownFor } = this.#parts.policies.current('edge').document.recipientVerification
    const now = this.#parts.clock()
    const isCopied = typeof settings.recipientSource !== 'string'
    const known = isCopied ? undefined : this.#known.get(key)
    if (known !== undefined && known.at > now - knownFor) return mailbox(given, key)
    const unknown = this.#unknown.get(key)
    if (unknown !== undefined && unknown.at > now - unknownFor)
      return { kind: 'unknown-recipient', reason: unknown.reason }

    const found = await this.#ask(key, domain, settings)
    switch (found.kind) {
      case 'recipient':
        this.#unknown.delete(key)
        this.#known.set(key, { at: now })
        return mailbox(given, key)
      case 'entries': {
        this.#unknown.delete(key)
        await this.#parts.adopt(domain, found.entries)
        const now = await this.#parts.recipients.lookUp(given)
        return now.kind === 'unknown-recipient'
          ? { ...now, reason: 'the directory knows it, but it leads to nobody here' }
          : now
      }
      case 'unknown':
        this.#known.delete(key)
        this.#unknown.set(key, { at: now, reason: found.reason })
        return { kind: 'unknown-recipient', reason: found.reason }
      case 'away':
        this.#parts.logger.warn({ domain, reason: found.reason }, 'recipients could not be verified')
        return known === undefined ? { kind: 'source-away', reason: found.reason } : mailbox(given, key)
    }
  }

  async #ask(key: Address, domain: string, settings: DomainSettings): Promise<Found> {
    const source = this.#parts.sources.of(domain, settings)
    if (source === null) return { kind: 'away', reason: 'the settings of the domain have just changed' }
    const bounds = this.#parts.policies.current('edge').document.recipientVerification
    try {
      return await this.#questions.ask(domain, key, bounds, (signal) => source.lookUp(key, signal))
    } catch (error) {
      if (!(error instanceof NotAsked)) throw error
      return { kind: 'away', reason: error.message }
    }
  }
}

/** A recipient without an account: its mailbox is its address. */
const mailbox = (given: string, key: Address): LookUp => ({
  kind: 'mailboxes',
  recipients: [{ address: given, mailbox: key }],
  outside: [],
  account: null,
  postmaster: false,
})
