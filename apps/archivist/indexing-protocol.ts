import type { LogAddress } from '#infra/event-log/engines'
import type { SearchAddress } from '#infra/search/open'
import type { IndexVerified } from './verify-index.ts'

/** What the thread is started with. */
export interface IndexingSettings {
  readonly log: LogAddress
  /** Folder of the content store. */
  readonly content: string
  readonly search: SearchAddress
}

export type ToIndexing =
  | { readonly kind: 'verify'; readonly task: number; readonly contents: 'read' | 'there' }
  | { readonly kind: 'stop' }

export type FromIndexing =
  /** null: all is well again. */
  | { readonly kind: 'trouble'; readonly reason: string | null }
  | {
      readonly kind: 'verified'
      readonly task: number
      readonly outcome: { readonly value: IndexVerified } | { readonly error: string }
    }
