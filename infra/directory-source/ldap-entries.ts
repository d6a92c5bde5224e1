import type { DirectoryEntry } from '#domain/hosted-domain/directory-plan'
import type { Address } from '#domain/message/mailbox'
import { addressesOf, displayNameOf, dnKey, inDomain, isDeleted, type LdapEntry } from './ldap-attributes.ts'

export interface LdapGroup {
  readonly entry: LdapEntry
  /** DNs. */
  readonly members: readonly string[]
}

/** Groups within groups that have no address of their own are followed this deep. */
const MAX_DEPTH = 8

/** People and groups of a directory as what they are in one of our domains. */
export const entriesOf = (
  domain: string,
  people: readonly LdapEntry[],
  groups: readonly LdapGroup[],
): DirectoryEntry[] => {
  const addresses = new Map<string, readonly Address[]>()
  const groupsByDn = new Map<string, LdapGroup>()
  for (const entry of people) if (!isDeleted(entry)) addresses.set(dnKey(entry.dn), addressesOf(entry))
  for (const group of groups) if (!isDeleted(group.entry)) groupsByDn.set(dnKey(group.entry.dn), group)

  const membersOf = (group: LdapGroup): Address[] => {
    const members = new Set<Address>()
    const seen = new Set<string>()
    const follow = ({ members: dns }: LdapGroup, depth: number): void => {
      for (const dn of dns) {
        const key = dnKey(dn)
        if (seen.has(key)) continue
        seen.add(key)
        const person = addresses.get(key)
        const nested = groupsByDn.get(key)
        const [address] = reached(person ?? (nested === undefined ? [] : addressesOf(nested.entry)), domain)
        if (address !== undefined) members.add(address)
        else if (nested !== undefined && depth < MAX_DEPTH) follow(nested, depth + 1)
      }
    }
    follow(group, 0)
    return [...members].toSorted()
  }

  const entries: DirectoryEntry[] = []
  for (const entry of people) {
    if (isDeleted(entry)) continue
    const [address, ...aliases] = inDomain(addressesOf(entry), domain)
    if (address !== undefined) entries.push({ kind: 'account', address, displayName: displayNameOf(entry), aliases })
  }
  for (const group of groupsByDn.values()) {
    const own = inDomain(addressesOf(group.entry), domain)
    if (own.length === 0) continue
    const members = membersOf(group)
    // An alias of a group is a group with the same members.
    for (const address of own)
      entries.push({
        kind: 'group',
        address,
        displayName: displayNameOf(group.entry),
        members: members.filter((member) => member !== address),
      })
  }
  return entries
}

/** How a member is reached: at its address in this domain if it has one. */
const reached = (addresses: readonly Address[], domain: string): readonly Address[] => [
  ...inDomain(addresses, domain),
  ...addresses,
]
