import { Declined, isDeclined, type Decider } from '../kernel/decider.ts'
import { isHostName, parseDomainName } from '../message/domain-name.ts'
import type { Owner } from './address-book.ts'
import type { HostedDomainCommand } from './commands.ts'
import { decideDkim } from './dkim.ts'
import { decideSync } from './sync.ts'
import { domainSettings, type DomainSettings, type HostedDomainEvent } from './events.ts'
import { evolve } from './evolve.ts'
import { adopt, withdraw } from './directory-copy.ts'
import { defineGroup } from './groups.ts'
import { MAILBOX_ROUTES, parseMailboxRoute } from './mailbox-route.ts'
import { ownAddress } from './own-address.ts'
import { sameQuota } from '../account/sending-quota.ts'
import { sameSource } from './recipient-source.ts'
import { addSrsKey } from './srs-keys.ts'
import { defaultDomainSettings, MAXIMUM_ADDRESSES, type HostedDomain, type HostedDomainState } from './state.ts'

type Command<Kind extends HostedDomainCommand['kind']> = Extract<HostedDomainCommand, { kind: Kind }>
type Answer = readonly HostedDomainEvent[] | Declined

const decide = (command: HostedDomainCommand, domain: HostedDomainState): Answer => {
  if (command.kind === 'add-domain') return add(domain, command)
  if (domain === null) return new Declined('not-found', 'this domain is not hosted here')
  switch (command.kind) {
    case 'change-domain':
      return change(domain, command)
    case 'set-mailbox-host-password':
      return command.password === domain.mailboxHostPassword
        ? []
        : [{ type: 'MailboxHostPasswordSet', data: { password: command.password } }]
    case 'set-archive-default':
      return command.subscribed === domain.archives
        ? []
        : [{ type: 'ArchiveDefaultSet', data: { subscribed: command.subscribed } }]
    case 'remove-domain':
      return domain.addresses.size === 0
        ? [{ type: 'DomainRemoved', data: {} }]
        : new Declined('conflict', `${domain.name} still has ${domain.addresses.size} addresses`)
    case 'claim-address':
      return claim(domain, command)
    case 'release-address':
      return release(domain, command)
    case 'add-alias':
      return addAlias(domain, command)
    case 'remove-alias':
      return takeAway(domain, command.address, 'alias', (address) => ({ type: 'AliasRemoved', data: { address } }))
    case 'define-group':
      return defineGroup(domain, command)
    case 'remove-group':
      return takeAway(domain, command.address, 'group', (address) => ({ type: 'GroupRemoved', data: { address } }))
    case 'adopt-addresses':
      return adopt(domain, command)
    case 'withdraw-addresses':
      return withdraw(domain, command.addresses)
    case 'request-sync':
    case 'start-sync':
    case 'finish-sync':
    case 'fail-sync':
      return decideSync(command, domain)
    case 'add-dkim-keys':
    case 'start-dkim-signing':
    case 'retire-dkim-key':
      return decideDkim(command, domain.dkim)
    case 'add-srs-key':
      return addSrsKey(domain.srsKeys, command)
  }
}

const add = (domain: HostedDomainState, { name: typed, settings }: Command<'add-domain'>): Answer => {
  const name = parseDomainName(typed)
  if (name === null || !isHostName(name)) {
    return new Declined('invalid', `"${typed.slice(0, 253)}" is no domain name`)
  }
  const wanted = { ...defaultDomainSettings, ...settings }
  const problem = problemWith(wanted) ?? noRoute(wanted.mailboxHost) ?? nobodyToAsk(wanted)
  if (problem !== null) return problem
  if (domain === null) return [{ type: 'DomainAdded', data: { name, ...wanted } }]
  return Object.keys(differences(domain.settings, wanted)).length === 0
    ? []
    : new Declined('conflict', `${name} is hosted already, with other settings`)
}

const change = (domain: HostedDomain, { changes }: Command<'change-domain'>): Answer => {
  const wanted = { ...domain.settings, ...changes }
  const problem = problemWith(wanted) ?? noRoute(changes.mailboxHost) ?? nobodyToAsk(wanted)
  if (problem !== null) return problem
  const changed = differences(domain.settings, changes)
  return Object.keys(changed).length === 0 ? [] : [{ type: 'DomainChanged', data: changed }]
}

const claim = (domain: HostedDomain, command: Command<'claim-address'>): Answer => {
  const address = ownAddress(command.address, domain.name)
  if (isDeclined(address)) return address
  const owner = domain.addresses.get(address)
  if (owner !== undefined) return owner.kind === 'account' ? [] : taken(address, owner)
  return full(domain) ?? [{ type: 'AddressClaimed', data: { address, source: command.source ?? 'own' } }]
}

