import { emptyAddressBook, type Owner } from './address-book.ts'
import type { DomainSettings, HostedDomainEvent } from './events.ts'
import type { HostedDomain, HostedDomainState } from './state.ts'

export const evolve = (state: HostedDomainState, event: HostedDomainEvent): HostedDomainState => {
  if (event.type === 'DomainAdded') {
    const { name, ...settings } = event.data
    return { name, settings, addresses: emptyAddressBook }
  }
  return state === null ? null : evolveDomain(state, event)
}

const evolveDomain = (
  domain: HostedDomain,
  event: Exclude<HostedDomainEvent, { type: 'DomainAdded' }>,
): HostedDomainState => {
  switch (event.type) {
    case 'DomainChanged':
      return { ...domain, settings: changed(domain.settings, event.data) }
    case 'DomainRemoved':
      return null
    case 'AddressClaimed':
      return owned(domain, event.data.address, { kind: 'account' })
    case 'AliasAdded':
      return owned(domain, event.data.address, { kind: 'alias', account: event.data.account })
    case 'GroupDefined': {
      const { address, displayName, members } = event.data
      return owned(domain, address, { kind: 'group', displayName, members })
    }
    case 'AddressReleased':
    case 'AliasRemoved':
    case 'GroupRemoved':
      return { ...domain, addresses: domain.addresses.without(event.data.address) }
    default:
      event satisfies never
      return domain
  }
}

const owned = (domain: HostedDomain, address: string, owner: Owner): HostedDomain => ({
  ...domain,
  addresses: domain.addresses.with(address, owner),
})

const changed = (
  now: DomainSettings,
  changes: Extract<HostedDomainEvent, { type: 'DomainChanged' }>['data'],
): DomainSettings => ({
  mailboxHost: changes.mailboxHost ?? now.mailboxHost,
  threshold: changes.threshold === undefined ? now.threshold : changes.threshold,
  allowListGuard: changes.allowListGuard ?? now.allowListGuard,
  subAddressDelimiter: changes.subAddressDelimiter ?? now.subAddressDelimiter,
  postmaster: changes.postmaster === undefined ? now.postmaster : changes.postmaster,
})
