import type { Instant } from '#domain/kernel/instant'
import type { Table } from '#domain/kernel/projection'

/** Mails the inspector owes something. Due now: `dueAt <= :now`, oldest first by (dueAt, mail). */
export type InspectionRow = {
  readonly mail: string
  readonly acceptedAt: Instant
  readonly dueAt: Instant
  /** Scans that had no answer so far. */
  readonly attempt: number
  /** Which scanner, and why it has no answer. */
  readonly waitsFor: string | null
  /** Held because no scanner answered for too long; still to be scanned. */
  readonly gaveUp: 0 | 1
  /** Recipients without a verdict. */
  readonly unjudged: number
  /** Recipients held for want of a scanner. */
  readonly rescans: number
  /** Recipients whose release waits for its scan. */
  readonly releases: number
  /** JSON: the mailboxes; empty where only releases are owed. */
  readonly recipients: string
}

/** Mails that a node inspects now, or was inspecting when it died. */
export type InspectionClaimRow = {
  readonly mail: string
  readonly node: string
  readonly at: Instant
  /** Until then nobody else may. */
  readonly until: Instant
}

export type OwedRow = {
  readonly mail: string
  readonly recipient: string
  readonly owed: 'verdict' | 'rescan' | 'release'
}

/** `mails`: accepted and not yet judged; `releases`: recipients whose release waits for a scan. No row: none. */
export type BacklogRow = { readonly name: 'mails' | 'releases'; readonly count: number }

export const inspectionTables: readonly Table[] = [
  {
    name: 'mails',
    key: ['mail'],
    columns: {
      mail: 'text',
      acceptedAt: 'integer',
      dueAt: 'integer',
      attempt: 'integer',
      waitsFor: 'text',
      gaveUp: 'integer',
      unjudged: 'integer',
      rescans: 'integer',
      releases: 'integer',
      recipients: 'text',
    },
    indexes: [['dueAt', 'mail']],
  },
  {
    name: 'recipients',
    key: ['mail', 'recipient'],
    columns: { mail: 'text', recipient: 'text', owed: 'text' },
  },
  { name: 'claims', key: ['mail'], columns: { mail: 'text', node: 'text', at: 'integer', until: 'integer' } },
  { name: 'backlog', key: ['name'], columns: { name: 'text', count: 'integer' } },
]
