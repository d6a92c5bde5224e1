import { emptyAddressBook, type Owner } from './address-book.ts'
import { evolveDkim } from './dkim.ts'
import type { DomainSettings, HostedDomainEvent } from './events.ts'
import { evolveSrsKeys } from './srs-keys.ts'
import { noSync, type HostedDomain, type HostedDomainState } from './state.ts'

export const evolve = (state: HostedDomainState, event: HostedDomainEvent): HostedDomainState => {
  if (event.type === 'DomainAdded') {
    const { name, ...settings } = event.data
    return {
      name,
      settings,
      mailboxHostPassword: null,
      archives: false,
      addresses: emptyAddressBook,
      sync: noSync,
      dkim: [],
      srsKeys: [],
    }
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
    case 'MailboxHostPasswordSet':
      return { ...domain, mailboxHostPassword: event.data.password }
    case 'ArchiveDefaultSet':
      return { ...domain, archives: event.data.subscribed }
    case 'AddressClaimed':
      return owned(domain, event.data.address, { kind: 'account', source: event.data.source })
    case 'AliasAdded':
      return owned(domain, event.data.address, {
        kind: 'alias',
        account: event.data.account,
        source: event.data.source,
      })
    case 'GroupDefined': {
      const { address, displayName, members, source } = event.data
      return owned(domain, address, { kind: 'group', displayName, members, source })
    }
    case 'AddressReleased':
    case 'AliasRemoved':
    case 'GroupRemoved':
      return { ...domain, addresses: domain.addresses.without(event.data.address) }
    case 'DirectorySyncRequested':
      return { ...domain, sync: { ...domain.sync, requested: event.data } }
    case 'DirectorySyncStarted':
      return { ...domain, sync: { ...domain.sync, leaseUntil: event.data.leaseUntil } }
    case 'DirectorySynced':
    case 'DirectorySyncFailed':
      return { ...domain, sync: { requested: null, leaseUntil: null, nextAt: event.data.nextAt } }
    case 'DkimKeyAdded':
    case 'DkimSigningStarted':
    case 'DkimKeyRetired':
      return { ...domain, dkim: evolveDkim(domain.dkim, event) }
    case 'SrsKeyAdded':
      return { ...domain, srsKeys: evolveSrsKeys(domain.srsKeys, event) }
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
  recipientSource: changes.recipientSource ?? now.recipientSource,
  sendingQuota: changes.sendingQuota === undefined ? now.sendingQuota : changes.sendingQuota,
  spoofing: changes.spoofing ?? now.spoofing,
  sendingAddresses: changes.sendingAddresses ?? now.sendingAddresses,
})
