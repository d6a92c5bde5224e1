import { emptyMap, type PersistentMap } from '../kernel/persistent-map.ts'
import type { Address } from '../message/mailbox.ts'
import type { Origin } from './recipient-source.ts'

/** Who an address of this domain belongs to: one address, one owner. Keys are mailbox keys (lower case, A-labels). */
export type Owner =
  | { readonly kind: 'account'; readonly source: Origin }
  | { readonly kind: 'alias'; readonly account: Address; readonly source: Origin }
  | {
      readonly kind: 'group'
      readonly displayName: string
      readonly members: readonly Address[]
      readonly source: Origin
    }

export type AddressBook = PersistentMap<Owner>

export const emptyAddressBook: AddressBook = emptyMap()
