import type { Logger } from 'pino'
import type { Instant } from '#domain/kernel/instant'
import type { Commands } from '#infra/commands/commands'
import type { HostedDomains } from '#infra/commands/hosted-domains'
import type { Journal } from '#infra/commands/journal'
import type { Policies } from '#infra/commands/policies'
import type { ContentStore } from '#infra/content-store/port'
import type { DnsResolver } from '#infra/dns/port'
import type { Recipients } from './recipients.ts'
import type { Returns } from './returns.ts'

/** What the MX listener stands on; apps/mailkeep puts it together. */
export interface MxParts {
  readonly commands: Pick<Commands, 'mail'>
  readonly content: Pick<ContentStore, 'put'>
  readonly policies: Policies
  readonly hostedDomains: HostedDomains
  readonly recipients: Pick<Recipients, 'lookUp'>
  readonly returns: Pick<Returns, 'lookUp' | 'countOne'>
  readonly journal: Pick<Journal, 'refused'>
  readonly dns: DnsResolver
  readonly logger: Logger
  readonly metrics: MxMetrics
  readonly pressure: Pressure
  readonly clock: () => Instant
  /** 26 characters, sortable by time (ULID). */
  readonly newMailId: () => string
  readonly hostname: string
}

export interface MxMetrics {
  /** A mail got its 250; `milliseconds` from the first byte of DATA. */
  accepted(milliseconds: number): void
  refused(stage: string, check: string): void
}

/** Why new mail may have to wait outside. Both are answered from a figure a moment old. */
export interface Pressure {
  /** Mails accepted and not yet judged. */
  backlog(): number
  /** Free bytes where the data is. */
  freeBytes(): number
}
