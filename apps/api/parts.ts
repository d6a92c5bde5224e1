import type { Commands } from '#infra/commands/commands'
import type { HostedDomains } from '#infra/commands/hosted-domains'
import type { Journal } from '#infra/commands/journal'
import type { Policies } from '#infra/commands/policies'
import type { StreamStates } from '#infra/commands/stream-states'
import type { ContentStore } from '#infra/content-store/port'
import type { EventLog } from '#infra/event-log/port'
import type { ViewReader } from '#infra/views/port'

export const API_PARTS = Symbol('what the API stands on')

/** Everything the API takes from outside, in one place: `apps/mailkeep` gives the real ones, specs theirs. */
export interface ApiParts {
  readonly log: ApiLog
  readonly events: EventLog
  readonly content: ContentStore
  readonly views: ViewReader
  readonly commands: Commands
  readonly states: StreamStates
  readonly journal: Journal
  readonly policies: Policies
  readonly hostedDomains: HostedDomains
  readonly secrets: Secrets
  readonly projections: ProjectionControl
  readonly readiness: Readiness
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
  seal(plain: string, purpose: string): `sealed:1:${string}:${string}` | string
  open(sealed: string, purpose: string): string
}

export interface ProjectionStatus {
  readonly name: string
  readonly version: number
  /** Position up to which it has read, null: nothing yet. */
  readonly checkpoint: string | null
  /** Events it still has to read, null when not known. */
  readonly lag: number | null
  readonly rebuilding: boolean
  /** Set when a poisoned event stopped it. */
  readonly stopped: { readonly event: string; readonly position: string; readonly reason: string } | null
}

export interface ProjectionControl {
  status(): Promise<readonly ProjectionStatus[]>
  /** Resolves when the rebuilt view has been swapped in. */
  rebuild(name: string): Promise<void>
  verify(name: string): Promise<{ readonly same: boolean; readonly live: string; readonly rebuilt: string }>
}

export interface Readiness {
  /** What stands against readiness, as sentences; empty: ready. */
  problems(): Promise<readonly string[]>
}

export interface MetricsText {
  readonly contentType: string
  metrics(): Promise<string>
}
