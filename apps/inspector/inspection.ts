import type { AuthenticationResults } from '#domain/message/authentication-results'
import type { Client } from '#domain/message/client'
import type { Instant } from '#domain/kernel/instant'
import type { ScanOutcome, ScannerIdentity } from '#infra/antivirus/port'

/** What a worker is started with. */
export interface InspectionWorkerData {
  /** Folder of the content store. */
  readonly content: string
  readonly engines: readonly ('yara' | 'clamd')[]
  readonly clamdAddress: string | null
  readonly dnsServers: readonly string[]
}

/** What a worker is asked: plain values, they cross a thread. */
export interface InspectionJob {
  readonly contentHash: string
  readonly size: number
  /** The mail itself, where it is at hand; absent: it is in the content store. */
  readonly bytes?: Uint8Array
  /** `scan` alone (a release), or `judge` alone (the scan was recorded before), or both from one reading of the mail. */
  readonly wants: 'scan' | 'judge' | 'scan-and-judge'
  /** Unscannable kinds that policy lets be judged by score: judging goes on after those. */
  readonly scored: readonly string[]
  readonly client: Client
  readonly reversePath: string | null
  readonly hostname: string
  readonly acceptedAt: Instant
  readonly attachments: {
    readonly enabled: boolean
    readonly blockedExtensions: readonly string[] | null
    readonly blockedContent: readonly string[] | null
  }
  readonly policyVersion: number
  /** Who scanned it before, when the scan is not asked for. */
  readonly scanner: ScannerIdentity | null
}

export interface Judgement {
  readonly results: AuthenticationResults
  /** Authentication-Results value (RFC 8601). */
  readonly header: string
  /** Names of the symbols that were found. */
  readonly symbols: readonly string[]
  /** One sentence per blocked attachment. */
  readonly blockedAttachments: readonly string[]
  /** The evidence document, JSON. */
  readonly evidence: string
}

export interface Inspection {
  /** null when not asked for. */
  readonly scan: ScanOutcome | null
  /** null when not asked for, or when the scan rules it out. */
  readonly judgement: Judgement | null
}

/** What a worker answers. Errors lose their class on the way between threads: a mail's failure goes as a value. */
export type InspectionAnswer =
  | { readonly inspection: Inspection }
  | { readonly failure: { readonly name: string; readonly message: string; readonly stack: string | null } }
