import type { Logger } from 'pino'
import type { Instant } from '#domain/kernel/instant'
import type { ArchiveTerms } from '#infra/commands/archive-terms'
import type { CandidatePolicies } from '#domain/simulation/candidate'
import type { Compared } from '#domain/simulation/tally'
import type { Commands } from '#infra/commands/commands'
import type { DkimKeys } from '#infra/commands/dkim-keys'
import type { HostedDomains } from '#infra/commands/hosted-domains'
import type { Policies } from '#infra/commands/policies'
import type { StreamStates } from '#infra/commands/stream-states'
import type { ContentStore } from '#infra/content-store/port'
import type { SecretKey } from '#infra/config/secret-key'
import type { RecipientSources } from '#infra/directory-source/sources'
import type { DnsResolver } from '#infra/dns/port'
import type { EventLog } from '#infra/event-log/port'
import type { ViewReader } from '#infra/views/port'

/** What the steward stands on; apps/mailkeep puts it together. */
export interface StewardParts {
  readonly log: EventLog
  readonly commands: Commands
  readonly states: StreamStates
  readonly content: ContentStore
  readonly policies: Policies
  readonly hostedDomains: HostedDomains
  readonly archiveTerms: ArchiveTerms
  readonly dkimKeys: DkimKeys
  readonly secrets: Pick<SecretKey, 'seal'>
  /** The DNS as it is now, without what was kept from before. */
  readonly freshDns: () => DnsResolver
  /** A demo signs at once: its records are nowhere. */
  readonly demo: () => boolean
  readonly sources: Pick<RecipientSources, 'directory'>
  readonly views: ViewReader
  readonly clock: () => Instant
  readonly logger: Logger
  readonly hostname: string
  readonly node: string
  /** Base of the links in notices. */
  readonly publicUrl: string
  readonly conditions: Conditions
  /** What other policies would have made of a mail (apps/inspector/what-if.ts). */
  readonly whatIf: (mail: string, policies: CandidatePolicies) => Promise<readonly Compared[]>
}

/** What the sweeps of the content store stand on. */
export type SweepParts = Pick<
  StewardParts,
  'archiveTerms' | 'clock' | 'commands' | 'content' | 'log' | 'logger' | 'policies' | 'views'
>

/** What the alarms watch. */
export interface Conditions {
  freeBytes(): number
  /** When the TLS certificate ends. */
  certificateEndsAt(): Instant | null
  /** Per projection: how far behind (milliseconds), and why it stopped, if it did. */
  projections(): readonly { readonly name: string; readonly lagMs: number; readonly stopped: string | null }[]
  /** Names of the reaction groups that run here. */
  readonly groups: readonly string[]
  /** Scanners that don't answer, with why. */
  scannersAway(): ReadonlyMap<string, string>
  /** Whether a scanner has answered since the start. */
  scannersHaveAnswered(): boolean
}
