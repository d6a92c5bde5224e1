/**
 * One virus scanner. A scanner's silence is never clean: what it could not look at is `unavailable` (try again) or
 * `unscannable` (policy decides). The contract suite in test/contract/antivirus runs against every implementation.
 */
export interface VirusScanner {
  readonly name: string
  scan(source: ScanSource, signal?: AbortSignal): Promise<ScanOutcome>
  /** Name, version and database, as put into events; rejects when the scanner is away. */
  identify(): Promise<ScannerIdentity>
  close(): Promise<void>
}

/** The raw message, readable more than once. */
export interface ScanSource {
  readonly size: number
  open(): AsyncIterable<Uint8Array>
}

export interface ScannerIdentity {
  readonly name: string
  readonly version: string
  /** The signature database's version, e.g. `27001`, or a digest of the project's own rules. */
  readonly database: string
}

export type UnscannableKind = 'encrypted' | 'malformed' | 'too-deep' | 'too-large' | 'bomb'

export type ScanOutcome =
  | { readonly outcome: 'clean'; readonly scanner: ScannerIdentity }
  /** `part` names where, e.g. `invoice.zip/x.com`. */
  | {
      readonly outcome: 'infected'
      readonly scanner: ScannerIdentity
      readonly viruses: readonly { name: string; part: string }[]
    }
  | { readonly outcome: 'unavailable'; readonly scanner: { readonly name: string }; readonly reason: string }
  | {
      readonly outcome: 'unscannable'
      readonly scanner: ScannerIdentity
      readonly findings: readonly { kind: UnscannableKind; part: string; detail: string }[]
    }
