import { Declined, isDeclined } from '../kernel/decider.ts'
import { domainOf, localPartOf, mailboxKey, withoutDetail } from '../message/mailbox.ts'
import { parseAddress } from '../message/parse-address.ts'
import type { HostedDomainCommand } from './commands.ts'
import type { HostedDomainEvent } from './events.ts'
import { ownAddress } from './own-address.ts'
import { MAXIMUM_ADDRESSES, MAXIMUM_MEMBERS, MAXIMUM_MEMBERS_LENGTH, type HostedDomain } from './state.ts'

/** A group becomes one recipient per member at acceptance; one without members would swallow mail. */
export const defineGroup = (
  domain: HostedDomain,
  command: Extract<HostedDomainCommand, { kind: 'define-group' }>,
): readonly HostedDomainEvent[] | Declined => {
  const address = ownAddress(command.address, domain.name)
  if (isDeclined(address)) return address
  const { displayName } = command
  const owner = domain.addresses.get(address)
  if (owner !== undefined && owner.kind !== 'group') {
    return new Declined('conflict', `${address} belongs to an ${owner.kind} already`)
  }
  const { source = 'own' } = command
  if (source === 'ldap' && owner?.source === 'own') return new Declined('conflict', `${address} is a group made here`)
  if (owner === undefined && domain.addresses.size >= MAXIMUM_ADDRESSES) {
    return new Declined('over-limit', `a domain has at most ${MAXIMUM_ADDRESSES} addresses`)
  }
  if (displayName.length > 200) return new Declined('invalid', 'displayName: at most 200 characters')
  const members = membersOf(command.members, address)
  if (isDeclined(members)) return members
  const stranger =
    source === 'ldap'
      ? undefined
      : members.find((member) => !owner?.members.includes(member) && !mayJoin(domain, member))
  if (stranger !== undefined) return new Declined('invalid', `members: there is no ${stranger} here`)
  const same = owner?.displayName === displayName && owner.members.join(' ') === members.join(' ')
  return same
    ? []
    : [{ type: 'GroupDefined', data: { address, displayName, members, source: owner?.source ?? source } }]
}

/** Who is in another domain can't be seen from here; who asks has looked. Who was a member before may be gone: that is no reason to refuse a change. */
const mayJoin = (domain: HostedDomain, member: string): boolean => {
  if (domainOf(member) !== domain.name) return true
  const delimiter = domain.settings.subAddressDelimiter
  const plain = delimiter === '' ? member : withoutDetail(member, delimiter)
  return domain.addresses.has(member) || domain.addresses.has(plain) || localPartOf(plain) === 'postmaster'
}

const membersOf = (typed: readonly string[], group: string): string[] | Declined => {
  if (typed.length === 0) return new Declined('invalid', 'members: a group has at least one')
  if (typed.length > MAXIMUM_MEMBERS) return new Declined('over-limit', `members: at most ${MAXIMUM_MEMBERS}`)
  const members = new Set<string>()
  let length = 0
  for (const each of typed) {
    const member = parseAddress(each)
    if (member === null) return new Declined('invalid', `members: "${each.slice(0, 320)}" is no address`)
    if (mailboxKey(member) === group) return new Declined('invalid', 'members: a group is no member of itself')
    members.add(mailboxKey(member))
    length += member.length
  }
  return length > MAXIMUM_MEMBERS_LENGTH
    ? new Declined('over-limit', `members: at most ${MAXIMUM_MEMBERS_LENGTH} characters in all`)
    : [...members]
}
