import type { ArchiveTerms } from '#infra/commands/archive-terms'
import type { Commands } from '#infra/commands/commands'
import type { DkimKeys } from '#infra/commands/dkim-keys'
import type { HostedDomains } from '#infra/commands/hosted-domains'
import type { Journal } from '#infra/commands/journal'
import type { Policies } from '#infra/commands/policies'
import type { StreamStates } from '#infra/commands/stream-states'
import type { Credentials } from '#infra/credentials/credentials'
import type { ContentStore } from '#infra/content-store/port'
import type { DnsResolver } from '#infra/dns/port'
import type { EventLog } from '#infra/event-log/port'
import type { SearchReader } from '#infra/search/port'
import type { ViewReader } from '#infra/views/port'

export const API_PARTS = Symbol('what the API stands on')

/** Everything the API takes from outside, in one place: `apps/mailkeep` gives the real ones, specs theirs. */
export interface ApiParts {
  readonly log: ApiLog
  readonly events: EventLog
  readonly content: ContentStore
  readonly views: ViewReader
  readonly search: SearchReader
  readonly commands: Commands
  readonly states: StreamStates
  readonly journal: Journal
  readonly policies: Policies
  readonly hostedDomains: HostedDomains
  readonly archiveTerms: ArchiveTerms
  readonly dkimKeys: DkimKeys
  /** Our name in the DNS. */
  readonly hostname: string
  /** The DNS as it is now, without what was kept from before: for who has just published something and looks. */
  readonly freshDns: () => DnsResolver
  readonly secrets: Secrets
  readonly credentials: Credentials
  readonly projections: ProjectionControl
  readonly readiness: Readiness
  readonly digests: DigestsNow
  readonly metrics: MetricsText
  readonly now: () => number
  /** Networks (CIDR) whose X-Forwarded-For is believed. */
  readonly trustedProxies: readonly string[]
  /** Specs: every JSON answer is checked against its route's spec. */
  readonly checkAnswers?: boolean
}

/** As pino has it. */
export interface ApiLog {
  error(about: object, sentence: string): void
  warn(about: object, sentence: string): void
  info(about: object, sentence: string): void
  debug(about: object, sentence: string): void
}

/** Secrets under `secret.key`, each bound to one purpose. */
export interface Secrets {
  derive(use: string, bytes?: number): Buffer
  seal(plain: string, purpose: string): `sealed:1:${string}:${string}` | string
  open(sealed: string, purpose: string): string
}

/** One view, as the projector tells it. */
export interface ProjectionStatus {
  readonly name: string
  readonly version: number
  readonly state: 'live' | 'catching-up' | 'rebuilding' | 'stopped'
  /** What the answers are from; null: it has read nothing. */
  readonly checkpoint: string | null
  /** Events it has taken. */
  readonly events: number
  readonly lag: { readonly events: number; readonly ms: number }
  /** The event it can't take, and why. */
  readonly stopped: {
    readonly position: string
    readonly stream: string
    readonly revision: number
    readonly type: string
    readonly occurredAt: number
    readonly reason: string
  } | null
  readonly rebuild: { readonly checkpoint: string | null; readonly events: number } | null
}

interface ProjectionControl {
  status(): readonly ProjectionStatus[]
  /** Resolves when the rebuilt view has taken the place of the live one. */
  rebuild(name: string): Promise<{ readonly events: number; readonly ms: number }>
  /** Builds it anew beside the live one and compares: what differs, by table. */
  verify(name: string): Promise<{ readonly same: boolean; readonly events: number; readonly ms: number } & object>
}

/** Digests beside the daily one; null: there is no such account. */
interface DigestsNow {
  preview(address: string): Promise<{ readonly subject: string; readonly text: string; readonly html: string } | null>
  /** Answers the mail's id. */
  send(address: string): Promise<string | null>
}

interface Readiness {
  /** What stands against readiness besides the views, as sentences; empty: nothing. */
  problems(): readonly string[] | Promise<readonly string[]>
}

interface MetricsText {
  readonly contentType: string
  text(): Promise<string>
}