const release = (domain: HostedDomain, command: Command<'release-address'>): Answer => {
  const aliases = [...domain.addresses.entries()]
    .filter(([, owner]) => owner.kind === 'alias' && owner.account === command.address)
    .map(([address]): HostedDomainEvent => ({ type: 'AliasRemoved', data: { address } }))
  const released = takeAway(domain, command.address, 'account', (address) => ({
    type: 'AddressReleased',
    data: { address },
  }))
  return isDeclined(released) || released.length === 0 ? released : [...aliases, ...released]
}

const addAlias = (domain: HostedDomain, command: Command<'add-alias'>): Answer => {
  const address = ownAddress(command.address, domain.name)
  if (isDeclined(address)) return address
  const account = ownAddress(command.account, command.account.slice(command.account.lastIndexOf('@') + 1))
  if (isDeclined(account)) return account
  const owner = domain.addresses.get(address)
  if (owner !== undefined) {
    return owner.kind === 'alias' && owner.account === account ? [] : taken(address, owner)
  }
  // An account of another hosted domain can't be seen from here; who asks has looked.
  if (account.endsWith(`@${domain.name}`) && domain.addresses.get(account)?.kind !== 'account') {
    return new Declined('not-found', `there is no account ${account}`)
  }
  return full(domain) ?? [{ type: 'AliasAdded', data: { address, account, source: 'own' } }]
}

const takeAway = (
  domain: HostedDomain,
  text: string,
  kind: Owner['kind'],
  event: (address: string) => HostedDomainEvent,
): Answer => {
  const address = ownAddress(text, domain.name)
  if (isDeclined(address)) return address
  const owner = domain.addresses.get(address)
  if (owner === undefined) return []
  return owner.kind === kind ? [event(address)] : taken(address, owner)
}

const taken = (address: string, owner: Owner): Declined =>
  new Declined(
    'conflict',
    owner.kind === 'alias' ? `${address} is an alias of ${owner.account}` : `${address} is ${aKind[owner.kind]}`,
  )

const aKind = { account: 'an account', group: 'a group' } as const

const full = (domain: HostedDomain): Declined | null =>
  domain.addresses.size >= MAXIMUM_ADDRESSES
    ? new Declined('over-limit', `a domain has at most ${MAXIMUM_ADDRESSES} addresses`)
    : null

const problemWith = (settings: DomainSettings): Declined | null => {
  const parsed = domainSettings.strict().safeParse(settings)
  return parsed.success
    ? null
    : new Declined(
        'invalid',
        parsed.error.issues.map((issue) => `${issue.path.map(String).join('.')}: ${issue.message}`).join('; '),
      )
}

const noRoute = (mailboxHost: string | undefined): Declined | null =>
  mailboxHost === undefined || parseMailboxRoute(mailboxHost) !== null
    ? null
    : new Declined('invalid', `mailboxHost: ${MAILBOX_ROUTES}`)

/** Our own Maildirs know no more recipients than our own directory. */
const nobodyToAsk = ({ mailboxHost, recipientSource }: DomainSettings): Declined | null =>
  recipientSource === 'rcpt' && parseMailboxRoute(mailboxHost)?.kind === 'maildir'
    ? new Declined('invalid', 'recipientSource: rcpt asks the mailbox host, so mailboxHost must name one, not maildir')
    : null

const differences = (now: DomainSettings, wanted: Partial<DomainSettings>): Partial<DomainSettings> => {
  const { mailboxHost, threshold, allowListGuard, subAddressDelimiter, postmaster, recipientSource } = wanted
  const { sendingQuota, spoofing, sendingAddresses } = wanted
  return {
    ...(mailboxHost === undefined || mailboxHost === now.mailboxHost ? {} : { mailboxHost }),
    ...(threshold === undefined || threshold === now.threshold ? {} : { threshold }),
    ...(allowListGuard === undefined || allowListGuard === now.allowListGuard ? {} : { allowListGuard }),
    ...(subAddressDelimiter === undefined || subAddressDelimiter === now.subAddressDelimiter
      ? {}
      : { subAddressDelimiter }),
    ...(postmaster === undefined || postmaster === now.postmaster ? {} : { postmaster }),
    ...(recipientSource === undefined || sameSource(recipientSource, now.recipientSource) ? {} : { recipientSource }),
    ...(sendingQuota === undefined || sameQuota(sendingQuota, now.sendingQuota) ? {} : { sendingQuota }),
    ...(spoofing === undefined || spoofing === now.spoofing ? {} : { spoofing }),
    ...(sendingAddresses === undefined || sendingAddresses.join() === now.sendingAddresses.join()
      ? {}
      : { sendingAddresses }),
  }
}

export const hostedDomainDecider: Decider<HostedDomainCommand, HostedDomainEvent, HostedDomainState> = {
  initial: null,
  evolve,
  decide,
}
