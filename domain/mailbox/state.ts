import type { DigestWishes } from './digest-wishes.ts'
import { emptyMap, type PersistentMap } from '../kernel/persistent-map.ts'

export interface MailboxLists {
  /** Entries in canonical form, each on one list only. */
  readonly entries: PersistentMap<ListEntry>
  /** null: as the domain, or policy, says. */
  readonly digest: DigestWishes | null
}

interface ListEntry {
  readonly list: 'allow' | 'block'
  readonly note: string | null
}

export const noLists: MailboxLists = { entries: emptyMap(), digest: null }

/** Entries on both lists of one owner together. */
export const MAXIMUM_ENTRIES = 10_000
