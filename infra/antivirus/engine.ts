import type { ContentPart } from '#infra/content-scan/port'
import type { ScannerIdentity, UnscannableKind } from './port.ts'

/** One signature engine, given bytes that were already decoded and unpacked. */
export interface ScanEngine {
  readonly name: string
  /** False for what the engine finds in the raw message by itself, so that it need not see it twice. */
  wants(part: ContentPart): boolean
  /** True for an archive that it can only look at from outside. */
  isClosedTo(part: ContentPart): boolean
  /** Never rejects: what goes wrong is `unavailable`. `bytes` is not empty. */
  scan(bytes: Uint8Array, signal?: AbortSignal): Promise<Verdict>
  /** Rejects when the engine is away. */
  identify(): Promise<ScannerIdentity>
  close(): Promise<void>
}

export type Verdict =
  | { readonly verdict: 'clean' }
  | { readonly verdict: 'infected'; readonly viruses: readonly string[] }
  | { readonly verdict: 'unscannable'; readonly kind: UnscannableKind; readonly detail: string }
  | { readonly verdict: 'unavailable'; readonly reason: string }

export const CLEAN: Verdict = { verdict: 'clean' }
