import type { AuthenticationResults } from '#domain/message/authentication-results'
import type { UnscannableKind } from '#domain/mail/events'
import type { Client } from '#domain/message/client'
import type { InspectionPolicy } from '#domain/policy/documents'
import type { RecordedCheck } from '#domain/scoring/edge-symbols'
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
  /** null: nothing is to be judged. */
  readonly judging: Judging | null
}

/** What judging a mail needs beside its bytes. */
export interface Judging {
  readonly client: Client
  readonly reversePath: string | null
  readonly hostname: string
  readonly acceptedAt: Instant
  readonly policy: Pick<InspectionPolicy, 'attachments' | 'authentication' | 'uriBlockLists'>
  readonly policyVersion: number
  /** The AD bit of its answers is worth something. */
  readonly resolverIsTrusted: boolean
  /** Who scanned it before, and what could not be looked into, when the scan is not asked for. */
  readonly scanner: ScannerIdentity | null
  readonly unscannable: readonly UnscannableKind[]
  /** What the edge found before. */
  readonly checks: readonly RecordedCheck[]
  /** Lists that the verdict goes by, with their revisions. */
  readonly lists: readonly (readonly [owner: string, revision: number])[]
}

export interface Judgement {
  readonly results: AuthenticationResults
  /** Authentication-Results value (RFC 8601). */
  readonly header: string
  /** Names of all symbols that were found: those of edge checks and of what could not be scanned, too. */
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
