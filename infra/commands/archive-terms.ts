import type { ArchiveEvent } from '#domain/archive/events'
import { archiveDecider } from '#domain/archive/decider'
import type { Retention } from '#domain/archive/retention'
import { ownRetention, untouchedArchive, type ArchiveAccount } from '#domain/archive/state'
import type { HostedDomainEvent } from '#domain/hosted-domain/events'
import { domainOf, type Address } from '#domain/message/mailbox'
import type { EventLog, Position } from '#infra/event-log/port'
import type { Policies } from './policies.ts'
import { Versions } from './versions.ts'

/** What held for an account's archive at a position of the log. */
export interface Terms {
  readonly subscribed: boolean
  readonly retention: Retention
  /** Held mail is archived, too. */
  readonly quarantined: boolean
}

const ACCOUNT_TYPES = ['Subscribed', 'Unsubscribed', 'SubscriptionReverted', 'RetentionSet', 'RetentionReverted']

/** Who is and was subscribed to the archive, for how long their mail is kept: the account's own word, else its domain's, else the policy's. */
export class ArchiveTerms {
  readonly #policies: Policies
  readonly #accounts: Versions<ArchiveAccount>
  readonly #domains: Versions<boolean>

  constructor(log: EventLog, policies: Policies) {
    this.#policies = policies
    this.#accounts = new Versions<ArchiveAccount>(
      log,
      { types: ACCOUNT_TYPES },
      (stream) => stream.slice('archive-'.length),
      (_account, before = untouchedArchive, event) => archiveDecider.evolve(before, event as ArchiveEvent),
    )
    this.#domains = new Versions<boolean>(
      log,
      { types: ['ArchiveDefaultSet', 'DomainRemoved'] },
      (stream) => stream.slice('domain-'.length),
      (_domain, _before, event) => {
        const change = event as HostedDomainEvent
        return change.type === 'ArchiveDefaultSet' && change.data.subscribed
      },
    )
  }

  async fresh(): Promise<void> {
    await Promise.all([this.#accounts.fresh(), this.#domains.fresh(), this.#policies.fresh()])
  }

  /** Known as of `position` (call `fresh` first). */
  asOf(account: Address, position: Position): Terms {
    const own = this.#accounts.asOf(account, position)
    const { document } = this.#policies.asOf('archive', position)
    const retention = own === undefined ? 'policy' : ownRetention(own)
    return {
      subscribed: own?.subscribed ?? this.#domains.asOf(domainOf(account), position) ?? false,
      retention: retention === 'policy' ? document.retentionDays : retention,
      quarantined: document.quarantined,
    }
  }

  /** The domain's default as it is now (call `fresh` first). */
  defaultOf(domain: string): boolean {
    return this.#domains.current(domain.toLowerCase()) ?? false
  }
}
