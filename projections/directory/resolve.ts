import type { Forward } from '#domain/mail/events'
import { domainOf, localPartOf, withoutDetail } from '#domain/message/mailbox'
import { Expansion, ownerOf, type DirectoryLookup, type OutsideMember } from './expansion.ts'
import type { AddressRow, DomainRow, RoleRow } from './tables.ts'

export type { DirectoryLookup } from './expansion.ts'

/** A mailbox that an address leads to, and where its copy goes on to outside. */
export interface ResolvedMailbox {
  /** As given. */
  readonly address: string
  readonly mailbox: string
  readonly forward?: Forward
}

export type Resolution =
  /**
   * One recipient per mailbox. `outside`: members of groups that are in no hosted domain, and their group. `account`: whose address it is, with
   * or without a detail; null: it is of no single one. `postmaster`: asked for as postmaster of a hosted domain (or alone), which is never
   * judged as spam.
   */
  | {
      readonly kind: 'mailboxes'
      readonly recipients: readonly ResolvedMailbox[]
      readonly outside: readonly OutsideMember[]
      readonly account: string | null
      readonly postmaster: boolean
    }
  | { readonly kind: 'unknown-domain' }
  | { readonly kind: 'unknown-recipient' }

/**
 * Where an address of RCPT TO leads: an account and where that forwards to, an alias, a group (one recipient per member, each mailbox once),
 * with or without a sub-address, whatever its case. `postmaster@` of a hosted domain always leads somewhere: to the address of
 * that name, else the domain's postmaster, else the administrators; so does `postmaster` alone (RFC 5321 4.5.1).
 */
export function resolveRecipient(address: string, read: DirectoryLookup): Resolution {
  const key = address.toLowerCase()
  if (key === 'postmaster') return found(address, administrators(read), null, true)
  const domain = read('domains', [domainOf(key)]) as DomainRow | undefined
  if (domain === undefined) return { kind: 'unknown-domain' }
  const owner = ownerOf(key, domain, read)
  const postmaster = localPartOf(withoutDetail(key, domain.subAddressDelimiter || '+')) === 'postmaster'
  if (owner !== undefined) {
    const resolved = found(address, new Expansion(read).of(owner), owner, postmaster)
    if (resolved.kind === 'mailboxes' || !postmaster) return resolved
  }
  if (!postmaster) return { kind: 'unknown-recipient' }
  return found(address, postmastersOf(domain, read), null, true)
}

function found(
  address: string,
  { mailboxes, outside }: Pick<Expansion, 'mailboxes' | 'outside'>,
  owner: AddressRow | null,
  postmaster: boolean,
): Resolution {
  if (mailboxes.size === 0 && outside.length === 0) return { kind: 'unknown-recipient' }
  const recipients = [...mailboxes].map(([mailbox, forward]) =>
    forward === null ? { address, mailbox } : { address, mailbox, forward },
  )
  const account = owner === null || owner.kind === 'group' ? null : owner.target
  return { kind: 'mailboxes', recipients, outside, account, postmaster }
}

function postmastersOf(domain: DomainRow, read: DirectoryLookup): Expansion {
  if (domain.postmaster !== null) {
    const key = domain.postmaster.toLowerCase()
    const home = read('domains', [domainOf(key)]) as DomainRow | undefined
    const owner = home === undefined ? undefined : ownerOf(key, home, read)
    if (owner !== undefined) {
      const named = new Expansion(read).of(owner)
      if (named.mailboxes.size > 0) return named
    }
  }
  return administrators(read)
}

const administrators = (read: DirectoryLookup): Expansion => {
  const expansion = new Expansion(read)
  const members = JSON.parse((read('roles', ['admin']) as RoleRow | undefined)?.members ?? '[]') as string[]
  for (const member of members) expansion.account(member)
  return expansion
}
