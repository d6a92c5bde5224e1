import { Declined, isDeclined } from '../kernel/decider.ts'
import type { Address } from '../message/mailbox.ts'
import type { HostedDomainCommand } from './commands.ts'
import type { HostedDomainEvent } from './events.ts'
import { ownAddress } from './own-address.ts'
import { MAXIMUM_ADDRESSES, type HostedDomain } from './state.ts'

type Answer = readonly HostedDomainEvent[] | Declined

/** In one command: one append must stay below the log's 1 MiB. */
export const MOST_ADOPTED = 1_000

/** Takes over addresses that the LDAP directory has. What was made here by hand stays as it is: the directory never takes it. */
export const adopt = (
  domain: HostedDomain,
  { accounts, aliases }: Extract<HostedDomainCommand, { kind: 'adopt-addresses' }>,
): Answer => {
  if (accounts.length + aliases.length > MOST_ADOPTED) return tooMany
  const events: HostedDomainEvent[] = []
  const now = new Map<Address, 'account' | 'alias'>()
  for (const text of accounts) {
    const address = ownAddress(text, domain.name)
    if (isDeclined(address)) return address
    const owner = domain.addresses.get(address)
    if (now.has(address) || owner?.kind === 'account' || owner?.source === 'own') continue
    if (owner !== undefined) events.push(withdrawal(address, owner.kind))
    events.push({ type: 'AddressClaimed', data: { address, source: 'ldap' } })
    now.set(address, 'account')
  }
  for (const { address: text, account } of aliases) {
    const address = ownAddress(text, domain.name)
    if (isDeclined(address)) return address
    const owner = domain.addresses.get(address)
    if (now.has(address) || owner?.source === 'own') continue
    if (owner?.kind === 'alias' && owner.account === account) continue
    if (now.get(account) !== 'account' && domain.addresses.get(account)?.kind !== 'account') continue
    // An account that is an alias now: its owner must be gone first, which the next sync does.
    if (owner?.kind === 'account') continue
    if (owner !== undefined) events.push(withdrawal(address, owner.kind))
    events.push({ type: 'AliasAdded', data: { address, account, source: 'ldap' } })
    now.set(address, 'alias')
  }
  return domain.addresses.size + now.size > MAXIMUM_ADDRESSES
    ? new Declined('over-limit', `a domain has at most ${MAXIMUM_ADDRESSES} addresses`)
    : events
}

/** Lets addresses go that were copied from the directory, with the copied aliases of accounts among them. */
export const withdraw = (domain: HostedDomain, addresses: readonly Address[]): Answer => {
  if (addresses.length > MOST_ADOPTED) return tooMany
  const going = new Map<Address, HostedDomainEvent>()
  const accounts = new Set<Address>()
  for (const address of addresses) {
    const owner = domain.addresses.get(address)
    if (owner?.source !== 'ldap') continue
    going.set(address, withdrawal(address, owner.kind))
    if (owner.kind === 'account') accounts.add(address)
  }
  if (accounts.size > 0)
    for (const [address, owner] of domain.addresses.entries())
      if (owner.kind === 'alias' && accounts.has(owner.account)) going.set(address, withdrawal(address, 'alias'))
  const events = [...going.values()]
  // An account leaves after its aliases.
  return [...events.filter(({ type }) => type !== 'AddressReleased'), ...events.filter(isRelease)]
}

const isRelease = ({ type }: HostedDomainEvent): boolean => type === 'AddressReleased'

const withdrawal = (address: Address, kind: 'account' | 'alias' | 'group'): HostedDomainEvent => ({
  type: kind === 'account' ? 'AddressReleased' : kind === 'alias' ? 'AliasRemoved' : 'GroupRemoved',
  data: { address },
})

const tooMany = new Declined('over-limit', `at most ${MOST_ADOPTED} addresses in one command`)
