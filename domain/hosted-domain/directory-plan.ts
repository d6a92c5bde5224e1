import type { Address } from '../message/mailbox.ts'
import { isDeclined } from '../kernel/decider.ts'
import type { AddressBook } from './address-book.ts'
import { ownAddress } from './own-address.ts'
import type { Origin } from './recipient-source.ts'
import { MAXIMUM_MEMBERS } from './state.ts'

/** What a directory says about one mailbox or one group of a domain; addresses are mailbox keys. */
export type DirectoryEntry =
  | {
      readonly kind: 'account'
      readonly address: Address
      readonly displayName: string
      readonly aliases: readonly Address[]
    }
  | {
      readonly kind: 'group'
      readonly address: Address
      readonly displayName: string
      readonly members: readonly Address[]
    }

export interface Known {
  readonly domain: string
  readonly addresses: AddressBook
  /** The accounts of this domain as they are now. */
  readonly accounts: ReadonlyMap<Address, { readonly displayName: string; readonly source: Origin }>
}

/** What makes the copy equal to the directory, in the order in which it is to be done. */
export interface DirectoryPlan {
  readonly found: Counts
  /** Accounts to delete; their addresses are among `withdrawn`. */
  readonly leaving: readonly Address[]
  readonly withdrawn: readonly Address[]
  readonly claimed: readonly Address[]
  readonly aliases: readonly { readonly address: Address; readonly account: Address }[]
  /** Accounts to make, their address being claimed now or before. */
  readonly joining: readonly { readonly address: Address; readonly displayName: string }[]
  readonly renamed: readonly { readonly address: Address; readonly displayName: string }[]
  readonly groups: readonly Extract<DirectoryEntry, { kind: 'group' }>[]
  readonly created: Counts
  readonly removed: Counts
  /** Addresses of the directory that were not taken: they belong to what was made here, to another entry, or can't be an address here. */
  readonly left: number
  /** Accounts that were copied before: what vanishes is measured against them. */
  readonly copied: number
}

interface Counts {
  readonly accounts: number
  readonly aliases: number
  readonly groups: number
}

/** Compares what a directory has with what was copied from it. Two entries with one address: the first by address keeps it. */
export const planDirectory = (known: Known, entries: readonly DirectoryEntry[]): DirectoryPlan => {
  const { addresses, accounts, domain } = known
  const wanted = new Map<Address, 'account' | 'alias' | 'group'>()
  let left = 0
  const take = (address: Address, kind: 'account' | 'alias' | 'group'): boolean => {
    const fit = !wanted.has(address) && !isDeclined(ownAddress(address, domain))
    const free = fit && addresses.get(address)?.source !== 'own'
    if (free) wanted.set(address, kind)
    else left += 1
    return free
  }
  const sorted = entries.toSorted((one, other) => (one.address < other.address ? -1 : 1))
  const people = sorted.filter((entry) => entry.kind === 'account').filter(({ address }) => take(address, 'account'))
  const groups = sorted
    .filter((entry) => entry.kind === 'group')
    .filter(({ members }) => members.length > 0 && members.length <= MAXIMUM_MEMBERS)
    .filter(({ address }) => take(address, 'group'))
  const aliases = people.flatMap(({ address: account, aliases: others }) =>
    others.filter((address) => take(address, 'alias')).map((address) => ({ address, account })),
  )

  const withdrawn: Address[] = []
  const removed = { accounts: 0, aliases: 0, groups: 0 }
  for (const [address, owner] of addresses.entries()) {
    if (owner.source !== 'ldap' || wanted.get(address) === owner.kind) continue
    withdrawn.push(address)
    removed[PLURAL[owner.kind]] += 1
  }
  const isThere = (address: Address, kind: string): boolean => addresses.get(address)?.kind === kind
  const claimed = people.map(({ address }) => address).filter((address) => !isThere(address, 'account'))
  const newAliases = aliases.filter(({ address, account }) => {
    const owner = addresses.get(address)
    return owner?.kind !== 'alias' || owner.account !== account
  })
  const changedGroups = groups.filter(({ address, displayName, members }) => {
    const owner = addresses.get(address)
    return owner?.kind !== 'group' || owner.displayName !== displayName || owner.members.join() !== members.join()
  })
  return {
    found: { accounts: people.length, aliases: aliases.length, groups: groups.length },
    leaving: [...accounts]
      .filter(([address, { source }]) => source === 'ldap' && wanted.get(address) !== 'account')
      .map(([address]) => address),
    withdrawn,
    claimed,
    aliases: newAliases,
    joining: people
      .filter(({ address }) => !accounts.has(address))
      .map(({ address, displayName }) => ({ address, displayName })),
    renamed: people
      .filter(({ address, displayName }) => {
        const account = accounts.get(address)
        return account?.source === 'ldap' && account.displayName !== displayName
      })
      .map(({ address, displayName }) => ({ address, displayName })),
    groups: changedGroups,
    created: {
      accounts: people.filter(({ address }) => !accounts.has(address)).length,
      aliases: newAliases.length,
      groups: changedGroups.filter(({ address }) => !isThere(address, 'group')).length,
    },
    removed,
    left,
    copied: [...accounts.values()].filter(({ source }) => source === 'ldap').length,
  }
}

const PLURAL = { account: 'accounts', alias: 'aliases', group: 'groups' } as const

/** Why a plan is not to be carried out unasked, as a sentence; null: it may be. `atMost`: the share of copied accounts that may vanish. */
export const tooMuchVanishes = (domain: string, { leaving, copied }: DirectoryPlan, atMost: number): string | null =>
  leaving.length === 0 || leaving.length <= copied * atMost
    ? null
    : `${leaving.length} of ${copied} copied accounts are not in the directory any more, more than policy lets go unasked (${Math.round(atMost * 100)}%). If that is right: mailkeep domain sync ${domain} --accept-removals`
