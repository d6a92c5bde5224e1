import type { Instant } from '#domain/kernel/instant'
import type { Table } from '#domain/kernel/projection'

/** An archive account that something was set for, or that has copies. */
export type ArchiveAccountRow = {
  readonly address: string
  readonly domain: string
  /** null: as its domain says. */
  readonly subscribed: 0 | 1 | null
  /** 1: `quotaBytes` is its own (null: without a bound); 0: the policy's holds. */
  readonly ownQuota: 0 | 1
  readonly quotaBytes: number | null
  /** The same of `retentionDays` (null: for ever). */
  readonly ownRetention: 0 | 1
  readonly retentionDays: number | null
  readonly holds: number
  readonly copies: number
  readonly usedBytes: number
  /** The account was deleted then: what is older was somebody's who had the address before. */
  readonly formerUntil: Instant | null
}

/** A hold in place. */
export type HoldRow = {
  readonly address: string
  readonly hold: string
  readonly name: string
  readonly from: Instant | null
  readonly until: Instant | null
  readonly query: string | null
  readonly reason: string
  readonly placedBy: string
  readonly at: Instant
}

export const archiveAccountsTables: readonly Table[] = [
  {
    name: 'accounts',
    key: ['address'],
    columns: {
      address: 'text',
      domain: 'text',
      subscribed: 'integer',
      ownQuota: 'integer',
      quotaBytes: 'integer',
      ownRetention: 'integer',
      retentionDays: 'integer',
      holds: 'integer',
      copies: 'integer',
      usedBytes: 'integer',
      formerUntil: 'integer',
    },
    indexes: [
      ['domain', 'address'],
      ['ownQuota', 'usedBytes'],
    ],
  },
  /** What came in and was purged in a day: the days since 1970 (UTC). */
  {
    name: 'growth',
    key: ['address', 'day'],
    columns: { address: 'text', day: 'integer', copies: 'integer', bytes: 'integer', purgedBytes: 'integer' },
  },
  {
    name: 'holds',
    key: ['address', 'hold'],
    columns: {
      address: 'text',
      hold: 'text',
      name: 'text',
      from: 'integer',
      until: 'integer',
      query: 'text',
      reason: 'text',
      placedBy: 'text',
      at: 'integer',
    },
  },
]
