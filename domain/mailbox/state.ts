import { emptyMap, type PersistentMap } from '../kernel/persistent-map.ts'

/** Entries in canonical form, each on one list only. */
export interface MailboxLists {
  readonly entries: PersistentMap<ListEntry>
}

interface ListEntry {
  readonly list: 'allow' | 'block'
  readonly note: string | null
}

export const noLists: MailboxLists = { entries: emptyMap() }

/** Entries on both lists of one owner together. */
export const MAXIMUM_ENTRIES = 10_000
