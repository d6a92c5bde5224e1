import type { Logger } from 'pino'
import type { AddressLookup } from '#domain/account/identities'
import type { Instant } from '#domain/kernel/instant'
import type { Forward } from '#domain/mail/events'
import type { ScanOutcome } from '#infra/antivirus/port'
import type { Commands } from '#infra/commands/commands'
import type { HostedDomains } from '#infra/commands/hosted-domains'
import type { Journal } from '#infra/commands/journal'
import type { Policies } from '#infra/commands/policies'
import type { Credentials } from '#infra/credentials/credentials'
import type { SendingQuota } from '#infra/commands/sending-quota'
import type { ContentStore, StoredContent } from '#infra/content-store/port'
import type { Rates } from './rates-port.ts'

/** What the submission listeners stand on; apps/mailkeep puts it together. */
export interface SubmissionParts {
  readonly commands: Pick<Commands, 'mail'>
  readonly content: Pick<ContentStore, 'put'>
  readonly policies: Policies
  readonly hostedDomains: HostedDomains
  readonly recipients: Recipients
  readonly credentials: Pick<Credentials, 'verify' | 'stillHolds'>
  readonly addresses: Addresses
  readonly rates: Rates
  readonly quota: Pick<SendingQuota, 'reserve'>
  readonly scan: Scan
  readonly journal: Pick<Journal, 'refused'>
  readonly logger: Logger
  readonly metrics: SubmissionMetrics
  /** Free bytes where the data is, a moment old. */
  readonly freeBytes: () => number
  readonly clock: () => Instant
  /** 26 characters, sortable by time (ULID). */
  readonly newMailId: () => string
  readonly hostname: string
}

/** Who an address of RCPT TO stands for, from a directory at least as new as the last answered command. */
export interface Recipients {
  lookUp(address: string): Promise<LookUp>
}

export type LookUp =
  | {
      readonly kind: 'mailboxes'
      readonly recipients: readonly {
        readonly address: string
        readonly mailbox: string
        readonly forward?: Forward
      }[]
      /** Members of groups that are in no domain of ours, and their group. */
      readonly outside: readonly { readonly member: string; readonly group: string }[]
    }
  | { readonly kind: 'unknown-domain' }
  | { readonly kind: 'unknown-recipient'; readonly reason?: string }
  /** The directory is behind the log. */
  | { readonly kind: 'unavailable' }
  /** Who knows the domain's recipients doesn't answer. */
  | { readonly kind: 'source-away'; readonly reason: string }

/** What the directory says of addresses, as of the last answered command. */
export interface Addresses {
  /** Throws `ViewBehind`. */
  current(): Promise<AddressLookup>
}

/** Looks for viruses in what goes out, beside the thread that speaks SMTP. Rejects: it could not be looked at now. */
export type Scan = (what: { readonly bytes: Uint8Array } | { readonly stored: StoredContent }) => Promise<ScanOutcome>

export interface SubmissionMetrics {
  /** A mail got its 250; `milliseconds` from the first byte of DATA. */
  accepted(milliseconds: number): void
  refused(stage: string, check: string): void
}
