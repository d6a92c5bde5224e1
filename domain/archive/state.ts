import type { ArchiveEvent } from './events.ts'
import type { Hold } from './holds.ts'
import type { OwnRetention } from './retention.ts'

export interface ArchiveAccount {
  /** null: as its domain says. */
  readonly subscribed: boolean | null
  /** In bytes, null: without a bound; `policy`: as it says. */
  readonly quota: number | null | 'policy'
  /** Oldest first. */
  readonly retention: readonly OwnRetention[]
  /** Those in place, oldest first. */
  readonly holds: readonly Hold[]
  /** The newest batch; null: nothing was ever purged. */
  readonly purged: Extract<ArchiveEvent, { type: 'Purged' }>['data'] | null
}

export const untouchedArchive: ArchiveAccount = {
  subscribed: null,
  quota: 'policy',
  retention: [],
  holds: [],
  purged: null,
}

/** What holds for what comes now. */
export const ownRetention = ({ retention }: Pick<ArchiveAccount, 'retention'>): OwnRetention['days'] => {
  const newest = retention.at(-1)
  return newest === undefined ? 'policy' : newest.days
}

export const MAXIMUM_HOLDS = 200
