import type { Asker } from '../account/asker.ts'
import type { Instant } from '../kernel/instant.ts'
import type { ContentHash } from '../message/content-hash.ts'
import type { CopyRole } from './copy.ts'
import type { ArchiveEvent } from './events.ts'
import type { Hold } from './holds.ts'
import type { PolicyRetention, Retention } from './retention.ts'

/** A copy as its mail has it. */
export interface Candidate {
  readonly mail: string
  readonly role: CopyRole
  readonly contentHash: ContentHash
  readonly size: number
  readonly acceptedAt: Instant
  readonly dueAt: Instant
  readonly retainUntil: Instant | null
}

/** Commands of an archive account. What is kept and for how long is an administrator's, holds are an officer's. */
export type ArchiveCommand =
  /** null: as its domain says. */
  | { readonly kind: 'set-subscription'; readonly subscribed: boolean | null; readonly asker: Asker }
  | { readonly kind: 'set-archive-quota'; readonly bytes: number | null | 'policy'; readonly asker: Asker }
  | {
      readonly kind: 'set-retention'
      readonly days: Retention | 'policy'
      readonly now: Instant
      readonly asker: Asker
    }
  | {
      readonly kind: 'place-hold'
      readonly wanted: Omit<Hold, 'by' | 'at'>
      readonly now: Instant
      readonly asker: Asker
    }
  | {
      readonly kind: 'lift-hold'
      readonly hold: string
      readonly reason: string
      readonly now: Instant
      readonly asker: Asker
    }
  /**
   * By Mailkeep alone, where policy says so. `candidates`: copies that their mails still have, at most `MOST_PURGED`; which of them may go is
   * decided here. `after`: the batch that was the newest when they were looked up, 0 for none, all of whose mails have been told.
   */
  | {
      readonly kind: 'purge'
      readonly after: number
      readonly because: Extract<ArchiveEvent, { type: 'Purged' }>['data']['because']
      readonly policyVersion: number
      readonly policyRetention: readonly PolicyRetention[]
      readonly candidates: readonly Candidate[]
      readonly now: Instant
    }
